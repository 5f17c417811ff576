"""The organizer's changes while phones are at the doors, as phones receive them."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.door import doors
from shared.models import Device, Event, Registration
from tests.factories import make_account, make_registration


def test_a_changed_rule_and_a_renamed_door_reach_a_paired_phone(
    client: FlaskClient, db: Session, event: Event, bearer: dict[str, str]
) -> None:
    device = db.scalars(select(Device)).one()
    assert device.door_pass is not None
    doors.rename(db, door=device.door_pass.door, name={"en": "Garden door"}, by=make_account(db))
    doors.close(db, door=device.door_pass.door, by=make_account(db))
    doors.set_rules(db, event=event, rules=rules(walk_ins=False), by=make_account(db))
    body = client.get("/api/door/roster", headers=bearer).get_json()
    assert body["door"] == {"id": device.door_pass.door_id, "name": {"en": "Garden door"}, "closed": True}
    assert event.starts_at is not None
    assert body["rules"]["held_until"] == clock.milliseconds(event.starts_at) + 5 * 60_000
    assert {name: body["rules"][name] for name in ("admit_unlisted", "walk_ins", "reentry")} == {
        "admit_unlisted": False,
        "walk_ins": False,
        "reentry": True,
    }


def test_a_phone_that_knows_names_is_told_initials_once_the_organizer_wants_them(
    client: FlaskClient, db: Session, event: Event, bearer: dict[str, str]
) -> None:
    guest = make_registration(db, event, name="Zarina Rahimova", revision=1)
    before = client.get("/api/door/roster", headers=bearer).get_json()
    assert named(before, guest) == "Zarina Rahimova"
    again = client.get(f"/api/door/roster?since={before['cursor']}", headers=bearer).get_json()
    assert guest.ticket_id not in {entry["id"] for entry in again["entries"]}, "known since long ago"
    doors.set_rules(db, event=event, rules=rules(initials=True), by=make_account(db))
    body = client.get(f"/api/door/roster?since={before['cursor']}", headers=bearer).get_json()
    assert (body["rules"]["initials"], named(body, guest)) == (True, "Z. R.")


def rules(*, walk_ins: bool = True, initials: bool = False) -> doors.Rules:
    strict: dict[str, Any] = {"doors_open_minutes": 60, "held_minutes": 5, "admit_unlisted": False, "reentry": True}
    return doors.Rules(**strict, walk_ins=walk_ins, initials=initials)


def named(body: dict[str, Any], guest: Registration) -> str:
    """Return the name of a guest on a phone."""
    name: str = next(entry["name"] for entry in body["entries"] if entry["id"] == guest.ticket_id)
    return name
