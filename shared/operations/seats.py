"""Counting seats while they change hands: locked, taken, given back, and given on to who waits.

Every function that frees a seat or changes the list ends by filling, so outside a transaction no party that waits would
fit into the seats that are left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shared import clock, outbox
from shared.database import held
from shared.models import Event, Registration, TicketType

OFFER_LASTS = timedelta(hours=24)
OFFER_ENDS_BEFORE = timedelta(hours=2)
SHORTEST_OFFER = timedelta(hours=1)
SEATED = ("unconfirmed", "offered", "confirmed")


@dataclass(frozen=True, slots=True)
class Seats:
    """An event and its ticket types, locked in that order as everywhere: nobody else counts until the commit."""

    db: Session
    event: Event
    types: dict[int, TicketType]

    def rows(self, ticket_type_id: int) -> tuple[Event, TicketType]:
        """What counts a seat of this type."""
        return self.event, self.types[ticket_type_id]

    def fit(self, number: int, ticket_type_id: int) -> bool:
        """Whether so many seats of a type are left, of its own and of the event's."""
        rows = self.rows(ticket_type_id)
        return all(row.capacity is None or row.taken + number <= row.capacity for row in rows)

    def party(self, member: Registration) -> Sequence[Registration]:
        """Everybody who signed up together and is in the same state."""
        host = host_of(member)
        together = or_(Registration.id == host, Registration.host_id == host)
        same = select(Registration).where(together, Registration.state == member.state)
        return self.db.scalars(same.order_by(Registration.id).execution_options(populate_existing=True)).all()


def lock(db: Session, event_id: int) -> Seats:
    """Lock an event's seats. Raises Missing."""
    event = held(db, Event, event_id)
    of_event = select(TicketType).where(TicketType.event_id == event_id).order_by(TicketType.id)
    locked = of_event.with_for_update(key_share=True, of=TicketType).execution_options(populate_existing=True)
    return Seats(db, event, {kind.id: kind for kind in db.scalars(locked)})


def host_of(member: Registration) -> int:
    """The id by which a party is known: its host's, also when the host has cancelled."""
    return member.host_id or member.id


def room(event: Event, ticket_type: TicketType) -> int | None:
    """How many seats of a type there are in all, taken or not. None: no limit, or none yet, where all are in line."""
    return min((row.capacity for row in (event, ticket_type) if row.capacity is not None), default=None) or None


def confirm_party(party: Sequence[Registration]) -> bool:
    """Confirm who holds a seat until a deadline; whether there was anybody."""
    held = [one for one in party if one.state in {"unconfirmed", "offered"}]
    for one in held:
        one.state, one.deadline, one.confirmed_at = "confirmed", None, clock.now()
    return bool(held)


def release(seats: Seats, registration: Registration, by: str) -> None:
    """Cancel one registration and count its seat, or its place in line, as free. Nobody gets it before fill()."""
    for row in () if registration.walk_in else seats.rows(registration.ticket_type_id):
        if registration.state in SEATED:
            row.taken -= 1
        else:
            row.waiting -= 1
    registration.state, registration.deadline = "cancelled", None
    registration.cancelled_at, registration.cancelled_by = clock.now(), by


def fill(db: Session, seats: Seats) -> None:
    """Give free seats to who waits, in order of arrival; a party is passed only when it is too large for what is left.

    Nobody is promoted into an event that has begun or is cancelled.
    """
    db.flush()
    now, event = clock.now(), seats.event
    if not event.waiting or event.state != "published" or (event.starts_at and event.starts_at <= now):
        return
    for party in _waiting(db, event):
        if seats.fit(len(party), party[0].ticket_type_id):
            promote_party(db, seats, party, now)
    db.flush()


def promote_party(db: Session, seats: Seats, party: Sequence[Registration], now: datetime) -> None:
    """Give a party that waits its seats, which the caller found free: offered or, without time to ask, at once."""
    for row in seats.rows(party[0].ticket_type_id):
        row.taken += len(party)
        row.waiting -= len(party)
    host = db.get_one(Registration, host_of(party[0]))
    deadline = offer_deadline(seats.event, now) if host.email else None
    for one in party:
        one.state, one.deadline = "offered", deadline or now
    if deadline:
        outbox.promise(db, "seat_offered", subject=host.id, key=now.isoformat())
        return
    confirm_party(party)
    outbox.promise(db, "registration_confirmed", subject=host.id)


def offer_deadline(event: Event, now: datetime) -> datetime | None:
    """Until when a freed seat is held for who is offered it; None when there is too little time to ask."""
    deadline = now + OFFER_LASTS
    if event.starts_at:
        deadline = min(deadline, event.starts_at - OFFER_ENDS_BEFORE)
    return deadline if deadline - now >= SHORTEST_OFFER else None


def _waiting(db: Session, event: Event) -> list[list[Registration]]:
    """Who waits, by party, the first to arrive first."""
    waiting = select(Registration).where(Registration.event_id == event.id, Registration.state == "waiting")
    people = sorted(db.scalars(waiting), key=lambda one: (one.waited_at, host_of(one), one.id))
    return [list(party) for _, party in groupby(people, key=host_of)]
