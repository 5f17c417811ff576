"""The roster of a phone: everyone once, then the changes, and never a row too few."""

import tracemalloc
from uuid import uuid4

from sqlalchemy.orm import Session

from bench import crowd
from shared import clock
from shared.door import attendance, phones, roster
from shared.door.batches import Batch, ScanClaim
from shared.models import Device, Event
from shared.registrations import self_service
from tests.conftest import Committed, Statements
from tests.factories import make_device, make_door, make_event, make_registration

PEOPLE = 2_000
BYTES = 1_000
"""A row of the list as it is told; as an object of a session it takes more than twice as much."""


def test_the_roster_holds_what_a_door_needs_and_no_more(db: Session, event: Event, device: Device) -> None:
    guest = make_registration(db, event, phone="+992918123456")
    entry = roster.changes(db, device=device, since=None).entries[0]
    assert entry == {
        "id": guest.ticket_id,
        "name": guest.name,
        "type": None,
        "status": "confirmed",
        "sessions": [event.sessions[0].id],
        "short": guest.short_code,
    }


def test_people_of_one_name_are_told_apart_by_their_phones(db: Session, event: Event, device: Device) -> None:
    make_registration(db, event, name="Шариф Забиров", phone="+992918123456")
    make_registration(db, event, name="Sharif Zabirov", phone="+992918123477")
    hints = [entry.get("hint") for entry in roster.changes(db, device=device, since=None).entries]
    assert hints == ["56", "77"]


def test_a_second_bearer_of_a_name_adds_hints_to_both(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        make_registration(db, event, name="Шариф Забиров", phone="+992918123456")
        device = make_device(db, make_door(db, event))[0]
    with committed.sessions.begin() as db:
        first = roster.changes(db, device=db.get_one(Device, device.id), since=None)
    with committed.sessions.begin() as db:
        make_registration(db, db.get_one(Event, event.id), name="Sharif Zabirov", phone="+992918123477")
    with committed.sessions.begin() as db:
        second = roster.changes(db, device=db.get_one(Device, device.id), since=first.cursor)
    assert [entry.get("hint") for entry in first.entries] == [None]
    assert [entry.get("hint") for entry in second.entries] == ["56", "77"]


def test_who_cancelled_does_not_make_a_name_shared(db: Session, event: Event, device: Device) -> None:
    make_registration(db, event, name="Шариф Забиров", phone="+992918123456")
    gone = make_registration(db, event, name="Шариф Забиров", phone="+992918123477")
    self_service.cancel(db, registration_id=gone.id, by="self")
    assert [entry.get("hint") for entry in roster.changes(db, device=device, since=None).entries] == [None, None]


def test_a_phone_that_pairs_late_is_told_everything_in_little_memory(db: Session, event: Event, device: Device) -> None:
    crowd.register(db, event=event, people=PEOPLE)
    crowd.scan_everyone(db, event=event)
    db.expire_all()
    tracemalloc.start()
    changes = roster.changes(db, device=device, since=None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(changes.entries) == PEOPLE
    assert peak < (len(changes.entries) + len(changes.scans)) * BYTES


def test_a_private_event_shows_initials(db: Session) -> None:
    event = make_event(db, private=True)
    make_registration(db, event, name="Мадина Намунаева")
    device = make_device(db, make_door(db, event))[0]
    assert roster.changes(db, device=device, since=None).entries[0]["name"] == "М. Н."


def test_keys_name_the_organizations_events_around_this_one(db: Session, event: Event) -> None:
    near = make_event(db, organization=event.organization)
    make_event(db)
    secret = make_event(db, organization=event.organization, private=True)
    titles = {key["event"]: key["title"] for key in roster.keys(db, event=event)}
    assert titles == {event.id: event.title, near.id: near.title, secret.id: {}}


def test_the_roster_costs_five_statements_and_the_look_up(db: Session, event: Event, statements: Statements) -> None:
    _, token = make_device(db, make_door(db, event))
    for _ in range(3):
        make_registration(db, event)
    db.expunge_all()
    with statements() as executed:
        roster.changes(db, device=phones.of_token(db, token=token), since=None)
    assert len(executed) == 6


def test_a_row_numbered_before_and_committed_after_the_poll_is_seen_by_the_next(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        make_registration(db, event)
        device = make_device(db, make_door(db, event))[0]
    slow = committed.sessions()
    late = make_registration(slow, slow.get_one(Event, event.id))
    with committed.sessions.begin() as db:
        early = make_registration(db, db.get_one(Event, make_event(db).id))
        assert early.id > late.id
        db.flush()
    with committed.sessions.begin() as db:
        first = roster.changes(db, device=db.get_one(Device, device.id), since=None)
    slow.commit()
    slow.close()
    with committed.sessions.begin() as db:
        second = roster.changes(db, device=db.get_one(Device, device.id), since=first.cursor)
    assert late.ticket_id not in {entry["id"] for entry in first.entries}
    assert late.ticket_id in {entry["id"] for entry in second.entries}


def test_a_change_and_a_scan_come_with_the_next_poll(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        guest = make_registration(db, event)
        device = make_device(db, make_door(db, event))[0]
    with committed.sessions.begin() as db:
        cursor = roster.changes(db, device=db.get_one(Device, device.id), since=None).cursor
    with committed.sessions.begin() as db:
        self_service.cancel(db, registration_id=guest.id, by="self")
    with committed.sessions.begin() as db:
        changes = roster.changes(db, device=db.get_one(Device, device.id), since=cursor)
        scan = ScanClaim(
            id=uuid4(),
            session=event.sessions[0].id,
            kind="in",
            at=clock.milliseconds(clock.now()),
            person=guest.ticket_id,
        )
        attendance.record(db, device=db.get_one(Device, device.id), batch=Batch(scans=[scan]))
    with committed.sessions.begin() as db:
        after = roster.changes(db, device=db.get_one(Device, device.id), since=changes.cursor)
    assert [entry["status"] for entry in changes.entries] == ["cancelled"]
    assert [scan_["id"] for scan_ in after.scans] == [str(scan.id)]


def test_a_cursor_from_the_future_counts_as_none(db: Session, event: Event, device: Device) -> None:
    make_registration(db, event)
    for since in ("999999999999", "nonsense", None):
        changes = roster.changes(db, device=device, since=since)
        assert (len(changes.entries), changes.whole) == (1, True)


def test_a_change_says_that_it_is_not_everything(db: Session, event: Event, device: Device) -> None:
    first = roster.changes(db, device=device, since=None)
    assert not roster.changes(db, device=device, since=first.cursor).whole
