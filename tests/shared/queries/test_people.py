"""The list of people and one person's story, as the ledger has them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Device, Event
from shared.queries import people, people_export
from shared.queries.people import EVERYBODY, Wanted
from tests.factories import make_device, make_door, make_event, make_registration
from tests.shared.operations.test_attendance import claim, hand_in


def test_scans_at_the_doors_of_others_are_nobodys_business(db: Session, event: Event, device: Device) -> None:
    guest, other = make_registration(db, event), make_event(db)
    assert other.organization_id != event.organization_id
    foreign = make_device(db, make_door(db, other), stamps_from=clock.now() - timedelta(hours=1))[0]
    for phone, at in ((foreign, other), (device, event)):
        assert [came(db, event, wanted) for wanted in ("came", "inside")] == [0, 0]
        assert people.scans(db, event_id=event.id, ticket_id=guest.ticket_id, limit=9) == []
        assert export(db, event).first_at is None
        hand_in(db, phone, claim(at, person=guest.ticket_id))
    assert [came(db, event, wanted) for wanted in ("came", "inside")] == [1, 1]
    assert len(people.scans(db, event_id=event.id, ticket_id=guest.ticket_id, limit=9)) == 1
    assert export(db, event).first_at is not None


def came(db: Session, event: Event, wanted: str) -> int:
    (one,) = people.listed(db, event_id=event.id, limit=9)
    found = people.listed(db, event_id=event.id, wanted=Wanted(came=wanted), limit=9)
    assert (one.first_at is not None) is bool(found)
    return len(found)


def export(db: Session, event: Event) -> Row[Any]:
    statement, values = people_export.statement(event.id, EVERYBODY)
    return db.execute(text(statement), values).one()
