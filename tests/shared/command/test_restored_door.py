"""Phones of before a restore: they learn everything once, and hand in again what it lost."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from shared import clock
from shared.command import embedded
from shared.command.home import Home
from shared.database import make_engine, make_sessions
from shared.door.roster_cursor import EPOCH
from shared.models import CancelledBy, Device, Registration, Scan
from shared.registrations import self_service
from tests.conftest import Committed, make_settings
from tests.factories import SECRET, make_device, make_door, make_event, make_registration
from tests.support.backups import Operator
from tests.support.door_api import results, scan


class Phone:
    """A paired phone without its screen: the cursor of its roster, and the scans that were acknowledged."""

    def __init__(self, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}"}
        self.cursor = ""
        self.scans: list[dict[str, Any]] = []

    def poll(self, client: FlaskClient) -> dict[str, Any]:
        """Fetch what is new."""
        roster: dict[str, Any] = client.get(f"/api/door/roster?since={self.cursor}", headers=self.headers).get_json()
        self.cursor = roster["cursor"]
        return roster

    def send(self, client: FlaskClient, *scans: dict[str, Any]) -> dict[str, Any]:
        """Hand scans in, or none; say how many were acknowledged before."""
        batch = {"device_time": clock.milliseconds(clock.now()), "handed_in": len(self.scans), "scans": scans}
        answer: dict[str, Any] = client.post("/api/door/scans", json=batch, headers=self.headers).get_json()
        self.scans += [each for each in scans if each not in self.scans]
        return answer


def statuses(roster: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry["status"] for entry in roster["entries"]}


@contextmanager
def cluster_of(data: Path) -> Iterator[Committed]:
    """Run the PostgreSQL of a data folder."""
    with embedded.postgres(data / "postgres", durable=False) as url:
        settings = make_settings(url, "unix:///nowhere", secret_key=Home(data).secret())
        engine = make_engine(settings)
        yield Committed(settings, engine, make_sessions(engine))
        engine.dispose()


def test_after_a_restore_into_a_fresh_cluster_phones_and_server_agree(
    operator: Operator, committed: Committed, home: Path
) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db, starts_at=clock.now())
        tickets = {name: make_registration(db, event, name=name).ticket_id for name in ("Фарзона", "Манижа", "Ҷамшед")}
        kept, lost = (scan(event, tickets[name]) for name in ("Фарзона", "Манижа"))
        token = make_device(db, make_door(db, event))[1]
    client, phone = committed.client(), Phone(token)
    assert phone.poll(client)["whole"]
    assert results(phone.send(client, kept)) == ["accepted"]
    committed.engine.dispose()
    operator.succeed("backup")
    assert results(phone.send(client, lost)) == ["accepted"]
    # What it answers depends on the transactions of other tests; the cursor counts.
    phone.poll(client)
    # As if the old cluster had been a young one: a number that the fresh cluster has reached.
    young = Phone(token)
    young.cursor = f"{phone.cursor.partition('-')[0]}-3"

    operator.succeed("restore", "--data", home / "data")
    assert Home(home / "data").secret() == SECRET.decode()
    with cluster_of(home / "data") as restored:
        client = restored.client()
        with restored.sessions.begin() as db:
            cancelled = db.scalars(select(Registration).where(Registration.name == "Ҷамшед")).one()
            self_service.cancel(db, registration_id=cancelled.id, by=CancelledBy.SELF)
        everyone = {"Фарзона": "confirmed", "Манижа": "confirmed", "Ҷамшед": "cancelled"}
        for each in (young, phone):
            roster = each.poll(client)
            assert (roster["whole"], statuses(roster), len(roster["scans"])) == (True, everyone, 1)
            again = each.poll(client)
            assert (again["whole"], again["entries"], again["scans"]) == (False, [], [])

        assert phone.send(client)["resend"]
        assert results(phone.send(client, kept, lost)) == ["replay", "accepted"]
        assert not phone.send(client)["resend"]
        with restored.sessions.begin() as db:
            assert {str(id_) for id_ in db.scalars(select(Scan.id))} == {kept["id"], lost["id"]}
            assert db.scalars(select(Device.scans)).one() == 2
    operator.succeed("backup", "--data", home / "data")  # nothing runs on it
    assert json.loads(b"".join(operator.content()).partition(b"\n")[0])["secret_key"] == SECRET.decode()


def test_a_folder_with_a_secret_of_its_own_keeps_it_behind_that_of_the_backup(tmp_path: Path) -> None:
    home = Home(tmp_path)
    own = home.secret()
    for _ in range(2):
        home.add_secret(SECRET.decode())
    assert home.secret() == f"{SECRET.decode()},{own}"


@pytest.mark.scale
def test_two_fresh_clusters_with_the_same_backup_have_an_epoch_each(operator: Operator, home: Path) -> None:
    operator.succeed("backup")
    rows = []
    for name in ("first", "second"):
        operator.succeed("restore", "--data", home / name)
        with cluster_of(home / name) as restored, restored.engine.connect() as connection:
            alike = connection.execute(text("SELECT value, tableoid, current_database() FROM epoch")).one()
            rows.append((alike, connection.execute(select(EPOCH)).scalar_one()))
    (first, first_epoch), (second, second_epoch) = rows
    assert first == second
    assert first_epoch != second_epoch
