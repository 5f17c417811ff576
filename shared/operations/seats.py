"""Counting seats while they change hands: locked, taken, given back, and given on to who waits.

Every function that frees a seat or changes the list ends by filling, so outside a transaction no party that waits would
fit into the seats that are left. People are counted in Python and written in one statement, however many they are: all
who sign up wait for the lock meanwhile.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, any_, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared import clock, outbox
from shared.database import lock_row
from shared.models import Event, Registration, TicketType

OFFER_LASTS = timedelta(hours=24)
OFFER_ENDS_BEFORE = timedelta(hours=2)
SHORTEST_OFFER = timedelta(hours=1)
UNCONFIRMED_LASTS = timedelta(hours=24)
SHORTEST_UNCONFIRMED = timedelta(minutes=30)
SEATED = ("unconfirmed", "offered", "confirmed")
TOLD = {"self": "place_given_up", "organizer": "place_taken_back"}
"""What people are written when they lose their place, by who took it."""

HOST = func.coalesce(Registration.host_id, Registration.id)


@dataclass(frozen=True, slots=True)
class Seats:
    """An event and its ticket types, locked in that order as everywhere: nobody else counts until the commit."""

    db: Session
    event: Event
    types: dict[int, TicketType]
    by_organizer: bool = False
    """An organizer acts: the emails that follow count against no recipient's budget."""

    def rows(self, ticket_type_id: int) -> tuple[Event, TicketType]:
        """What counts a seat of this type."""
        return self.event, self.types[ticket_type_id]

    def count(self, ticket_type_id: int, *, taken: int = 0, waiting: int = 0) -> None:
        """Count so many people more who have a seat of a type, and who wait for one."""
        for row in self.rows(ticket_type_id):
            row.taken += taken
            row.waiting += waiting

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


def lock(db: Session, event_id: int, *, by_organizer: bool = False) -> Seats:
    """Lock an event's seats. Raises Missing."""
    event = lock_row(db, Event, event_id)
    of_event = select(TicketType).where(TicketType.event_id == event_id).order_by(TicketType.id)
    locked = of_event.with_for_update(key_share=True, of=TicketType).execution_options(populate_existing=True)
    return Seats(db, event, {kind.id: kind for kind in db.scalars(locked)}, by_organizer)


def host_of(member: Registration) -> int:
    """The id by which a party is known: its host's, also when the host has cancelled."""
    return member.host_id or member.id


def capacity_of(event: Event, ticket_type: TicketType) -> int | None:
    """How many seats of a type there are in all, taken or not. None: no limit, or none yet, where all are in line."""
    return min((row.capacity for row in (event, ticket_type) if row.capacity is not None), default=None) or None


def among(column: ColumnElement[Any] | InstrumentedAttribute[Any], ids: Collection[int]) -> ColumnElement[bool]:
    """One parameter, however many ids: PostgreSQL takes 65,535 of them."""
    return column == any_(literal(list(ids), ARRAY(BigInteger)))


def confirm_party(party: Sequence[Registration]) -> bool:
    """Confirm who holds a seat until a deadline; whether there was anybody."""
    held = [one for one in party if one.state in {"unconfirmed", "offered"}]
    for one in held:
        one.state, one.deadline, one.confirmed_at, one.held = "confirmed", None, clock.now(), False
    return bool(held)


def release(seats: Seats, people: Sequence[Registration], by: str, *, tells: bool = True) -> None:
    """Cancel people's places, count them as free and, where it `tells`, write to who had them. Nobody gets them before
    fill().
    """
    for one in people:
        is_seated = one.state in SEATED
        if not one.walk_in:
            seats.count(one.ticket_type_id, taken=-is_seated, waiting=is_seated - 1)
    ids = [one.id for one in people]
    _write(seats.db, ids, state="cancelled", deadline=None, cancelled_at=clock.now(), cancelled_by=by)
    if tells and by in TOLD:
        outbox.enqueue_each(seats.db, TOLD[by], subjects=ids)


def change_type(seats: Seats, people: Sequence[Registration], target: TicketType) -> Sequence[Registration]:
    """Move who is confirmed to another ticket type while it has seats, and promise the ticket anew; who was moved.

    Nobody gets the seats that are left before fill().
    """
    moved = [one for one in people if one.state == "confirmed" and _takes_seat(seats, one, target)]
    _write(seats.db, [one.id for one in moved], ticket_type_id=target.id, moves=Registration.moves + 1)
    for one in moved:
        seats.db.expire(one, ["ticket_type"])
    key = f"moved {clock.now().isoformat()}"
    hosts = {host_of(one) for one in moved}
    outbox.enqueue_each(seats.db, "ticket_again", subjects=hosts, key=key, exempt=seats.by_organizer)
    return moved


def fill(db: Session, seats: Seats) -> None:
    """Give free seats to who waits. Nobody is promoted into an event that has begun, or that nobody can come to."""
    event, now = seats.event, clock.now()
    if event.waiting and not event.barred(now) and not (event.starts_at and event.starts_at <= now):
        give_seats(seats)
    db.flush()


def give_seats(seats: Seats, hosts: Collection[int] | None = None) -> Sequence[int]:
    """Give who waits their seats, in order of arrival; a party is passed only when it is too large for what is left.

    `hosts` name the parties whose turn it is: without, everybody's. The ids of who got a seat.
    """
    promoted = []
    for host, ticket_type_id, size in seats.db.execute(_line(seats.event, hosts)):
        if not any(seats.fit(1, kind) for kind in seats.types):
            break
        if seats.fit(size, ticket_type_id):
            seats.count(ticket_type_id, taken=size, waiting=-size)
            promoted.append(host)
    return _seat(seats, promoted, "waiting") if promoted else []


def follow_start(seats: Seats) -> None:
    """After an event has moved: nobody holds a seat for longer than its new start allows, and the line moves on."""
    if seats.event.starts_at:
        _shorten_offers(seats, seats.event.starts_at - OFFER_ENDS_BEFORE)
        _shorten_confirmations(seats, confirmation_deadline(seats.event, clock.now()))
    fill(seats.db, seats)


def offer_deadline(event: Event, now: datetime) -> datetime | None:
    """Until when a freed seat is held for who is offered it; None when there is too little time to ask."""
    deadline = now + OFFER_LASTS
    if event.starts_at:
        deadline = min(deadline, event.starts_at - OFFER_ENDS_BEFORE)
    return deadline if deadline - now >= SHORTEST_OFFER else None


def confirmation_deadline(event: Event, now: datetime) -> datetime:
    """Until when a sign-up waits for its confirmation: a day, at most until the start, at least half an hour."""
    latest = now + UNCONFIRMED_LASTS
    return max(min(latest, event.starts_at or latest), now + SHORTEST_UNCONFIRMED)


def _line(event: Event, hosts: Collection[int] | None) -> Select[int, int, int]:
    """Who waits, as parties: host, ticket type and size; the first to arrive first."""
    # In the words of the partial index, as for is_live.
    is_waiting = Registration.state == literal("waiting", literal_execute=True)
    waiting = select(HOST, Registration.ticket_type_id, func.count()).where(
        Registration.event_id == event.id, is_waiting, ~Registration.walk_in
    )
    mine = waiting if hosts is None else waiting.where(among(HOST, hosts))
    return mine.group_by(HOST, Registration.ticket_type_id).order_by(func.min(Registration.waited_at), HOST)


def _seat(seats: Seats, hosts: Collection[int], state: str) -> Sequence[int]:
    """Offer parties, of whom who is in this state has a seat counted, that seat; without time to ask, or an address,
    confirm them. The ids of whom it is about.
    """
    db, now = seats.db, clock.now()
    together = or_(among(Registration.id, hosts), among(Registration.host_id, hosts))
    columns = select(Registration.id, HOST.label("host"), Registration.email, Registration.state).where(together)
    # In order of id, as the worker takes a party's rows. A host may have cancelled and leave the address.
    party = db.execute(columns.order_by(Registration.id).with_for_update(key_share=True)).all()
    deadline = offer_deadline(seats.event, now)
    asked = {one.id for one in party if one.email and deadline}
    people = [one for one in party if one.state == state]
    offered = [one.id for one in people if one.host in asked]
    confirmed = [one.id for one in people if one.host not in asked]
    _write(db, offered, state="offered", deadline=deadline)
    _write(db, confirmed, state="confirmed", deadline=None, confirmed_at=now)
    exempt = seats.by_organizer
    outbox.enqueue_each(db, "seat_offered", subjects=asked, key=now.isoformat(), exempt=exempt)
    outbox.enqueue_each(db, "registration_confirmed", subjects={*hosts} - asked, exempt=exempt)
    return [one.id for one in people]


def _shorten_offers(seats: Seats, until: datetime) -> None:
    if hosts := {one.host for one in _held_beyond(seats, "offered", until)}:
        _seat(seats, hosts, "offered")


def _shorten_confirmations(seats: Seats, until: datetime) -> None:
    late = _held_beyond(seats, "unconfirmed", until)
    _write(seats.db, [one.id for one in late], deadline=until)
    hosts, key = {one.host for one in late}, clock.now().isoformat()
    outbox.enqueue_each(seats.db, "please_confirm", subjects=hosts, key=key, exempt=seats.by_organizer)


def _held_beyond(seats: Seats, state: str, until: datetime) -> Sequence[Row[int, int]]:
    held = Registration.event_id == seats.event.id, Registration.state == state, Registration.deadline > until
    late = select(Registration.id, HOST.label("host")).where(*held)
    return seats.db.execute(late.order_by(Registration.id).with_for_update(key_share=True)).all()


def _takes_seat(seats: Seats, one: Registration, target: TicketType) -> bool:
    """Whether somebody can have a seat of another type, which is counted then."""
    if one.ticket_type_id == target.id or (target.seats_left == 0 and not one.walk_in):
        return False
    if not one.walk_in:
        seats.types[one.ticket_type_id].taken -= 1
        target.taken += 1
    return True


def _write(db: Session, ids: Collection[int], **values: Any) -> None:
    if ids:
        db.execute(update(Registration).where(among(Registration.id, ids)).values(values))
