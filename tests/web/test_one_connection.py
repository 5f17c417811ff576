"""A process with fewer connections than threads never waits for itself: no request needs a second connection."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from shared.database import make_engine
from tests.conftest import NOTHING_KEPT, Committed, browser
from tests.factories import make_device, make_door, make_event, make_registration
from tests.support.door_api import results, scan
from web.app import create_app, make_resources


@pytest.fixture
def client(committed: Committed) -> Iterator[FlaskClient]:
    """Return a browser of a process that keeps nothing and has one connection, which it awaits a tenth of a second."""
    settings = committed.settings.model_copy(update={"turnout_pool": 1})
    engine = make_engine(settings)
    engine.pool._timeout = 0.1  # type: ignore[attr-defined]  # ten seconds elsewhere
    yield browser(create_app(settings, resources=replace(make_resources(settings, engine), **NOTHING_KEPT)))
    engine.dispose()


def test_a_phone_polls_and_uploads_scans_with_one_connection(committed: Committed, client: FlaskClient) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        ticket_id = make_registration(db, event).ticket_id
        _, token = make_device(db, make_door(db, event))
        assert event.sessions
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/door/roster", headers=headers).status_code == 200
    batch = {"device_time": 1, "handed_in": 0, "shifts": [], "walk_ins": []}
    sent = client.post("/api/door/scans", json={**batch, "scans": [scan(event, ticket_id)]}, headers=headers)
    assert results(sent.get_json()) == ["accepted"]


def test_a_visitor_reads_registers_and_is_refused_with_one_connection(
    committed: Committed, client: FlaskClient
) -> None:
    with committed.sessions.begin() as db:
        address = f"/en/e/{make_event(db, capacity=1).slug}"
    assert client.get(address).status_code == 200
    sent = [client.post(f"{address}/registrations", data=form(name)) for name in ("rudaba", "zol")]
    assert [answer.status_code for answer in sent] == [303, 409]


def form(name: str) -> dict[str, str]:
    return {"name": name, "email": f"{name}@example.org", "consent": "yes", "once": f"once-{name}"}
