"""Counting seats as they change hands: locked, taken, freed, and offered to people who wait.

Every function that frees a seat or changes the list ends by filling, so outside a transaction no waiting group would
fit into the free seats. People are counted in Python and written in one statement, however many they are: all new
registrations wait for the lock meanwhile.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, Text, any_, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared import clock
from shared.database import lock_row
from shared.models import CancelledBy, Event, Registration, RegistrationState, TicketType
from shared.outbox import outbox
from shared.outbox.kinds import MessageKind

OFFER_LASTS = timedelta(hours=24)
OFFER_ENDS_BEFORE = timedelta(hours=2)
SHORTEST_OFFER = timedelta(hours=1)
UNCONFIRMED_LASTS = timedelta(hours=24)
SHORTEST_UNCONFIRMED = timedelta(minutes=30)
SEATED = (RegistrationState.UNCONFIRMED, RegistrationState.OFFERED, RegistrationState.CONFIRMED)
CANCELLATION_EMAILS = {
    CancelledBy.SELF: MessageKind.PLACE_GIVEN_UP,
    CancelledBy.ORGANIZER: MessageKind.PLACE_TAKEN_BACK,
}
"""The email to people whose registration was cancelled, by who did it."""

HOST = func.coalesce(Registration.host_id, Registration.id)


@dataclass(frozen=True, slots=True)
class Seats:
    """An event and its ticket types, locked in that order as everywhere: no one else counts until the commit."""

    db: Session
    event: Event
    types: dict[int, TicketType]
    by_organizer: bool = False
    """An organizer acts: the emails that follow count against no recipient's budget."""

    def rows(self, ticket_type_id: int) -> tuple[Event, TicketType]:
        """Return the rows that count a seat of this type."""
        return self.event, self.types[ticket_type_id]

    def count(self, ticket_type_id: int, *, taken: int = 0, waiting: int = 0) -> None:
        """Add to the counts of people who have a seat of a type, and who wait for one."""
        for row in self.rows(ticket_type_id):
            row.taken += taken
            row.waiting += waiting

    def fit(self, number: int, ticket_type_id: int) -> bool:
        """Return whether so many seats of a type are left, of its own and of the event's."""
        return all(row.fits(number) for row in self.rows(ticket_type_id))

    def party(self, member: Registration) -> Sequence[Registration]:
        """Return everyone who registered together and is in the same state."""
        host = host_of(member)
        together = or_(Registration.id == host, Registration.host_id == host)
        same = select(Registration).where(together, Registration.state == member.state)
        return self.db.scalars(same.order_by(Registration.id).execution_options(populate_existing=True)).all()


def lock(db: Session, event_id: int, *, by_organizer: bool = False) -> Seats:
    """Lock an event's seats. Raises Missing."""
    event = lock_row(db, Event, event_id)
    of_event = select(TicketType).where(TicketType.event_id == event_id).order_by(TicketType.id)
    locked = of_event.with_for_update(key_share=True, of=TicketType).execution_options(populate_existing=True)
    return Seats(db, event, {ticket_type.id: ticket_type for ticket_type in db.scalars(locked)}, by_organizer)


def host_of(member: Registration) -> int:
    """Return the id of a group: its host's, also when the host has cancelled."""
    return member.host_id or member.id


def capacity_of(event: Event, ticket_type: TicketType) -> int | None:
    """Return how many seats of a type there are in all, taken or not.

    None without a limit, or with a limit of 0, when everyone waits.
    """
    return min((row.capacity for row in (event, ticket_type) if row.capacity is not None), default=None) or None


def among(column: ColumnElement[Any] | InstrumentedAttribute[Any], ids: Collection[int]) -> ColumnElement[bool]:
    """Return a condition with one parameter, however many ids: PostgreSQL takes 65,535 parameters."""
    return column == any_(literal(list(ids), ARRAY(BigInteger)))


def confirm_party(party: Sequence[Registration]) -> bool:
    """Confirm everyone who has a seat until a deadline; return whether there was anyone."""
    unconfirmed = [
        registration
        for registration in party
        if registration.state in {RegistrationState.UNCONFIRMED, RegistrationState.OFFERED}
    ]
    for registration in unconfirmed:
        registration.state, registration.deadline, registration.confirmed_at, registration.held = (
            RegistrationState.CONFIRMED,
            None,
            clock.now(),
            False,
        )
    return bool(unconfirmed)


def release(seats: Seats, people: Sequence[Registration], by: CancelledBy, *, tells: bool = True) -> None:
    """Cancel registrations, count their seats as free and, with `tells`, email their people.

    No one gets the seats before fill().
    """
    for registration in people:
        is_seated = registration.state in SEATED
        if not registration.walk_in:
            seats.count(registration.ticket_type_id, taken=-is_seated, waiting=is_seated - 1)
    ids = [registration.id for registration in people]
    _write(seats.db, ids, state=RegistrationState.CANCELLED, deadline=None, cancelled_at=clock.now(), cancelled_by=by)
    if tells and by in CANCELLATION_EMAILS:
        outbox.enqueue_each(seats.db, CANCELLATION_EMAILS[by], subjects=ids)


def change_type(seats: Seats, people: Sequence[Registration], target: TicketType) -> Sequence[Registration]:
    """Move confirmed people to another ticket type while it has seats; return the moved ones.

    Their tickets are enqueued anew. No one gets the seats that become free before fill().
    """
    moved = [
        registration
        for registration in people
        if registration.state == RegistrationState.CONFIRMED and _takes_seat(seats, registration, target)
    ]
    _write(
        seats.db, [registration.id for registration in moved], ticket_type_id=target.id, moves=Registration.moves + 1
    )
    for registration in moved:
        seats.db.expire(registration, ["ticket_type"])
    key = f"moved {clock.now().isoformat()}"
    hosts = {host_of(registration) for registration in moved}
    outbox.enqueue_each(seats.db, MessageKind.TICKET_AGAIN, subjects=hosts, key=key, exempt=seats.by_organizer)
    return moved


def fill(db: Session, seats: Seats) -> None:
    """Offer free seats to people who wait, but not in an event that has begun or is closed."""
    event, now = seats.event, clock.now()
    if event.waiting and not event.closed_reason(now) and not (event.starts_at and event.starts_at <= now):
        give_seats(seats)
    db.flush()


def give_seats(seats: Seats, hosts: Collection[int] | None = None) -> Sequence[int]:
    """Offer seats to people who wait, in order of arrival; return the ids of those who got one.

    A group is passed over only when it is too large for the seats left. `hosts` name the groups whose turn it is, by
    default all.
    """
    promoted = []
    for host, ticket_type_id, size in seats.db.execute(_line(seats.event, hosts)):
        if not any(seats.fit(1, type_id) for type_id in seats.types):
            break
        if seats.fit(size, ticket_type_id):
            seats.count(ticket_type_id, taken=size, waiting=-size)
            promoted.append(host)
    return _seat(seats, promoted, RegistrationState.WAITING) if promoted else []


def follow_start(seats: Seats) -> None:
    """Adapt to a moved event: deadlines that its new start does not allow are shortened, and free seats are offered."""
    if seats.event.starts_at:
        _shorten_offers(seats, seats.event.starts_at - OFFER_ENDS_BEFORE)
        _shorten_confirmations(seats, confirmation_deadline(seats.event, clock.now()))
    fill(seats.db, seats)


def offer_deadline(event: Event, now: datetime) -> datetime | None:
    """Return until when a freed seat is offered to one person; None when there is too little time to ask."""
    deadline = now + OFFER_LASTS
    if event.starts_at:
        deadline = min(deadline, event.starts_at - OFFER_ENDS_BEFORE)
    return deadline if deadline - now >= SHORTEST_OFFER else None


def confirmation_deadline(event: Event, now: datetime) -> datetime:
    """Return until when a registration may be confirmed: a day, at most until the start, at least half an hour."""
    latest = now + UNCONFIRMED_LASTS
    return max(min(latest, event.starts_at or latest), now + SHORTEST_UNCONFIRMED)


def _line(event: Event, hosts: Collection[int] | None) -> Select[int, int, int]:
    """Select the waiting groups: host, ticket type and size; in order of arrival."""
    # In the words of the partial index, as for is_live.
    is_waiting = Registration.state == literal(RegistrationState.WAITING, Text, literal_execute=True)
    waiting = select(HOST, Registration.ticket_type_id, func.count()).where(
        Registration.event_id == event.id, is_waiting, ~Registration.walk_in
    )
    parties = waiting if hosts is None else waiting.where(among(HOST, hosts))
    return parties.group_by(HOST, Registration.ticket_type_id).order_by(func.min(Registration.waited_at), HOST)


def _seat(seats: Seats, hosts: Collection[int], state: RegistrationState) -> Sequence[int]:
    """Offer a seat to the groups whose members in this state have one counted; without time to ask, or an address,
    confirm them.

    Returns the ids of these members.
    """
    db, now = seats.db, clock.now()
    together = or_(among(Registration.id, hosts), among(Registration.host_id, hosts))
    columns = select(Registration.id, HOST.label("host"), Registration.email, Registration.state).where(together)
    # In order of id, as the worker locks a group's rows. A host who has cancelled still has the address.
    party = db.execute(columns.order_by(Registration.id).with_for_update(key_share=True)).all()
    deadline = offer_deadline(seats.event, now)
    offered_hosts = {row.id for row in party if row.email and deadline}
    people = [row for row in party if row.state == state]
    offered = [row.id for row in people if row.host in offered_hosts]
    confirmed = [row.id for row in people if row.host not in offered_hosts]
    _write(db, offered, state=RegistrationState.OFFERED, deadline=deadline)
    _write(db, confirmed, state=RegistrationState.CONFIRMED, deadline=None, confirmed_at=now)
    exempt = seats.by_organizer
    outbox.enqueue_each(db, MessageKind.SEAT_OFFERED, subjects=offered_hosts, key=now.isoformat(), exempt=exempt)
    outbox.enqueue_each(db, MessageKind.REGISTRATION_CONFIRMED, subjects={*hosts} - offered_hosts, exempt=exempt)
    return [row.id for row in people]


def _shorten_offers(seats: Seats, until: datetime) -> None:
    if hosts := {row.host for row in _held_beyond(seats, RegistrationState.OFFERED, until)}:
        _seat(seats, hosts, RegistrationState.OFFERED)


def _shorten_confirmations(seats: Seats, until: datetime) -> None:
    late = _held_beyond(seats, RegistrationState.UNCONFIRMED, until)
    _write(seats.db, [row.id for row in late], deadline=until)
    hosts, key = {row.host for row in late}, clock.now().isoformat()
    outbox.enqueue_each(seats.db, MessageKind.PLEASE_CONFIRM, subjects=hosts, key=key, exempt=seats.by_organizer)


def _held_beyond(seats: Seats, state: RegistrationState, until: datetime) -> Sequence[Row[int, int]]:
    conditions = Registration.event_id == seats.event.id, Registration.state == state, Registration.deadline > until
    late = select(Registration.id, HOST.label("host")).where(*conditions)
    return seats.db.execute(late.order_by(Registration.id).with_for_update(key_share=True)).all()


def _takes_seat(seats: Seats, registration: Registration, target: TicketType) -> bool:
    """Return whether a person can have a seat of another type; if so, count it."""
    if registration.ticket_type_id == target.id or (target.seats_left == 0 and not registration.walk_in):
        return False
    if not registration.walk_in:
        seats.types[registration.ticket_type_id].taken -= 1
        target.taken += 1
    return True


def _write(db: Session, ids: Collection[int], **values: Any) -> None:
    if ids:
        db.execute(update(Registration).where(among(Registration.id, ids)).values(values))
