"""Registering for an event, changing a registration, and cancelling it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Text, bindparam, literal_column, or_, select, text, update
from sqlalchemy.orm import Session, joinedload

from shared import clock
from shared.errors import Conflicting, Full, Invalid, Missing, NotOpen
from shared.i18n import search_key
from shared.models import CancelledBy, Event, EventState, Registration, RegistrationState, TicketType
from shared.outbox import outbox
from shared.outbox.kinds import KINDS, MessageKind
from shared.registrations import seat_holds
from shared.registrations.new_registration import NewRegistration, Outcome, draw_person
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
from shared.registrations.waiting_list import join, record_refused

__all__ = ["NewRegistration", "Outcome", "cancel", "confirm", "edit", "move", "register", "send_again", "set_language"]

AGAIN_AFTER = timedelta(minutes=10)
AGAIN = {
    RegistrationState.UNCONFIRMED: MessageKind.PLEASE_CONFIRM,
    RegistrationState.CONFIRMED: MessageKind.TICKET_AGAIN,
    RegistrationState.WAITING: MessageKind.JOINED_WAITING_LIST,
    RegistrationState.OFFERED: MessageKind.SEAT_OFFERED,
}
"""The email that is resent, by the state of the registration."""

# One statement, so that the hot rows are never locked across a round trip. The event's row is locked before the ticket
# type's, as everywhere, and both are read as they are once they are locked. A host is inserted if both have seats, and
# counted if it was inserted; so nothing fails on purpose: PostgreSQL logs no error for each person who meets a full
# event, and there is no savepoint. The price is that both rows are locked before they are updated.
TAKE_SEATS = text("""
    WITH free AS (
        SELECT event.id AS event_id, ticket_type.id AS ticket_type_id
        FROM event JOIN ticket_type ON ticket_type.event_id = event.id
        WHERE event.id = :event AND event.state = 'published'
          AND (event.capacity IS NULL OR event.taken + :party <= event.capacity)
          AND ticket_type.id = :ticket_type AND ticket_type.waiting = 0
          AND (ticket_type.capacity IS NULL OR ticket_type.taken + :party <= ticket_type.capacity)
        FOR NO KEY UPDATE OF event, ticket_type
    ), host AS (
        INSERT INTO registration (event_id, ticket_type_id, state, confirmed_at, deadline, ticket_id, short_code, name,
                                  name_key, email, phone, contact_key, language, once, source, consent, answers)
        SELECT free.event_id, free.ticket_type_id, :state, CAST(:confirmed_at AS timestamptz),
               CAST(:deadline AS timestamptz), ticket_id, short_code, name, name_key, :email, :phone, :contact_key,
               :language, :once, :source, :consent, CAST(:answers AS jsonb)
        FROM free, jsonb_to_record(:host) AS person (ticket_id text, short_code text, name text, name_key text)
        WHERE NOT EXISTS (SELECT FROM registration WHERE event_id = :event AND short_code = ANY(:companion_codes))
        ON CONFLICT DO NOTHING
        RETURNING *
    ), event_seats AS (
        UPDATE event SET taken = taken + :party WHERE id = (SELECT event_id FROM host)
    ), type_seats AS (
        UPDATE ticket_type SET taken = taken + :party WHERE id = (SELECT ticket_type_id FROM host)
    ), companions AS (
        INSERT INTO registration (event_id, ticket_type_id, host_id, state, confirmed_at, deadline, ticket_id,
                                  short_code, name, name_key, language, source, consent)
        SELECT host.event_id, host.ticket_type_id, host.id, host.state, host.confirmed_at, host.deadline,
               person.ticket_id, person.short_code, person.name, person.name_key, host.language, host.source,
               host.consent
        FROM host, jsonb_to_recordset(:companions)
                   AS person (ticket_id text, short_code text, name text, name_key text)
    ), worded AS (
        INSERT INTO consent_wording (version, language, wording)
        SELECT host.consent, host.language, CAST(:wording AS text) FROM host
        WHERE host.consent IS NOT NULL AND CAST(:wording AS text) IS NOT NULL
        ON CONFLICT DO NOTHING
    ), promised AS (
        INSERT INTO outbox (kind, subject, priority) SELECT CAST(:kind AS text), host.id, :priority FROM host
    )
    SELECT host.*, EXISTS (SELECT FROM free) AS has_seats FROM (VALUES (1)) AS one LEFT JOIN host ON true
""")


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
    registration, has_seats = _take_seats(db, event, ticket_type, new_registration, now)
    if registration:
        return Outcome(registration, is_new=True)
    if not has_seats:
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


def _require_possible(event: Event, ticket_type: TicketType, new_registration: NewRegistration, now: datetime) -> None:
    """Raise NotOpen; and Invalid for a group larger than all seats: it would wait forever."""
    if not event.is_open(now) or not ticket_type.is_open(now):
        raise NotOpen
    seats = capacity_of(event, ticket_type)
    if seats and len(new_registration.names) > seats:
        raise Invalid("companions", "too_many", room=seats)


def _take_seats(
    db: Session, event: Event, ticket_type: TicketType, new_registration: NewRegistration, now: datetime
) -> tuple[Registration | None, bool]:
    """Return the host's registration or None, and whether there were seats.

    None with seats means that an equal registration came first.
    """
    people = [draw_person(name) for name in new_registration.names]
    kind = MessageKind.PLEASE_CONFIRM if event.confirms_by_email else MessageKind.REGISTRATION_CONFIRMED
    values: dict[str, Any] = {
        "event": event.id,
        "ticket_type": ticket_type.id,
        "party": len(people),
        "host": json.dumps(people[0]),
        "companions": json.dumps(people[1:]),
        "companion_codes": [person["short_code"] for person in people[1:]],
        "state": RegistrationState.UNCONFIRMED if event.confirms_by_email else RegistrationState.CONFIRMED,
        "confirmed_at": None if event.confirms_by_email else now,
        "deadline": confirmation_deadline(event, now) if event.confirms_by_email else None,
        "email": new_registration.email,
        "phone": new_registration.phone,
        "contact_key": new_registration.contact_key,
        "language": new_registration.language,
        "once": new_registration.once,
        "source": new_registration.source,
        "consent": new_registration.consent,
        "wording": new_registration.consent_wording,
        "answers": json.dumps(dict(new_registration.answers)),
        "kind": kind,
        "priority": KINDS[kind].priority,
    }
    statement = select(Registration, literal_column("has_seats", Boolean)).from_statement(TAKE_SEATS)
    host, has_seats = db.execute(statement, values).one()
    return host, has_seats


def _without_seat(db: Session, event: Event, new_registration: NewRegistration, now: datetime) -> Outcome:
    """Answer a group that does not fit: with the waiting list if that was asked for, or by email."""
    db.refresh(event, ["state"])
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
