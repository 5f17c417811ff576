"""Taking a place in an event, changing it, and giving it back."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Text, bindparam, literal_column, or_, select, text, update
from sqlalchemy.orm import Session, joinedload

from shared import clock, outbox
from shared.errors import Conflicting, Full, Invalid, Missing, NotOpen
from shared.i18n import search_key
from shared.models import Event, Registration, TicketType
from shared.operations import seat_holds
from shared.operations.new_registration import NewRegistration, Outcome, draw_person
from shared.operations.seats import (
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
from shared.operations.waiting_list import join, turn_away

__all__ = ["NewRegistration", "Outcome", "cancel", "confirm", "edit", "move", "register", "send_again", "set_language"]

AGAIN_AFTER = timedelta(minutes=10)
AGAIN = {
    "unconfirmed": "please_confirm",
    "confirmed": "ticket_again",
    "waiting": "joined_waiting_list",
    "offered": "seat_offered",
}
"""What is sent again, by the state of who asks for it."""

# One statement, so that the hot rows are never held across a round trip. The event's row is locked before the ticket
# type's, as everywhere, and both are read as they are once they are locked. A host is inserted where both have seats,
# and counted where it was inserted; so nothing fails on purpose: PostgreSQL logs no error for each person who finds an
# event full, and there is no savepoint. The price is that both rows are locked before they are updated.
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


def register(db: Session, *, slug: str, sign_up: NewRegistration, beyond_share: bool = False) -> Outcome:
    """Take seats for a person and their companions, and promise the tickets; or wait in line, where that was asked for.

    A second sign-up for a live contact changes nothing but has the ticket sent again, at most once in ten minutes.
    Where the event confirms by mail, every outcome looks like a second sign-up: nobody learns who is registered.
    `beyond_share`: the network has had its share, so that seats are only held until they are confirmed.
    Raises Missing, NotOpen, Full, Crowded (nothing is written), Invalid for a ticket type that is not the event's, and
    at `companions` for more people than there are seats in all.
    """
    now = clock.now()
    event = _find(db, slug)
    if event.needs_mail:
        # Before anything is looked up by contact: what is refused must not depend on who is registered.
        ticket_type = _choose(event, sign_up.ticket_type_id)
        _require_place(event, ticket_type, sign_up, now)
        if not sign_up.email:
            raise Invalid("email", "email_needed")
        if beyond_share:
            seat_holds.require_seats_to_hold(db, event, ticket_type, sign_up)
    take = _hold_place if beyond_share else _take_place
    earlier = _find_earlier(db, event, sign_up)
    outcome = _meet_again(db, earlier, sign_up) if earlier else take(db, event, sign_up, now)
    return Outcome(outcome.registration, first=outcome.first and not event.needs_mail)


def confirm(db: Session, *, registration: Registration) -> None:
    """Confirm what was signed up by mail, with its companions; or that one waits, where that is what was asked.

    Raises Conflicting when the deadline is over, and when it is the organizer who confirms.
    """
    if registration.joins_until():
        seat_holds.join_late(db, registration=registration)
        return
    seats = lock(db, registration.event_id)
    # As it is under the lock: it may have lapsed since it was read.
    db.refresh(registration)
    if seat_holds.is_organizers(db, registration):
        raise Conflicting("organizer_confirms")
    party = seats.party(registration)
    is_late = any(one.deadline and one.deadline <= clock.now() for one in party)
    if not registration.is_live or is_late or seats.event.doors_closed_at:
        raise Conflicting("lapsed")
    if confirm_party(party):
        outbox.enqueue(db, "registration_confirmed", subject=host_of(registration))
    db.flush()


def edit(db: Session, *, registration: Registration, name: str, answers: Mapping[str, Any]) -> None:
    """Correct a name and answers; the ticket's code stays as it is. Raises Conflicting when cancelled."""
    if not registration.is_live:
        raise Conflicting("cancelled")
    registration.name, registration.name_key = name, search_key(name)
    registration.answers = dict(answers)
    db.flush()


def set_language(db: Session, *, registration: Registration, language: str) -> None:
    """Write to a party in another language from now on."""
    host = host_of(registration)
    together = or_(Registration.id == host, Registration.host_id == host)
    # In order of id, as the worker takes them.
    for one in db.scalars(
        select(Registration).where(together).order_by(Registration.id).with_for_update(key_share=True)
    ):
        one.language = language
    db.flush()


def move(db: Session, *, registration: Registration, ticket_type_id: int) -> None:
    """Move one person to another ticket type; the seat that is left goes to who waits for it.

    Raises Conflicting unless confirmed, Invalid for a type that cannot be had, Full when it has no seat.
    """
    seats = lock(db, registration.event_id)
    db.refresh(registration)
    target = seats.types.get(ticket_type_id)
    if registration.state != "confirmed":
        raise Conflicting(registration.state)
    if target is None or not target.is_open(clock.now()):
        raise Invalid("ticket_type", "unknown_ticket_type")
    if target.id == registration.ticket_type_id:
        return
    if not change_type(seats, [registration], target):
        raise Full
    fill(db, seats)


def send_again(db: Session, *, people: Sequence[Registration], by_organizer: bool = False) -> Sequence[int]:
    """Send people what they have last been sent, at most once in ten minutes, and only where there is an address; the
    ids of those to whom it will be.
    """
    now = clock.now()
    rested = or_(Registration.sent_again_at.is_(None), Registration.sent_again_at < now - AGAIN_AFTER)
    due = among(Registration.id, [one.id for one in people]), Registration.is_live, Registration.email.is_not(None)
    noted = update(Registration).where(*due, rested).values(sent_again_at=now)
    sent = db.execute(noted.returning(Registration.id, Registration.state)).all()
    for state, kind in AGAIN.items():
        subjects = [one.id for one in sent if one.state == state]
        outbox.enqueue_each(db, kind, subjects=subjects, key=now.isoformat(), exempt=by_organizer)
    return [one.id for one in sent]


def cancel(db: Session, *, registration_id: int, by: str) -> Registration:
    """Give one person's place back, to who waits for it; companions keep theirs. `by` is self, organizer or lapsed.

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


def _take_place(db: Session, event: Event, sign_up: NewRegistration, now: datetime) -> Outcome:
    ticket_type = _choose(event, sign_up.ticket_type_id)
    _require_place(event, ticket_type, sign_up, now)
    registration, has_seats = _take_seats(db, event, ticket_type, sign_up, now)
    if registration:
        return Outcome(registration, first=True)
    if not has_seats:
        return _without_seat(db, event, sign_up, now)
    # The same contact registered at the same moment; else a short code was drawn that the event has: 35 bits, so two of
    # 5,000 people share one once in 2,700 events. Draw again.
    earlier = _find_earlier(db, event, sign_up)
    return _meet_again(db, earlier, sign_up) if earlier else _take_place(db, event, sign_up, now)


def _hold_place(db: Session, event: Event, sign_up: NewRegistration, now: datetime) -> Outcome:
    ticket_type = _choose(event, sign_up.ticket_type_id)
    seats = lock(db, event.id)
    _require_place(seats.event, ticket_type, sign_up, now)
    # Under the lock nobody else writes: who came between the first look and now is seen.
    earlier = _find_earlier(db, event, sign_up)
    if earlier:
        return _meet_again(db, earlier, sign_up)
    return Outcome(seat_holds.hold_seats(db, seats=seats, ticket_type=ticket_type, sign_up=sign_up), first=True)


def _find(db: Session, slug: str) -> Event:
    found = select(Event).options(joinedload(Event.ticket_types)).where(Event.slug == slug)
    event = db.scalars(found).unique().one_or_none()
    if event is None or event.state == "draft":
        raise Missing
    return event


def _find_earlier(db: Session, event: Event, sign_up: NewRegistration) -> Registration | None:
    """The registration that this contact has already, or the one that this very form made."""
    # Spelt so that a missing `once` is NULL, which equals nothing; `==` would make it IS NULL.
    same_form = Registration.once == bindparam("once", sign_up.once, Text)
    earlier = (
        select(Registration)
        .where(Registration.event_id == event.id, Registration.contact_key == sign_up.contact_key)
        .where(Registration.host_id.is_(None), or_(Registration.is_live, same_form))
        .order_by(same_form.desc().nulls_last())
        .limit(1)
    )
    return db.scalars(earlier).one_or_none()


def _meet_again(db: Session, earlier: Registration, sign_up: NewRegistration) -> Outcome:
    if sign_up.once and sign_up.once == earlier.once:
        return Outcome(earlier, first=True)
    send_again(db, people=[earlier])
    return Outcome(earlier, first=False)


def _choose(event: Event, ticket_type_id: int | None) -> TicketType:
    if ticket_type_id is None and len(event.ticket_types) == 1:
        return event.ticket_types[0]
    chosen = next((one for one in event.ticket_types if one.id == ticket_type_id), None)
    if chosen is None:
        raise Invalid("ticket_type", "unknown_ticket_type")
    return chosen


def _require_place(event: Event, ticket_type: TicketType, sign_up: NewRegistration, now: datetime) -> None:
    """Raises NotOpen; and Invalid for a party that is larger than the room: it would wait for ever."""
    if not event.is_open(now) or not ticket_type.is_open(now):
        raise NotOpen
    seats = capacity_of(event, ticket_type)
    if seats and len(sign_up.names) > seats:
        raise Invalid("companions", "too_many", room=seats)


def _take_seats(
    db: Session, event: Event, ticket_type: TicketType, sign_up: NewRegistration, now: datetime
) -> tuple[Registration | None, bool]:
    """The host's registration or None, and whether there were seats: then None means that one like it was first."""
    people = [draw_person(name) for name in sign_up.names]
    kind = "please_confirm" if event.needs_mail else "registration_confirmed"
    values: dict[str, Any] = {
        "event": event.id,
        "ticket_type": ticket_type.id,
        "party": len(people),
        "host": json.dumps(people[0]),
        "companions": json.dumps(people[1:]),
        "companion_codes": [person["short_code"] for person in people[1:]],
        "state": "unconfirmed" if event.needs_mail else "confirmed",
        "confirmed_at": None if event.needs_mail else now,
        "deadline": confirmation_deadline(event, now) if event.needs_mail else None,
        "email": sign_up.email,
        "phone": sign_up.phone,
        "contact_key": sign_up.contact_key,
        "language": sign_up.language,
        "once": sign_up.once,
        "source": sign_up.source,
        "consent": sign_up.consent,
        "wording": sign_up.consent_wording,
        "answers": json.dumps(dict(sign_up.answers)),
        "kind": kind,
        "priority": outbox.PRIORITIES[kind],
    }
    taken = select(Registration, literal_column("has_seats", Boolean)).from_statement(TAKE_SEATS)
    host, has_seats = db.execute(taken, values).one()
    return host, has_seats


def _without_seat(db: Session, event: Event, sign_up: NewRegistration, now: datetime) -> Outcome:
    """No seat for all of the party: a place in line where that was asked for or, by mail, is the only honest answer."""
    db.refresh(event, ["state"])
    ticket_type = _choose(event, sign_up.ticket_type_id)
    _require_place(event, ticket_type, sign_up, now)
    may_wait = event.may_wait(now)
    if not event.needs_mail and not (sign_up.wait and may_wait):
        raise Full(may_wait=may_wait)
    seats = lock(db, event.id)
    _require_place(seats.event, ticket_type, sign_up, now)
    # Under the lock nobody else writes: who came between the first look and now is seen.
    earlier = _find_earlier(db, event, sign_up)
    if earlier:
        return _meet_again(db, earlier, sign_up)
    if may_wait:
        deadline = confirmation_deadline(event, now) if event.needs_mail else None
        return Outcome(join(db, seats=seats, ticket_type=ticket_type, sign_up=sign_up, confirm_by=deadline), first=True)
    return Outcome(turn_away(db, ticket_type=ticket_type, sign_up=sign_up), first=True)
