"""Seat holds: registrations beyond a network's share of an event have seats only until they are confirmed.

No address can be told from a made-up one, so registrations beyond a share per network and hour have to show that there
is a person: by the link in the email, or by the organizer's confirmation of a phone number. Such seats become free
soon, and all together they are at most half of the event, so that a flood never shuts everyone else out. On the waiting
list a registration beyond the share counts only once it is confirmed.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import Conflicting, Crowded, Full
from shared.models import CancelledBy, Event, Registration, RegistrationState, TicketType
from shared.outbox import outbox
from shared.outbox.kinds import MessageKind
from shared.registrations import people
from shared.registrations.new_registration import NewRegistration
from shared.registrations.seats import SHORTEST_UNCONFIRMED, Seats, capacity_of, host_of, lock
from shared.registrations.waiting_list import add_party, record_refused

HOLD_LASTS = timedelta(minutes=30)
HOLD_FOR_ORGANIZER_LASTS = timedelta(hours=12)
"""Longer, since an organizer sleeps; shorter than a day, since made-up numbers would block seats for as long."""
UNLIMITED = 600
"""The size that an event without a limit of seats counts as."""
FAMILY = 5
"""Every share has as many seats as one form can ask for."""


def network_share(event: Event, ticket_type: TicketType, divisor: int) -> int:
    """Return a network's share: one part in `divisor` of all seats of a type, at least a family's five."""
    return max(FAMILY, (capacity_of(event, ticket_type) or UNLIMITED) // divisor)


def require_seats_to_hold(
    db: Session, event: Event, ticket_type: TicketType, new_registration: NewRegistration
) -> None:
    """Raise Crowded when more than half of the event's seats, or of the type's, would be held.

    Exact under the lock only.
    """
    by_type = people.held_by_type(db, event_id=event.id)
    of_event, of_type = sum(by_type.values()), by_type.get(ticket_type.id, 0)
    for seats, capacity in ((of_event, event.capacity), (of_type, ticket_type.capacity)):
        # The larger half: with the half that needs no confirmation, everyone in a hall gets a seat.
        if capacity and seats + len(new_registration.names) > max(FAMILY, capacity - capacity // 2):
            raise Crowded


def hold_seats(
    db: Session, *, seats: Seats, ticket_type: TicketType, new_registration: NewRegistration
) -> Registration:
    """Hold seats for a group until it is confirmed, under a lock of the event's seats; when none is left, ask it to
    confirm that it waits.

    Raises Full as registering does; Crowded when half of the seats are held already, or when a phone number asks to
    wait.
    """
    event = seats.event
    overtakes = ticket_type.waiting and not (new_registration.wait or event.confirms_by_email)
    if overtakes or not seats.fit(len(new_registration.names), ticket_type.id):
        return _ask_to_join(db, event, ticket_type, new_registration)
    require_seats_to_hold(db, event, ticket_type, new_registration)
    seats.count(ticket_type.id, taken=len(new_registration.names))
    state = {"state": RegistrationState.UNCONFIRMED, "deadline": _deadline(event, new_registration), "held": True}
    host = add_party(db, ticket_type, new_registration, state)
    if new_registration.email:
        outbox.enqueue(db, MessageKind.PLEASE_CONFIRM, subject=host.id)
    return host


def join_late(db: Session, *, registration: Registration) -> None:
    """Join the waiting list by the link in the email, as the last; or take seats, if they fit by now.

    Raises Conflicting when the time for it is over, it was done already, or the contact is registered otherwise.
    """
    seats = lock(db, registration.event_id)
    db.refresh(registration)
    now, until = clock.now(), registration.joins_until()
    if until is None or until <= now or not seats.event.may_wait(now) or seats.event.closed_reason(now):
        raise Conflicting("lapsed")
    if _is_registered(db, registration):
        raise Conflicting("registered")
    party = _joining(db, registration)
    is_free = seats.fit(len(party), registration.ticket_type_id)
    seats.count(registration.ticket_type_id, **{"taken" if is_free else "waiting": len(party)})
    for member in party:
        member.state, member.held = RegistrationState.WAITING, False
        member.cancelled_at = member.cancelled_by = None
        member.waited_at = now
        if is_free:
            member.state, member.confirmed_at = RegistrationState.CONFIRMED, now
    kind = MessageKind.REGISTRATION_CONFIRMED if is_free else MessageKind.JOINED_WAITING_LIST
    outbox.enqueue(db, kind, subject=host_of(registration))
    db.flush()


def extend_hold(db: Session, *, host: Registration, until: datetime) -> None:
    """Hold a group's seats as long after its delayed email as after an immediate one.

    No longer than the organizer has for a phone number, and never beyond the event's start.
    """
    latest = min(until + HOLD_LASTS, host.created_at + HOLD_FOR_ORGANIZER_LASTS)
    deadline = min(latest, host.event.starts_at or latest)
    party = (Registration.id == host.id) | (Registration.host_id == host.id)
    outdated = Registration.held, Registration.state == RegistrationState.UNCONFIRMED, Registration.deadline < deadline
    db.execute(update(Registration).where(party, *outdated).values(deadline=deadline))


def awaits_organizer(db: Session, registration: Registration) -> bool:
    """Return whether only the organizer can confirm: the seat is held, and there is no address."""
    host = db.get_one(Registration, host_of(registration))
    return registration.held and registration.state == RegistrationState.UNCONFIRMED and not host.email


def _deadline(event: Event, new_registration: NewRegistration) -> datetime:
    now = clock.now()
    latest = now + (HOLD_LASTS if new_registration.email else HOLD_FOR_ORGANIZER_LASTS)
    return max(min(latest, event.starts_at or latest), now + SHORTEST_UNCONFIRMED)


def _ask_to_join(db: Session, event: Event, ticket_type: TicketType, new_registration: NewRegistration) -> Registration:
    """Add a registration without a seat that does not count anywhere; the email's link leads to it."""
    now = clock.now()
    may_wait = event.may_wait(now)
    if not event.confirms_by_email and not (new_registration.wait and may_wait):
        raise Full(may_wait=may_wait)
    if not may_wait:
        return record_refused(db, ticket_type=ticket_type, new_registration=new_registration)
    if not new_registration.email:
        raise Crowded("crowded_line")
    state = {
        "state": RegistrationState.CANCELLED,
        "cancelled_at": now,
        "cancelled_by": CancelledBy.LAPSED,
        "waited_at": now,
        "held": True,
    }
    host = add_party(db, ticket_type, new_registration, state)
    outbox.enqueue(db, MessageKind.PLEASE_CONFIRM, subject=host.id)
    return host


def _joining(db: Session, registration: Registration) -> list[Registration]:
    host = host_of(registration)
    together = (Registration.id == host) | (Registration.host_id == host)
    return list(db.scalars(select(Registration).where(together, Registration.held).order_by(Registration.id)))


def _is_registered(db: Session, registration: Registration) -> bool:
    live = Registration.event_id == registration.event_id, Registration.is_live, Registration.host_id.is_(None)
    return bool(db.scalar(select(func.count()).where(*live, Registration.contact_key == registration.contact_key)))
