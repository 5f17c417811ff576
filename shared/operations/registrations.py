"""Taking a place in an event, and giving it back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from shared import clock, outbox, tickets
from shared.contacts import contact_key
from shared.errors import Conflicting, Full, Invalid, Missing, NotOpen
from shared.i18n import search_key
from shared.models import Event, Registration, TicketType

AGAIN_AFTER = timedelta(minutes=10)
LARGEST_PARTY = 10
SEATED = ("unconfirmed", "offered", "confirmed")
NOT_NULL_VIOLATION = "23502"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """What a person asks for: a place for themselves and for companions, all or none."""

    name: str
    language: str
    email: str | None = None
    phone: str | None = None
    ticket_type_id: int | None = None
    companions: tuple[str, ...] = ()
    once: str | None = None
    consent: str | None = None
    source: str | None = None

    @property
    def contact_key(self) -> str:
        """By which a second sign-up of the same person is recognised."""
        return contact_key(self.email, self.phone)

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody in the party, the host first."""
        return (self.name, *self.companions)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a sign-up. `first` tells a first answer from "we sent it again"."""

    registration: Registration
    first: bool


# One statement, so that the hot rows are never held across a round trip. The event's row is guarded before the ticket
# type's, as everywhere. A guard that finds no row leaves its sub-select empty, and NOT NULL then fails the whole.
TAKE_SEATS = text("""
    WITH event_seats AS (
        UPDATE event SET taken = taken + :party
        WHERE id = :event AND state = 'published' AND (capacity IS NULL OR taken + :party <= capacity)
        RETURNING id
    ), type_seats AS (
        UPDATE ticket_type SET taken = taken + :party
        WHERE id = :ticket_type AND event_id = (SELECT id FROM event_seats)
          AND waiting = 0 AND (capacity IS NULL OR taken + :party <= capacity)
        RETURNING id
    ), host AS (
        INSERT INTO registration (event_id, ticket_type_id, state, confirmed_at, ticket_id, short_code, name, name_key,
                                  email, phone, contact_key, language, once, source, consent)
        SELECT (SELECT id FROM event_seats), (SELECT id FROM type_seats), 'confirmed', :now, ticket_id, short_code,
               name, name_key, :email, :phone, :contact_key, :language, :once, :source, :consent
        FROM jsonb_to_record(:host) AS person (ticket_id text, short_code text, name text, name_key text)
        RETURNING *
    ), companions AS (
        INSERT INTO registration (event_id, ticket_type_id, host_id, state, confirmed_at, ticket_id, short_code, name,
                                  name_key, language, consent)
        SELECT host.event_id, host.ticket_type_id, host.id, 'confirmed', :now, person.ticket_id, person.short_code,
               person.name, person.name_key, :language, :consent
        FROM host, jsonb_to_recordset(:companions)
                   AS person (ticket_id text, short_code text, name text, name_key text)
    ), promised AS (
        INSERT INTO outbox (kind, subject, priority) SELECT 'registration_confirmed', host.id, :priority FROM host
    )
    SELECT * FROM host
""")


def register(db: Session, *, slug: str, sign_up: SignUp) -> Outcome:
    """Take seats for a person and their companions, and promise the tickets.

    A second sign-up for a live contact changes nothing but has the ticket sent again, at most once in ten minutes.
    Raises Missing, NotOpen, Full (nothing is written), Invalid for a ticket type that is not the event's.
    """
    now = clock.now()
    event = _find(db, slug)
    earlier = _find_earlier(db, event, sign_up)
    if earlier:
        return _meet_again(db, earlier, sign_up, now)
    ticket_type = _choose(event, sign_up.ticket_type_id)
    if not event.is_open(now) or not ticket_type.is_open(now):
        raise NotOpen
    try:
        return Outcome(_take_seats(db, ticket_type, sign_up, now), first=True)
    except IntegrityError as error:
        return _settle(db, error, event, sign_up, now)


def cancel(db: Session, *, registration_id: int, by: str) -> Registration:
    """Give one person's place back; companions keep theirs. `by` is self, organizer or lapsed.

    Raises Missing, and Conflicting when it is cancelled already.
    """
    event_id = db.scalar(select(Registration.event_id).where(Registration.id == registration_id))
    if event_id is None:
        raise Missing
    # The event's row first, as everywhere: from here on nobody else changes who is live.
    event = db.get_one(Event, event_id, with_for_update=True, populate_existing=True)
    registration = db.get_one(Registration, registration_id, populate_existing=True)
    if not registration.is_live:
        raise Conflicting("cancelled")
    ticket_type = db.get_one(TicketType, registration.ticket_type_id, with_for_update=True, populate_existing=True)
    _give_back(registration, event, ticket_type)
    registration.state, registration.deadline = "cancelled", None
    registration.cancelled_at, registration.cancelled_by = clock.now(), by
    db.flush()
    return registration


def _find(db: Session, slug: str) -> Event:
    found = select(Event).options(joinedload(Event.ticket_types)).where(Event.slug == slug)
    event = db.scalars(found).unique().one_or_none()
    if event is None or event.state == "draft":
        raise Missing
    return event


def _find_earlier(db: Session, event: Event, sign_up: SignUp) -> Registration | None:
    """The registration that this contact has already, or the one that this very form made."""
    same_form = Registration.once == sign_up.once
    earlier = (
        select(Registration)
        .where(Registration.event_id == event.id, Registration.contact_key == sign_up.contact_key)
        .where(Registration.host_id.is_(None), or_(Registration.state != "cancelled", same_form))
        .order_by(same_form.desc().nulls_last())
        .limit(1)
    )
    return db.scalars(earlier).one_or_none()


def _meet_again(db: Session, earlier: Registration, sign_up: SignUp, now: datetime) -> Outcome:
    if sign_up.once and sign_up.once == earlier.once:
        return Outcome(earlier, first=True)
    _send_again(db, earlier, now)
    return Outcome(earlier, first=False)


def _send_again(db: Session, registration: Registration, now: datetime) -> None:
    rested = or_(Registration.sent_again_at.is_(None), Registration.sent_again_at < now - AGAIN_AFTER)
    sent = (
        update(Registration)
        .where(Registration.id == registration.id, Registration.email.is_not(None), rested)
        .values(sent_again_at=now)
        .returning(Registration.id)
    )
    if db.scalar(sent):
        outbox.promise(db, "ticket_again", subject=registration.id, key=now.isoformat())


def _choose(event: Event, ticket_type_id: int | None) -> TicketType:
    if ticket_type_id is None and len(event.ticket_types) == 1:
        return event.ticket_types[0]
    chosen = next((one for one in event.ticket_types if one.id == ticket_type_id), None)
    if chosen is None:
        raise Invalid("ticket_type", "unknown_ticket_type")
    return chosen


def _take_seats(db: Session, ticket_type: TicketType, sign_up: SignUp, now: datetime) -> Registration:
    people = [_person(name) for name in sign_up.names]
    values: dict[str, Any] = {
        "event": ticket_type.event_id,
        "ticket_type": ticket_type.id,
        "party": len(people),
        "host": json.dumps(people[0]),
        "companions": json.dumps(people[1:]),
        "now": now,
        "email": sign_up.email,
        "phone": sign_up.phone,
        "contact_key": sign_up.contact_key,
        "language": sign_up.language,
        "once": sign_up.once,
        "source": sign_up.source,
        "consent": sign_up.consent,
        "priority": outbox.PRIORITIES["registration_confirmed"],
    }
    with db.begin_nested():
        host: Registration = db.scalars(select(Registration).from_statement(TAKE_SEATS), values).one()
        return host


def _person(name: str) -> dict[str, str]:
    ticket_id = tickets.new_ticket_id()
    short_code = tickets.short_code(ticket_id)
    return {"ticket_id": ticket_id, "short_code": short_code, "name": name, "name_key": search_key(name)}


def _settle(db: Session, error: IntegrityError, event: Event, sign_up: SignUp, now: datetime) -> Outcome:
    """What a constraint decided between two sign-ups that both saw the road free."""
    verdict = getattr(error.orig, "diag", None)
    if verdict is None:
        raise error
    if verdict.sqlstate == NOT_NULL_VIOLATION:
        raise Full from None
    if verdict.constraint_name in {"uq_registration_live_contact", "uq_registration_once"}:
        earlier = _find_earlier(db, event, sign_up)
        if earlier:
            return _meet_again(db, earlier, sign_up, now)
    if verdict.constraint_name == "uq_registration_event_id_short_code":
        # 35 bits: two of 5,000 people share one once in 2,700 events. Draw again.
        return Outcome(_take_seats(db, _choose(event, sign_up.ticket_type_id), sign_up, now), first=True)
    raise error


def _give_back(registration: Registration, event: Event, ticket_type: TicketType) -> None:
    if registration.walk_in:
        return
    rows: Sequence[Event | TicketType] = (event, ticket_type)
    for row in rows:
        if registration.state in SEATED:
            row.taken -= 1
        else:
            row.waiting -= 1
