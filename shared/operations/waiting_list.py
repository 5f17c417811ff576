"""The line for a seat: joining it, and losing what one was offered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import clock, outbox
from shared.models import ConsentWording, Registration, TicketType
from shared.operations.new_registration import NewRegistration, draw_person
from shared.operations.seats import Seats, fill, host_of, lock, release


def join(
    db: Session, *, seats: Seats, ticket_type: TicketType, sign_up: NewRegistration, confirm_by: datetime | None = None
) -> Registration:
    """Join the line with everybody in the party, under a lock of the event's seats.

    A party that fits into the seats that are left gets them at once: whoever waits is too large for them. With
    `confirm_by` it gets them until then, and the mail has to be answered.
    """
    now, number = clock.now(), len(sign_up.names)
    is_free = seats.fit(number, ticket_type.id)
    seats.count(ticket_type.id, **{"taken" if is_free else "waiting": number})
    if not is_free:
        state, message = {"state": "waiting", "waited_at": now}, "joined_waiting_list"
    elif confirm_by:
        state, message = {"state": "unconfirmed", "deadline": confirm_by}, "please_confirm"
    else:
        state, message = {"state": "confirmed", "confirmed_at": now}, "registration_confirmed"
    host = add_party(db, ticket_type, sign_up, state)
    outbox.enqueue(db, message, subject=host.id)
    return host


def turn_away(db: Session, *, ticket_type: TicketType, sign_up: NewRegistration) -> Registration:
    """Keep a sign-up that finds neither seat nor line only to say so by mail, where the page must not tell."""
    state = {"state": "cancelled", "cancelled_at": clock.now(), "cancelled_by": "lapsed"}
    host = add_party(db, ticket_type, sign_up, state)
    outbox.enqueue(db, "event_full", subject=host.id)
    return host


def lapse(db: Session, *, event_id: int, now: datetime) -> int:
    """Free the seats that were held until a deadline, and give them on; how many were freed."""
    seats = lock(db, event_id)
    overdue = _overdue(now).where(Registration.event_id == event_id)
    lapsed = db.scalars(overdue.with_for_update(key_share=True, of=Registration)).all()
    offered = {host_of(one) for one in lapsed if one.state == "offered"}
    release(seats, lapsed, "lapsed")
    outbox.enqueue_each(db, "offer_lapsed", subjects=offered, key=now.isoformat())
    fill(db, seats)
    return len(lapsed)


def overdue_events(db: Session, *, now: datetime) -> Sequence[int]:
    """Events in which somebody holds a seat past the deadline."""
    events = _overdue(now).with_only_columns(Registration.event_id).order_by(None).distinct()
    return db.scalars(events).all()


def _overdue(now: datetime) -> Any:
    held = Registration.state.in_(("unconfirmed", "offered"))
    return select(Registration).where(held, Registration.deadline <= now).order_by(Registration.id)


def add_party(db: Session, ticket_type: TicketType, sign_up: NewRegistration, state: Mapping[str, Any]) -> Registration:
    """Write down a party, all in one state; its host. What is counted is the caller's."""
    same = {
        "event_id": ticket_type.event_id,
        "ticket_type_id": ticket_type.id,
        "language": sign_up.language,
        "source": sign_up.source,
        "consent": sign_up.consent,
        **state,
    }
    host = Registration(
        **draw_person(sign_up.name),
        **same,
        email=sign_up.email,
        phone=sign_up.phone,
        contact_key=sign_up.contact_key,
        once=sign_up.once,
        answers=dict(sign_up.answers),
    )
    db.add(host)
    db.flush()
    db.add_all(Registration(**draw_person(name), **same, host_id=host.id) for name in sign_up.companions)
    db.flush()
    if sign_up.consent and sign_up.consent_wording:
        # As the statement does that takes seats: who only waited has agreed to the same words.
        worded = {"version": sign_up.consent, "language": sign_up.language, "wording": sign_up.consent_wording}
        db.execute(insert(ConsentWording).values(worded).on_conflict_do_nothing())
    return host
