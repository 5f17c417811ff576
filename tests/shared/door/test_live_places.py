"""The free seats of each room equal a count of people one by one, over random evenings."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared import clock
from shared.door import admissions, attendance, live
from shared.door.batches import Batch, ScanClaim, WalkIn
from shared.models import Admission, Event, EventSession, Registration, TicketType, TicketTypeSession
from tests.factories import make_device, make_door, make_event, make_registration

HOLDING = ("confirmed", "offered", "unconfirmed")
REGISTERED, WALKED, UNKNOWN = range(6), range(6, 9), range(9, 11)
STATES = st.sampled_from((*HOLDING, "waiting", "cancelled"))
KINDS = st.sampled_from((0, 1))
Evening = dict[str, Any]


@st.composite
def evenings(draw: st.DrawFn) -> Evening:
    """Draw the registrations, their check-ins by room and batch, and their later states."""
    places = st.tuples(STATES, KINDS)
    kinds = st.sampled_from(("in", "in", "in", "out"))
    scan = st.tuples(kinds, st.integers(0, UNKNOWN[-1]), KINDS, st.integers(0, 60), st.integers(0, 2))
    return {
        "before": [draw(places) for _ in REGISTERED],
        "after": [draw(places) for _ in REGISTERED],
        "scans": draw(st.lists(scan, max_size=20)),
        "merged": draw(st.dictionaries(st.sampled_from(WALKED), st.sampled_from(REGISTERED))),
        "given_back": draw(st.sets(st.sampled_from(WALKED))),
    }


def two_rooms(db: Session) -> Event:
    """Add two ticket types: the first admits to both rooms, the second to the first room only."""
    start = (clock.now() + timedelta(hours=1)).replace(tzinfo=None, microsecond=0)
    parts = [EventSession(starts_local=start, ends_local=start + timedelta(hours=1)) for _ in range(2)]
    kinds = [TicketType(title={"en": title}, position=place) for place, title in enumerate(("Both", "First"))]
    event = make_event(db, sessions=parts, ticket_types=kinds, capacity=50)
    narrow = TicketTypeSession.ticket_type_id == kinds[1].id, TicketTypeSession.session_id == parts[1].id
    db.execute(delete(TicketTypeSession).where(*narrow))
    db.expire_all()
    return event


def become(registration: Registration, event: Event, state: str, kind: int) -> None:
    registration.state, registration.ticket_type_id = state, event.ticket_types[kind].id
    registration.confirmed_at = clock.now() if state == "confirmed" else registration.confirmed_at
    registration.deadline = clock.now() if state in {"offered", "unconfirmed"} else None
    registration.cancelled_at, registration.cancelled_by = (
        (clock.now(), "self") if state == "cancelled" else (None, None)
    )


def unfold(db: Session, evening: Evening) -> Event:
    """Let it happen: people register, phones hand in, then people move, cancel, and walk-ins are recognised."""
    event = two_rooms(db)
    device = make_device(db, make_door(db, event))[0]
    device.stamps_from = clock.now() - timedelta(hours=2)
    guests = [make_registration(db, event) for _ in REGISTERED]
    for guest, (state, kind) in zip(guests, evening["before"], strict=True):
        become(guest, event, state, kind)
    db.flush()
    walked = [WalkIn(id=uuid4(), name=f"Нигина {place}", language="tg") for place in WALKED]
    people = [
        *(guest.ticket_id for guest in guests),
        *(str(walk_in.id) for walk_in in walked),
        *("f" * 15 + str(n) for n in "12"),
    ]
    claims = [
        (batch, ScanClaim(id=uuid4(), session=event.sessions[room].id, kind=kind, at=_ago(minutes), person=people[who]))
        for kind, who, room, minutes, batch in evening["scans"]
    ]
    for turn in range(3):
        # Who walked in is told with the second batch; the first may have seen them before they were known. The third
        # sees people who are known by now to be others.
        scans = [claim for batch, claim in claims if batch == turn]
        attendance.record(db, device=device, batch=Batch(scans=scans, walk_ins=walked if turn == 1 else []))
        if turn == 1:
            recognise(db, event, {people[walk_in]: people[guest] for walk_in, guest in evening["merged"].items()})
    for place in evening["given_back"] - evening["merged"].keys():
        become(_row(db, people[place]), event, "cancelled", 0)
    for guest, (state, kind) in zip(guests, evening["after"], strict=True):
        become(guest, event, state, kind)
    types = [guest.ticket_type_id for guest in guests if guest.state in HOLDING]
    for kind in event.ticket_types:
        kind.taken = types.count(kind.id)
    db.flush()
    return event


def recognise(db: Session, event: Event, merged: Mapping[str, str]) -> None:
    for walk_in, guest in merged.items():
        _row(db, walk_in).merged_into = guest
        db.flush()
        admissions.refold(db, event_id=event.id, persons={walk_in, guest})


def _ago(minutes: int) -> int:
    return clock.milliseconds(clock.now() - timedelta(minutes=minutes))


def _row(db: Session, ticket_id: str) -> Registration:
    return db.scalars(select(Registration).where(Registration.ticket_id == ticket_id)).one()


def reserved_seats(db: Session, event: Event, room: int) -> int:
    """Return the seats of people who may come to a room and have not, counted person by person."""
    there = Admission.session_id == event.sessions[room].id, Admission.first.is_not(None)
    admitted = set(db.scalars(select(Admission.person).where(*there)))
    admitting = {event.ticket_types[0].id} | ({event.ticket_types[1].id} if room == 0 else set())
    people = db.scalars(select(Registration).where(Registration.event_id == event.id)).all()
    walk_ins = [
        person for person in people if person.walk_in and person.state != "cancelled" and person.merged_into is None
    ]
    holding = [
        person
        for person in people
        if not person.walk_in and person.state in HOLDING and person.ticket_type_id in admitting
    ]
    return len([person for person in (*walk_ins, *holding) if person.ticket_id not in admitted])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(evenings())
def test_free_equals_a_count_of_people_one_by_one(db: Session, evening: Evening) -> None:
    with db.begin_nested() as undone:
        event = unfold(db, evening)
        rooms = live.live(db, event=event).rooms
        assert [room.free for room in rooms] == [
            50 - room.inside - reserved_seats(db, event, n) for n, room in enumerate(rooms)
        ]
        undone.rollback()
    db.expire_all()
