"""The waiting list: joining it, and losing an offered seat."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import clock
from shared.models import CancelledBy, ConsentWording, Registration, RegistrationState, TicketType
from shared.outbox import outbox
from shared.outbox.kinds import MessageKind
from shared.registrations.new_registration import NewRegistration, add_registrations, draw_party
from shared.registrations.seats import Seats, fill, host_of, lock, release


def join(
    db: Session,
    *,
    seats: Seats,
    ticket_type: TicketType,
    new_registration: NewRegistration,
    confirm_by: datetime | None = None,
) -> Registration:
    """Join the waiting list with the whole group, under a lock of the event's seats.

    A group that fits into the free seats gets them at once: all that wait are too large for them. With `confirm_by` it
    has them until then, and must confirm by email.
    """
    now, number = clock.now(), len(new_registration.names)
    is_free = seats.fit(number, ticket_type.id)
    seats.count(ticket_type.id, **{"taken" if is_free else "waiting": number})
    if not is_free:
        state, message = {"state": RegistrationState.WAITING, "waited_at": now}, MessageKind.JOINED_WAITING_LIST
    elif confirm_by:
        state, message = {"state": RegistrationState.UNCONFIRMED, "deadline": confirm_by}, MessageKind.PLEASE_CONFIRM
    else:
        state, message = {"state": RegistrationState.CONFIRMED, "confirmed_at": now}, MessageKind.REGISTRATION_CONFIRMED
    host = add_party(db, ticket_type, new_registration, state)
    outbox.enqueue(db, message, subject=host.id)
    return host


def record_refused(db: Session, *, ticket_type: TicketType, new_registration: NewRegistration) -> Registration:
    """Record a registration without seat or waiting list, to answer it by email.

    For pages that must not reveal that the event is full.
    """
    state = {"state": RegistrationState.CANCELLED, "cancelled_at": clock.now(), "cancelled_by": CancelledBy.LAPSED}
    host = add_party(db, ticket_type, new_registration, state)
    outbox.enqueue(db, MessageKind.EVENT_FULL, subject=host.id)
    return host


def lapse(db: Session, *, event_id: int, now: datetime) -> int:
    """Free the seats that were held until a deadline, and offer them on; return how many were freed."""
    seats = lock(db, event_id)
    overdue = _overdue(now).where(Registration.event_id == event_id)
    lapsed = db.scalars(overdue.with_for_update(key_share=True, of=Registration)).all()
    offered = {host_of(registration) for registration in lapsed if registration.state == RegistrationState.OFFERED}
    release(seats, lapsed, CancelledBy.LAPSED)
    outbox.enqueue_each(db, MessageKind.OFFER_LAPSED, subjects=offered, key=now.isoformat())
    fill(db, seats)
    return len(lapsed)


def overdue_events(db: Session, *, now: datetime) -> Sequence[int]:
    """Return the events in which a seat is held past its deadline."""
    events = _overdue(now).with_only_columns(Registration.event_id).order_by(None).distinct()
    return db.scalars(events).all()


def _overdue(now: datetime) -> Any:
    has_deadline = Registration.state.in_((RegistrationState.UNCONFIRMED, RegistrationState.OFFERED))
    return select(Registration).where(has_deadline, Registration.deadline <= now).order_by(Registration.id)


def add_party(
    db: Session, ticket_type: TicketType, new_registration: NewRegistration, state: Mapping[str, Any]
) -> Registration:
    """Add a group, all in one state, and return its host. The caller counts its seats."""
    host, *companions = draw_party(new_registration, ticket_type, state)
    [host_id] = add_registrations(db, {}, [host])
    if companions:
        add_registrations(db, {}, [companion | {"host_id": host_id} for companion in companions])
    if new_registration.consent and new_registration.consent_wording:
        # As in the statement that takes seats: a group that only waits has agreed to the same words.
        wording = {
            "version": new_registration.consent,
            "language": new_registration.language,
            "wording": new_registration.consent_wording,
        }
        db.execute(insert(ConsentWording).values(wording).on_conflict_do_nothing())
    return db.get_one(Registration, host_id)
