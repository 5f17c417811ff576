"""Registering for an event, changing a registration, and cancelling it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Text, bindparam, or_, select, update
from sqlalchemy.orm import Session, joinedload

from shared import clock
from shared.errors import Conflicting, Full, Invalid, Missing, NotOpen
from shared.i18n import search_key
from shared.models import CancelledBy, Event, EventState, Registration, RegistrationState, TicketType
from shared.outbox import outbox
from shared.outbox.kinds import MessageKind
from shared.registrations import seat_holds
from shared.registrations.new_registration import NewRegistration, Outcome
from shared.registrations.seats import (
    among,
    capacity_of,
    change_type,
    confirm_party,
    confirmation_deadline,
    fill,
    host_of,
    lock,
    release,
)
from shared.registrations.taking_seats import first_state, take_seats
from shared.registrations.waiting_list import join, record_refused

AGAIN_AFTER = timedelta(minutes=10)
AGAIN = {
    RegistrationState.UNCONFIRMED: MessageKind.PLEASE_CONFIRM,
    RegistrationState.CONFIRMED: MessageKind.TICKET_AGAIN,
    RegistrationState.WAITING: MessageKind.JOINED_WAITING_LIST,
    RegistrationState.OFFERED: MessageKind.SEAT_OFFERED,
}
"""The email that is resent, by the state of the registration."""


def register(db: Session, *, slug: str, new_registration: NewRegistration, beyond_share: bool = False) -> Outcome:
    """Take seats for a person and their guests and enqueue the tickets, or join the waiting list if asked to.

    A second registration for a live contact changes nothing but has the ticket resent, at most once in ten minutes.
    When the event confirms by email, every outcome looks like a second registration: no one learns who is registered.
    `beyond_share`: the network has used its share, so that seats are held only until they are confirmed. Raises
    Missing, NotOpen, Full, Crowded (nothing is written), Invalid for a ticket type of another event, and at
    `companions` for a group larger than all seats.
    """
    now = clock.now()
    event = _find(db, slug)
    if event.confirms_by_email:
        # Before any lookup by contact: a refusal must not depend on who is registered.
        ticket_type = _choose(event, new_registration.ticket_type_id)
        _require_possible(event, ticket_type, new_registration, now)
        if not new_registration.email:
            raise Invalid("email", "email_needed")
        if beyond_share:
            seat_holds.require_seats_to_hold(db, event, ticket_type, new_registration)
    take = _hold_seat if beyond_share else _take_seat
    earlier = _find_earlier(db, event, new_registration)
    outcome = _return_earlier(db, earlier, new_registration) if earlier else take(db, event, new_registration, now)
    return Outcome(outcome.registration, is_new=outcome.is_new and not event.confirms_by_email)


def register_at_once(db: Session, *, event: Event, new_registration: NewRegistration) -> Outcome | None:
    """Register in one statement; None, and nothing is written, where register() has to look closer.

    `event` may have been read a second ago: the statement notices that it was changed, and counts the seats itself.
    `new_registration.source` need not exist. Raises Full, unless the contact is registered or asks to wait.
    """
    now = clock.now()
    ticket_type = _possible_type(event, new_registration, now)
    if ticket_type is None:
        return None
    answer = take_seats(db, event, ticket_type, new_registration, now, version=event.version)
    if answer.id:
        taken = _taken(event, answer.id, new_registration)
        return Outcome(taken, is_new=not event.confirms_by_email, took_last=answer.seats_left == 0)
    if answer.is_full and not new_registration.wait and not event.confirms_by_email:
        raise Full(may_wait=event.may_wait(now))
    return None


def confirm(db: Session, *, registration: Registration) -> None:
    """Confirm a registration by email, with its guests; or confirm that it waits, if it asked for the waiting list.

    Raises Conflicting when the deadline is over, and when the organizer has to confirm.
    """
    if registration.joins_until():
        seat_holds.join_late(db, registration=registration)
        return
    seats = lock(db, registration.event_id)
    # As it is under the lock: it may have lapsed since it was read.
    db.refresh(registration)
    if seat_holds.awaits_organizer(db, registration):
        raise Conflicting("organizer_confirms")
    party = seats.party(registration)
    is_late = any(member.deadline and member.deadline <= clock.now() for member in party)
    if not registration.is_live or is_late or seats.event.doors_closed_at:
        raise Conflicting("lapsed")
    if confirm_party(party):
        outbox.enqueue(db, MessageKind.REGISTRATION_CONFIRMED, subject=host_of(registration))
    db.flush()


def edit(db: Session, *, registration: Registration, name: str, answers: Mapping[str, Any]) -> None:
    """Correct a name and answers; the ticket's code stays. Raises Conflicting when cancelled."""
    if not registration.is_live:
        raise Conflicting("cancelled")
    registration.name, registration.name_key = name, search_key(name)
    registration.answers = dict(answers)
    db.flush()


def set_language(db: Session, *, registration: Registration, language: str) -> None:
    """Set the language of a group's emails."""
    host = host_of(registration)
    together = or_(Registration.id == host, Registration.host_id == host)
    # In order of id, as the worker locks them.
    for member in db.scalars(
        select(Registration).where(together).order_by(Registration.id).with_for_update(key_share=True)
    ):
        member.language = language
    db.flush()


def move(db: Session, *, registration: Registration, ticket_type_id: int) -> None:
    """Move one person to another ticket type; the seat that becomes free goes to people who wait for it.

    Raises Conflicting unless confirmed, Invalid for a type that is not available, Full when it has no seat.
    """
    seats = lock(db, registration.event_id)
    db.refresh(registration)
    target = seats.types.get(ticket_type_id)
    if registration.state != RegistrationState.CONFIRMED:
        raise Conflicting(registration.state)
    if target is None or not target.is_open(clock.now()):
        raise Invalid("ticket_type", "unknown_ticket_type")
    if target.id == registration.ticket_type_id:
        return
    if not change_type(seats, [registration], target):
        raise Full
    fill(db, seats)


def send_again(db: Session, *, people: Sequence[Registration], by_organizer: bool = False) -> Sequence[int]:
    """Resend people's last email and return the ids of those who get one.

    At most once in ten minutes, and only to those with an address.
    """
    now = clock.now()
    rested = or_(Registration.sent_again_at.is_(None), Registration.sent_again_at < now - AGAIN_AFTER)
    due = (
        among(Registration.id, [person.id for person in people]),
        Registration.is_live,
        Registration.email.is_not(None),
    )
    statement = update(Registration).where(*due, rested).values(sent_again_at=now)
    sent = db.execute(statement.returning(Registration.id, Registration.state)).all()
    for state, kind in AGAIN.items():
        subjects = [person.id for person in sent if person.state == state]
        outbox.enqueue_each(db, kind, subjects=subjects, key=now.isoformat(), exempt=by_organizer)
    return [person.id for person in sent]


def cancel(db: Session, *, registration_id: int, by: CancelledBy) -> Registration:
    """Cancel one person's registration and offer the seat to people who wait; guests stay registered.

    Raises Missing, and Conflicting when it is cancelled already.
    """
    event_id = db.scalar(select(Registration.event_id).where(Registration.id == registration_id))
    if event_id is None:
        raise Missing
    seats = lock(db, event_id)
    registration = db.get_one(Registration, registration_id, populate_existing=True)
    if not registration.is_live:
        raise Conflicting("cancelled")
    release(seats, [registration], by)
    fill(db, seats)
    return registration


def _take_seat(db: Session, event: Event, new_registration: NewRegistration, now: datetime) -> Outcome:
    ticket_type = _choose(event, new_registration.ticket_type_id)
    _require_possible(event, ticket_type, new_registration, now)
    answer = take_seats(db, event, ticket_type, new_registration, now)
    if answer.id:
        return Outcome(db.get_one(Registration, answer.id), is_new=True)
    if not answer.has_seats:
        return _without_seat(db, event, new_registration, now)
    # The same contact registered at the same moment; else a drawn short code exists in the event: 35 bits, so two of
    # 5,000 people share one once in 2,700 events. Draw again.
    earlier = _find_earlier(db, event, new_registration)
    return _return_earlier(db, earlier, new_registration) if earlier else _take_seat(db, event, new_registration, now)


def _hold_seat(db: Session, event: Event, new_registration: NewRegistration, now: datetime) -> Outcome:
    ticket_type = _choose(event, new_registration.ticket_type_id)
    seats = lock(db, event.id)
    _require_possible(seats.event, ticket_type, new_registration, now)
    # Under the lock no one else writes: a registration made since the first look is visible now.
    earlier = _find_earlier(db, event, new_registration)
    if earlier:
        return _return_earlier(db, earlier, new_registration)
    return Outcome(
        seat_holds.hold_seats(db, seats=seats, ticket_type=ticket_type, new_registration=new_registration), is_new=True
    )


def _find(db: Session, slug: str) -> Event:
    statement = select(Event).options(joinedload(Event.ticket_types)).where(Event.slug == slug)
    event = db.scalars(statement).unique().one_or_none()
    if event is None or event.state == EventState.DRAFT:
        raise Missing
    return event


def _find_earlier(db: Session, event: Event, new_registration: NewRegistration) -> Registration | None:
    """Return the live registration of this contact, or the one that this very form made."""
    # Spelt so that a missing `once` is NULL, which equals nothing; `==` would make it IS NULL.
    same_form = Registration.once == bindparam("once", new_registration.once, Text)
    earlier = (
        select(Registration)
        .where(Registration.event_id == event.id, Registration.contact_key == new_registration.contact_key)
        .where(Registration.host_id.is_(None), or_(Registration.is_live, same_form))
        .order_by(same_form.desc().nulls_last())
        .limit(1)
    )
    return db.scalars(earlier).one_or_none()


def _return_earlier(db: Session, earlier: Registration, new_registration: NewRegistration) -> Outcome:
    if new_registration.once and new_registration.once == earlier.once:
        return Outcome(earlier, is_new=True)
    send_again(db, people=[earlier])
    return Outcome(earlier, is_new=False)


def _choose(event: Event, ticket_type_id: int | None) -> TicketType:
    if ticket_type_id is None and len(event.ticket_types) == 1:
        return event.ticket_types[0]
    chosen = next((ticket_type for ticket_type in event.ticket_types if ticket_type.id == ticket_type_id), None)
    if chosen is None:
        raise Invalid("ticket_type", "unknown_ticket_type")
    return chosen


def _possible_type(event: Event, new_registration: NewRegistration, now: datetime) -> TicketType | None:
    """Return the chosen ticket type, None if anything seems to be in the way."""
    if event.confirms_by_email and not new_registration.email:
        return None
    with suppress(Invalid, NotOpen):
        ticket_type = _choose(event, new_registration.ticket_type_id)
        _require_possible(event, ticket_type, new_registration, now)
        return ticket_type
    return None


def _taken(event: Event, registration_id: int, new_registration: NewRegistration) -> Registration:
    """Return a registration that was just inserted as far as an answer shows it, without reading it."""
    return Registration(
        id=registration_id, event_id=event.id, email=new_registration.email, state=first_state(event), version=1
    )


def _require_possible(event: Event, ticket_type: TicketType, new_registration: NewRegistration, now: datetime) -> None:
    """Raise NotOpen; and Invalid for a group larger than all seats: it would wait forever."""
    if not event.is_open(now) or not ticket_type.is_open(now):
        raise NotOpen
    seats = capacity_of(event, ticket_type)
    if seats and len(new_registration.names) > seats:
        raise Invalid("companions", "too_many", room=seats)


def _without_seat(db: Session, event: Event, new_registration: NewRegistration, now: datetime) -> Outcome:
    """Answer a group that does not fit: with the waiting list if that was asked for, or by email."""
    db.refresh(event, ["state", "doors_closed_at"])
    ticket_type = _choose(event, new_registration.ticket_type_id)
    _require_possible(event, ticket_type, new_registration, now)
    may_wait = event.may_wait(now)
    if not event.confirms_by_email and not (new_registration.wait and may_wait):
        raise Full(may_wait=may_wait)
    seats = lock(db, event.id)
    _require_possible(seats.event, ticket_type, new_registration, now)
    # Under the lock no one else writes: a registration made since the first look is visible now.
    earlier = _find_earlier(db, event, new_registration)
    if earlier:
        return _return_earlier(db, earlier, new_registration)
    if may_wait:
        deadline = confirmation_deadline(event, now) if event.confirms_by_email else None
        return Outcome(
            join(db, seats=seats, ticket_type=ticket_type, new_registration=new_registration, confirm_by=deadline),
            is_new=True,
        )
    return Outcome(record_refused(db, ticket_type=ticket_type, new_registration=new_registration), is_new=True)
