"""Every route with every role: access, the sign-in, a refusal, or 404.

Each address exists and each body is valid, so that only the access can refuse; tests/support/every_route.py has their
values.
"""

import contextlib
import copy
import re
from collections.abc import Iterator, Mapping

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from shared import clock
from shared.door import phones
from shared.models import Event, Report
from tests.factories import (
    make_account,
    make_device,
    make_door,
    make_event,
    make_organization,
    make_report,
    make_sign_in,
)
from tests.support.every_route import ROUTES, World, access_of, address, make_furnished_world, method_of, named
from web.access import DEVICE, DEVICE_LATE, OPTIONAL_SIGN_IN, ORGANIZER, OWNER, SIGNED_IN, VIEWER, VISITOR, Access

ROLES = ("nobody", "phone", "revoked phone", "stranger", "viewer", "organizer", "owner")
LET_IN: Mapping[Access, set[str]] = {
    VISITOR: set(ROLES),
    DEVICE: {"phone"},
    DEVICE_LATE: {"phone", "revoked phone"},
    OPTIONAL_SIGN_IN: set(ROLES),
    SIGNED_IN: {"stranger", "viewer", "organizer", "owner"},
    VIEWER: {"viewer", "organizer", "owner"},
    ORGANIZER: {"organizer", "owner"},
    OWNER: {"owner"},
}
MEMBERS = (VIEWER, ORGANIZER, OWNER)


@pytest.fixture(scope="module")
def furnished(engine: Engine) -> Iterator[tuple[Connection, World]]:
    """A transaction that is never committed, with a world that is made in it once for two thousand tests."""
    with engine.connect() as connection, contextlib.closing(connection.begin()):
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as db:
            world = make_furnished_world(db)
            db.commit()
        yield connection, world


@pytest.fixture
def connection(furnished: tuple[Connection, World]) -> Iterator[Connection]:
    """The connection with that world; a test's changes are rolled back, and the world stays."""
    with contextlib.closing(furnished[0].begin_nested()):
        yield furnished[0]


@pytest.fixture
def world(furnished: tuple[Connection, World], db: Session) -> World:
    """That world; its event in the test's own session, and the files in its bodies not yet read."""
    _, world = furnished
    return World(db.get_one(Event, world.event.id), world.values, copy.deepcopy(world.bodies))


def become(role: str, client: FlaskClient, db: Session, event: Event) -> dict[str, str]:
    """Act as a role from now on; return the headers to send."""
    if role == "nobody":
        return {}
    if role.endswith("phone"):
        device, token = make_device(db, make_door(db, event))
        if role == "revoked phone":
            phones.revoke(db, device=device, by=make_account(db))
        return {"Authorization": f"Bearer {token}"}
    organization = make_organization(db) if role == "stranger" else event.organization
    account = make_account(db, organization=organization, role="owner" if role == "stranger" else role)
    client.set_cookie("sign_in", make_sign_in(db, account))
    return {}


def refusal(access: Access, role: str) -> int:
    """Return the status that a role without access gets."""
    if access not in MEMBERS or role not in {"stranger", "viewer", "organizer"}:
        return 401
    return 404 if role == "stranger" else 403


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("rule", ROUTES, ids=named)
def test_a_route_lets_in_whom_it_says(rule: Rule, role: str, world: World, client: FlaskClient, db: Session) -> None:
    access = access_of(rule)
    headers = become(role, client, db, world.event)
    path = address(rule, world.values)
    with client.open(path, method=method_of(rule), headers=headers, **world.bodies.get(rule.endpoint, {})) as answer:
        status = answer.status_code
    assert status < 500
    if role not in LET_IN[access]:
        assert status == refusal(access, role)
        return
    assert status not in ({401, 403, 404} if access in MEMBERS else {401, 403})


def test_every_access_has_roles() -> None:
    assert {access_of(rule) for rule in ROUTES} <= LET_IN.keys()


@pytest.mark.parametrize("token", ["", "nothing", "x" * 3000])
def test_an_invalid_sign_in_is_not_signed_in(client: FlaskClient, token: str) -> None:
    client.set_cookie("sign_in", token)
    assert client.get("/organize/").status_code == 401


def test_a_sign_in_ends_when_it_expires_or_is_revoked(client: FlaskClient, db: Session) -> None:
    account = make_account(db)
    for ended in ({"expires_at": clock.now()}, {"revoked_at": clock.now()}):
        client.set_cookie("sign_in", make_sign_in(db, account, **ended))
        assert client.get("/organize/").status_code == 401


def test_another_organizations_event_is_404_like_an_unknown_one(client: FlaskClient, db: Session) -> None:
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, role="owner")))
    draft, published = make_event(db, state="draft"), make_event(db)
    answers = [client.get(f"/organize/events/{number}/") for number in (draft.id, published.id, 999999999)]
    assert {(answer.status_code, without_its_own(answer)) for answer in answers} == {(404, without_its_own(answers[0]))}


def without_its_own(answer: TestResponse) -> str:
    """Return a page without the requested address, and without the id of the response."""
    return re.sub(r"/organize/events/\d+/|[0-9a-f]{32}", "", answer.text)


def test_a_report_of_another_organization_cannot_be_shared(client: FlaskClient, db: Session) -> None:
    event = make_event(db)
    report: Report = make_report(db, event)
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, role="owner")))
    assert client.post(f"/organize/events/{event.id}/report/link").status_code == 404
    assert report.link_version == 1
