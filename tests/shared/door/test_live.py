"""The figures of an event while it happens."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from shared import clock
from shared.door import attendance
from shared.door.batches import Batch, ScanClaim, WalkIn
from shared.door.live import live, standing
from shared.models import Device, Event, EventSession, Registration, Shift, TicketType, TicketTypeSession
from shared.registrations import people
from shared.registrations.people import Wanted
from tests.conftest import Committed, Statements
from tests.factories import make_days, make_device, make_door, make_event, make_registration


def test_live_counts_registered_admitted_and_inside(db: Session, statements: Statements) -> None:
    event = make_event(db, starts_at=clock.now(), capacity=30)
    device = make_device(db, make_door(db, event))[0]
    device.stamps_from = clock.now() - timedelta(hours=1)
    guests = [make_registration(db, event) for _ in range(3)]
    make_registration(db, event, state="cancelled", cancelled_at=clock.now(), cancelled_by="self")
    session, now = event.sessions[0].id, clock.now()
    stamps = [clock.milliseconds(now - timedelta(minutes=minutes)) for minutes in (20, 1)]
    scans = [
        ScanClaim(id=uuid4(), session=session, kind="in", at=stamp, person=guest.ticket_id)
        for guest, stamp in zip(guests, stamps, strict=False)
    ]
    out = ScanClaim(id=uuid4(), session=session, kind="out", at=stamps[1], person=guests[0].ticket_id)
    attendance.record(db, device=device, batch=Batch(scans=[*scans, out]))
    with statements() as executed:
        state = live(db, event=event)
    assert (state.expected, state.admitted, state.inside, state.capacity) == (3, 2, 1, 30)
    assert [count for _, count in state.arrivals] == [1, 1]
    assert all(start.minute % 5 == 0 and start.tzinfo for start, _ in state.arrivals)
    assert len(executed) == 1


@pytest.fixture
def event(db: Session) -> Event:
    """Add an event with ten seats that began half an hour ago; seats are held for an hour."""
    return make_event(db, starts_at=clock.now() - timedelta(minutes=30), capacity=10, held_minutes=60)


@pytest.fixture
def phone(db: Session, event: Event) -> Device:
    return make_device(db, make_door(db, event), stamps_from=clock.now() - timedelta(hours=2))[0]


def scan(db: Session, device: Device, person: str, minutes_ago: int = 5, **changes: Any) -> None:
    at = clock.milliseconds(clock.now() - timedelta(minutes=minutes_ago))
    values = {"id": uuid4(), "session": device.event.sessions[0].id, "kind": "in", "at": at, "person": person}
    attendance.record(db, device=device, batch=Batch(scans=[ScanClaim(**{**values, **changes})]))


def test_free_seats_exclude_people_inside_and_reserved_seats(db: Session, event: Event, phone: Device) -> None:
    guests = [make_registration(db, event) for _ in range(4)]
    make_registration(db, event, state="waiting", confirmed_at=None)
    scan(db, phone, guests[0].ticket_id)
    scan(db, phone, "00000000000000ff")
    room = live(db, event=event).room
    assert room is not None
    assert (room.inside, room.free, room.held) == (2, 10 - 2 - 3, True)
    event.held_minutes = 15
    room = live(db, event=event).room
    assert room is not None
    assert (room.free, room.held) == (8, False), "nothing is kept any more"


def test_a_merged_walk_in_takes_no_seat_and_an_undone_one_does(db: Session, event: Event, phone: Device) -> None:
    names = [WalkIn(id=uuid4(), name=name, language="tg") for name in ("Сорбон", "Нигина")]
    attendance.record(db, device=phone, batch=Batch([], walk_ins=names))
    guest = make_registration(db, event)
    merged = db.scalars(select(Registration).where(Registration.ticket_id == str(names[0].id))).one()
    merged.merged_into = guest.ticket_id
    db.flush()
    room = live(db, event=event).room
    assert room is not None
    assert room.free == 10 - 2, "the guest and the walk-in who did not go in"


def test_an_attendee_not_scanned_out_has_left_after_the_sessions_grace(db: Session) -> None:
    event = make_days(db, grace_minutes=30)
    first, second = event.sessions[:2]
    assert first.ends_at is not None
    assert second.ends_at is not None
    device = make_device(db, make_door(db, event), stamps_from=first.ends_at - timedelta(days=1))[0]
    for part in (first, second):
        with time_machine.travel(part.ends_at, tick=False):
            scan(db, device, make_registration(db, event).ticket_id, session=part.id)
    for moment, inside in ((timedelta(minutes=29), 1), (timedelta(minutes=30), 0)):
        with time_machine.travel(first.ends_at + moment, tick=False):
            assert live(db, event=event).rooms[0].inside == inside
            assert live(db, event=event).inside == 1 + inside
            listed = people.listed(db, event_id=event.id, wanted=Wanted(came="inside"), limit=5)
            assert len(listed) == 1 + inside
            assert all(row.inside for row in listed)


def test_no_capacity_is_no_number(db: Session) -> None:
    room = live(db, event=make_event(db)).room
    assert room is not None
    assert (room.capacity, room.free) == (None, None)


def test_a_session_has_the_seats_of_the_tickets_that_admit_to_it(db: Session) -> None:
    event = two_rooms(db)
    make_registration(db, event, ticket_type_id=event.ticket_types[1].id)
    state = live(db, event=event)
    assert [(room.capacity, room.free) for room in state.rooms] == [(12, 11), (5, 4)]
    assert state.room is None


def two_rooms(db: Session) -> Event:
    """Add two sessions; the small ticket admits to both, the large one to the first only."""
    start = (clock.now() + timedelta(days=1)).replace(tzinfo=None, microsecond=0)
    parts = [EventSession(starts_local=start, ends_local=start + timedelta(hours=1)) for _ in range(2)]
    kinds = [TicketType(title={"en": "Hall"}, capacity=7), TicketType(title={"en": "Both"}, capacity=5)]
    for place, kind in enumerate(kinds):
        kind.position = place
    event = make_event(db, sessions=parts, ticket_types=kinds)
    only_first = TicketTypeSession.ticket_type_id == kinds[0].id, TicketTypeSession.session_id == parts[1].id
    db.execute(delete(TicketTypeSession).where(*only_first))
    db.expire_all()
    return event


def test_doors_tell_their_rate_and_what_waits_on_their_phones(db: Session, event: Event, phone: Device) -> None:
    for minutes in (1, 4, 9, 30):
        scan(db, phone, make_registration(db, event).ticket_id, minutes)
    phone.waiting, phone.seen_at = 3, clock.now() - timedelta(minutes=20)
    db.add(Shift(device_id=phone.id, since=0, name="Нигина"))
    db.flush()
    state = live(db, event=event)
    rates = {door.name["en"]: door.per_minute for door in state.doors}
    assert rates == {"Main door": 0, "North door": 0.3}
    assert [(phone.volunteer, phone.waiting, phone.is_away) for phone in state.phones] == [("Нигина", 3, True)]
    assert (state.doors[1].phones, state.doors[1].away, state.doors[1].waiting) == (1, 1, 3)


def test_refusals_are_counted_by_reason_the_most_frequent_first(db: Session, event: Event, phone: Device) -> None:
    for reason in ("cancelled", "other_event", "other_event"):
        scan(db, phone, "00000000000000ff", kind="refused", reason=reason)
    assert list(live(db, event=event).refused.items()) == [("other_event", 2), ("cancelled", 1)]


def changes(event: Event, phone: Device) -> dict[str, Callable[[Session], Any]]:
    """Return every change that may alter a figure."""
    return {
        "a registration": lambda db: make_registration(db, event),
        "a scan": lambda db: scan(db, phone, "00000000000000fe"),
        "a refusal": lambda db: scan(db, phone, "00000000000000fe", kind="refused", reason="other"),
        "a capacity": lambda db: setattr(event, "capacity", 11),
        "a waiting scan": lambda db: setattr(phone, "waiting", 2),
        "a phone revoked": lambda db: setattr(phone, "revoked_at", clock.now()),
        "a phone that is away": lambda db: setattr(phone, "seen_at", clock.now() - timedelta(hours=1)),
        "a door renamed": lambda db: setattr(phone.door_pass.door, "name", {"en": "West door"}),
    }


@pytest.mark.parametrize("what", list(changes(Event(), Device())))
def test_whatever_changes_a_figure_changes_the_tag(db: Session, event: Event, phone: Device, what: str) -> None:
    before = standing(db, event=event).tag
    assert standing(db, event=event).tag == before
    changes(event, phone)[what](db)
    db.flush()
    assert standing(db, event=event).tag != before


def test_a_change_that_was_numbered_early_and_committed_late_changes_the_tag(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db, capacity=10)
        first, second = (make_registration(db, event, state="unconfirmed", deadline=clock.now()) for _ in range(2))
    with committed.sessions() as early:
        early.execute(select(func.pg_current_xact_id()))
        with committed.sessions.begin() as late:
            late.get_one(Registration, first.id).name = "Мадина"
        with committed.sessions.begin() as db:
            between = standing(db, event=event).tag
        early.get_one(Registration, second.id).deadline = None
        early.get_one(Registration, second.id).state = "confirmed"
        early.commit()
    with committed.sessions.begin() as db:
        assert standing(db, event=event).tag != between


def test_the_figures_move_with_the_minute(db: Session, event: Event) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        before = standing(db, event=event).tag
        traveller.shift(60)
        assert standing(db, event=event).tag != before


def test_one_session_is_counted_alike_by_either_statement(db: Session, event: Event, phone: Device) -> None:
    guests = [make_registration(db, event) for _ in range(5)]
    for minutes, guest in enumerate(guests[:4]):
        scan(db, phone, guest.ticket_id, 20 - 6 * minutes)
    scan(db, phone, guests[0].ticket_id, 1, kind="out")
    scan(db, phone, "00000000000000ff", 3, reason="paper")
    assert not standing(db, event=event).has_parts
    assert live(db, event=event, has_parts=False) == live(db, event=event)


def test_of_two_sessions_a_person_is_counted_once(db: Session) -> None:
    event = two_rooms(db)
    device = make_device(db, make_door(db, event))[0]
    device.stamps_from = clock.now() - timedelta(hours=2)
    guest = make_registration(db, event, ticket_type_id=event.ticket_types[1].id)
    for part, minutes in zip(event.sessions, (20, 5), strict=True):
        scan(db, device, guest.ticket_id, minutes, session=part.id)
    assert standing(db, event=event).has_parts
    state = live(db, event=event)
    assert (state.admitted, state.inside, [count for _, count in state.arrivals]) == (1, 1, [1])
    assert [(room.admitted, room.free) for room in state.rooms] == [(1, 11), (1, 4)]
