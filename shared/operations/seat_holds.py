"""Registrations beyond a network's share of an event: taken, but only for a while, until they are confirmed.

No address can be told from a made-up one, so whoever takes more than a share from one network in an hour has to show
that there is somebody: by the link in the email, or by the organizer's word for a phone number. Such seats return soon,
and all together they are at most half of the event, so that a flood never shuts everyone else out. In the waiting list
a registration beyond the share is no place before it is confirmed.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared import clock, outbox
from shared.errors import Conflicting, Crowded, Full
from shared.models import Event, Registration, TicketType
from shared.operations.new_registration import NewRegistration
from shared.operations.seats import SHORTEST_UNCONFIRMED, Seats, capacity_of, host_of, lock
from shared.operations.waiting_list import add_party, turn_away
from shared.queries import people

HOLD_LASTS = timedelta(minutes=30)
HOLD_FOR_ORGANIZER_LASTS = timedelta(hours=12)
"""Longer, since an organizer sleeps; shorter than a day, since made-up numbers would keep seats for as long."""
UNLIMITED = 600
"""As how large an event counts of which the seats are not limited."""
FAMILY = 5
"""Fewer seats than one form can ask for are nobody's share."""


def network_share(event: Event, ticket_type: TicketType, divisor: int) -> int:
    """One part in so many of the seats that there are in all of a type, at least a family's five."""
    return max(FAMILY, (capacity_of(event, ticket_type) or UNLIMITED) // divisor)


def require_seats_to_hold(db: Session, event: Event, ticket_type: TicketType, sign_up: NewRegistration) -> None:
    """Raises Crowded where more than half of the event's seats, or of the type's, would be held. It is exact under the
    lock only.
    """
    by_type = people.held_by_type(db, event_id=event.id)
    of_event, of_type = sum(by_type.values()), by_type.get(ticket_type.id, 0)
    for held, capacity in ((of_event, event.capacity), (of_type, ticket_type.capacity)):
        # The larger half, so that with the half that needs no confirmation everyone in a hall gets a seat.
        if capacity and held + len(sign_up.names) > max(FAMILY, capacity - capacity // 2):
            raise Crowded


def hold_seats(db: Session, *, seats: Seats, ticket_type: TicketType, sign_up: NewRegistration) -> Registration:
    """Hold seats for a party until it is confirmed, under a lock of the event's seats; where none is left, ask it to
    confirm that it waits.

    Raises Full as registering does; Crowded where half of the seats are held already, or a phone number asks to wait.
    """
    event = seats.event
    overtakes = ticket_type.waiting and not (sign_up.wait or event.needs_mail)
    if overtakes or not seats.fit(len(sign_up.names), ticket_type.id):
        return _ask_to_join(db, event, ticket_type, sign_up)
    require_seats_to_hold(db, event, ticket_type, sign_up)
    seats.count(ticket_type.id, taken=len(sign_up.names))
    state = {"state": "unconfirmed", "deadline": _deadline(event, sign_up), "held": True}
    host = add_party(db, ticket_type, sign_up, state)
    if sign_up.email:
        outbox.enqueue(db, "please_confirm", subject=host.id)
    return host


def join_late(db: Session, *, registration: Registration) -> None:
    """Join the waiting list by the link in the email, last in it; or take seats, where they fit by now.

    Raises Conflicting when the time for it is over, it was done already, or the contact is registered otherwise.
    """
    seats = lock(db, registration.event_id)
    db.refresh(registration)
    now, until = clock.now(), registration.joins_until()
    if until is None or until <= now or not seats.event.may_wait(now) or seats.event.barred(now):
        raise Conflicting("lapsed")
    if _is_registered(db, registration):
        raise Conflicting("registered")
    party = _joining(db, registration)
    is_free = seats.fit(len(party), registration.ticket_type_id)
    seats.count(registration.ticket_type_id, **{"taken" if is_free else "waiting": len(party)})
    for one in party:
        one.state, one.held, one.cancelled_at, one.cancelled_by = "waiting", False, None, None
        one.waited_at = now
        if is_free:
            one.state, one.confirmed_at = "confirmed", now
    kind = "registration_confirmed" if is_free else "joined_waiting_list"
    outbox.enqueue(db, kind, subject=host_of(registration))
    db.flush()


def wait_for_email(db: Session, *, host: Registration, until: datetime) -> None:
    """Hold a party's seats as long after its delayed email as if that had left at once; no longer than the organizer
    has for a phone number, and never beyond the event's start.
    """
    latest = min(until + HOLD_LASTS, host.created_at + HOLD_FOR_ORGANIZER_LASTS)
    deadline = min(latest, host.event.starts_at or latest)
    party = (Registration.id == host.id) | (Registration.host_id == host.id)
    held = Registration.held, Registration.state == "unconfirmed", Registration.deadline < deadline
    db.execute(update(Registration).where(party, *held).values(deadline=deadline))


def is_organizers(db: Session, registration: Registration) -> bool:
    """Whether only the organizer can confirm: the seat is held, and no address can."""
    host = db.get_one(Registration, host_of(registration))
    return registration.held and registration.state == "unconfirmed" and not host.email


def _deadline(event: Event, sign_up: NewRegistration) -> datetime:
    now = clock.now()
    latest = now + (HOLD_LASTS if sign_up.email else HOLD_FOR_ORGANIZER_LASTS)
    return max(min(latest, event.starts_at or latest), now + SHORTEST_UNCONFIRMED)


def _ask_to_join(db: Session, event: Event, ticket_type: TicketType, sign_up: NewRegistration) -> Registration:
    """A registration that holds nothing and counts nowhere, to which the email's link leads."""
    now = clock.now()
    may_wait = event.may_wait(now)
    if not event.needs_mail and not (sign_up.wait and may_wait):
        raise Full(may_wait=may_wait)
    if not may_wait:
        return turn_away(db, ticket_type=ticket_type, sign_up=sign_up)
    if not sign_up.email:
        raise Crowded("crowded_line")
    state = {"state": "cancelled", "cancelled_at": now, "cancelled_by": "lapsed", "waited_at": now, "held": True}
    host = add_party(db, ticket_type, sign_up, state)
    outbox.enqueue(db, "please_confirm", subject=host.id)
    return host


def _joining(db: Session, registration: Registration) -> list[Registration]:
    host = host_of(registration)
    together = (Registration.id == host) | (Registration.host_id == host)
    return list(db.scalars(select(Registration).where(together, Registration.held).order_by(Registration.id)))


def _is_registered(db: Session, registration: Registration) -> bool:
    live = Registration.event_id == registration.event_id, Registration.is_live, Registration.host_id.is_(None)
    return bool(db.scalar(select(func.count()).where(*live, Registration.contact_key == registration.contact_key)))
