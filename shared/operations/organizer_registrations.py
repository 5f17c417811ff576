"""What an organizer does with people: the same seats, the same guards, and a note of it in the audit.

What is done to many is one transaction under one lock of the event's seats, and ends by filling them once.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from shared import clock, outbox
from shared.contacts import contact_key
from shared.errors import Conflicting, Full, Invalid, NotOpen
from shared.i18n import search_key
from shared.models import Account, Event, Registration, TicketType
from shared.operations import audit, registrations
from shared.operations.new_registration import draw_person
from shared.operations.seats import (
    HOST,
    Seats,
    among,
    change_type,
    confirm_party,
    fill,
    give_seats,
    host_of,
    lock,
    release,
)

BY_HAND = "by_hand"
"""The source of who was added by an organizer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody as an organizer writes them down; neither address nor number is needed."""

    name: str
    language: str
    ticket_type_id: int
    email: str | None = None
    phone: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def contact_key(self) -> str | None:
        """By which a second registration of the same person is recognised; None where no contact is known."""
        return contact_key(self.email, self.phone) if self.email or self.phone else None


@dataclass(frozen=True, slots=True)
class Done:
    """How many people an act changed, and how many it left as they were: it does not apply to them, or no seat is."""

    done: int
    left: int


def add(db: Session, *, event: Event, person: Person, by: Account) -> int:
    """Register somebody by hand; the ticket is mailed where there is an address. Returns the registration's id.

    Raises NotOpen for an event that is not published or is over, Full with whose seats are taken ("event_full",
    "kind_full") or that people wait for one ("awaited"), Invalid for a ticket type that is not the event's, a contact
    that is registered already, or a missing address where the event confirms by mail.
    """
    seats = lock(db, event.id, by_organizer=True)
    kind = seats.types.get(person.ticket_type_id)
    if kind is None:
        raise Invalid("ticket_type", "unknown_ticket_type")
    require_open(seats.event)
    _require_contact(db, seats.event, person, mine=None)
    _require_seat(seats.event, kind)
    return enter(db, seats=seats, people=[person], by=by, source=BY_HAND, action="registration.added")[0]


def enter(
    db: Session, *, seats: Seats, people: Sequence[Person], by: Account, source: str, action: str, priority: int = 1
) -> Sequence[int]:
    """Write down people whose seats and contacts were found free under the lock, promise their tickets; their ids."""
    event, now = seats.event, clock.now()
    drawn = _draw(db, event.id, [one.name for one in people])
    rows = [
        {
            **ticket,
            "event_id": event.id,
            "ticket_type_id": one.ticket_type_id,
            "state": "confirmed",
            "confirmed_at": now,
            "email": one.email,
            "phone": one.phone,
            "contact_key": one.contact_key or _own_key(ticket["ticket_id"]),
            "language": one.language,
            "answers": dict(one.answers),
            "source": source,
        }
        for one, ticket in zip(people, drawn, strict=True)
    ]
    made = insert(Registration).returning(Registration.id, sort_by_parameter_order=True)
    ids = db.scalars(made, rows).all()
    for ticket_type_id, count in Counter(one.ticket_type_id for one in people).items():
        seats.count(ticket_type_id, taken=count)
    outbox.enqueue_each(db, "registration_confirmed", subjects=ids, priority=priority, exempt=True)
    audit.note_each(db, by=by, action=action, event=event, registration_ids=ids)
    db.flush()
    return ids


def hold(db: Session, *, registration: Registration) -> Seats:
    """Somebody as they are now, locked until the commit with their party: whoever else edits them waits."""
    seats, host = lock(db, registration.event_id), host_of(registration)
    party = select(Registration.id).where(or_(Registration.id == host, Registration.host_id == host))
    # In order of id, as the worker takes them.
    db.execute(party.order_by(Registration.id).with_for_update(key_share=True))
    db.refresh(registration)
    return seats


def edit(db: Session, *, registration: Registration, person: Person, by: Account) -> None:
    """Correct name, contact, answers and language; the ticket's code stays as it is, and so does its type.

    A companion's contact is its host's. Raises Conflicting when cancelled, Invalid for a contact of somebody else.
    """
    seats = hold(db, registration=registration)
    if not registration.is_live:
        raise Conflicting("cancelled")
    before = _as_written(registration)
    registration.name, registration.name_key = person.name, search_key(person.name)
    registration.answers = dict(person.answers)
    if registration.host_id is None:
        _set_contact(db, seats.event, registration, person)
    if person.language != registration.language:
        registrations.set_language(db, registration=registration, language=person.language)
    db.flush()
    fields = [name for name, value in _as_written(registration).items() if value != before[name]]
    if fields:
        audit.note(db, by=by, action="registration.edited", event=seats.event, registration=registration, fields=fields)


def cancel(db: Session, *, event: Event, ids: Collection[int], by: Account) -> Done:
    """Take people's places back and write to them; the seats go to who waits for one.

    No email goes to those whose seats are only held: most such addresses are strangers', and nobody counted on it.
    """
    seats = lock(db, event.id, by_organizer=True)
    live = [one for one in _people(db, event, ids) if one.is_live]
    release(seats, [one for one in live if one.held], "organizer", tells=False)
    release(seats, [one for one in live if not one.held], "organizer")
    return _finish(seats, ids, [one.id for one in live], by, "registration.cancelled")


def confirm(db: Session, *, event: Event, ids: Collection[int], by: Account) -> Done:
    """Confirm people who have not done it themselves, with their whole party, and send tickets. Raises NotOpen."""
    seats = lock(db, event.id, by_organizer=True)
    require_open(seats.event)
    chosen = {host_of(one) for one in _people(db, event, ids)}
    whole = Registration.event_id == event.id, Registration.state == "unconfirmed", among(HOST, chosen)
    unconfirmed = db.scalars(select(Registration).where(*whole).order_by(Registration.id)).all()
    confirm_party(unconfirmed)
    outbox.enqueue_each(db, "registration_confirmed", subjects={host_of(one) for one in unconfirmed}, exempt=True)
    db.flush()
    return _finish(seats, ids, [one.id for one in unconfirmed], by, "registration.confirmed")


def move(db: Session, *, event: Event, ids: Collection[int], ticket_type_id: int, by: Account) -> Done:
    """Move confirmed people to another ticket type, also to one that is not open to the public, while it has seats.

    Raises Invalid for a type that is not the event's.
    """
    seats = lock(db, event.id, by_organizer=True)
    target = seats.types.get(ticket_type_id)
    if target is None:
        raise Invalid("ticket_type", "unknown_ticket_type")
    moved = [one.id for one in change_type(seats, _people(db, event, ids), target)]
    return _finish(seats, ids, moved, by, "registration.moved", ticket_type=target.id)


def promote(db: Session, *, event: Event, ids: Collection[int], by: Account) -> Done:
    """Give people who wait a seat, each with its party, first come first; a party that does not fit stays in line.

    They are offered the seat or, where too little time or no address is left to ask, confirmed. Raises NotOpen.
    """
    seats = lock(db, event.id, by_organizer=True)
    require_open(seats.event)
    waiting = Registration.event_id == event.id, Registration.state == "waiting", among(Registration.id, ids)
    promoted = give_seats(seats, db.scalars(select(HOST).where(*waiting)).all())
    return _finish(seats, ids, promoted, by, "registration.promoted")


def send_again(db: Session, *, event: Event, ids: Collection[int], by: Account) -> Done:
    """Send what people have last been sent, at most once in ten minutes, and only where there is an address."""
    sent = registrations.send_again(db, people=_people(db, event, ids), by_organizer=True)
    audit.note_each(db, by=by, action="registration.email_resent", event=event, registration_ids=sent)
    return Done(len(sent), len(set(ids)) - len(sent))


def closed(event: Event) -> str | None:
    """Why nobody can be added or given a seat: "draft", "cancelled", "over" or "doors_closed". None while they can."""
    return event.barred(clock.now())


def require_open(event: Event) -> None:
    """Raises NotOpen with why, where nobody can be added or given a seat."""
    if reason := closed(event):
        raise NotOpen(reason)


def registered(db: Session, *, event_id: int, keys: Collection[str]) -> set[str]:
    """Which of these contact keys have a live registration."""
    live = Registration.event_id == event_id, Registration.host_id.is_(None), Registration.is_live
    return set(
        filter(None, db.scalars(select(Registration.contact_key).where(*live, Registration.contact_key.in_(keys))))
    )


def _require_seat(event: Event, kind: TicketType) -> None:
    """Raises Full with why; of two limits it is the event's, since raising the other would not help."""
    for seated, reason in ((event, "event_full"), (kind, "kind_full")):
        if seated.capacity is not None and seated.taken >= seated.capacity:
            raise Full(reason)
    if kind.waiting:
        raise Full("awaited")


def _people(db: Session, event: Event, ids: Collection[int]) -> Sequence[Registration]:
    """As they are, locked in order of id, as the worker takes a party's rows."""
    mine = select(Registration).where(Registration.event_id == event.id, among(Registration.id, ids))
    locked = mine.order_by(Registration.id).with_for_update(key_share=True)
    return db.scalars(locked.execution_options(populate_existing=True)).all()


def _finish(
    seats: Seats, ids: Collection[int], changed: Sequence[int], by: Account, action: str, **details: Any
) -> Done:
    audit.note_each(seats.db, by=by, action=action, event=seats.event, registration_ids=changed, **details)
    fill(seats.db, seats)
    return Done(len(changed), max(len(set(ids)) - len(changed), 0))


def _draw(db: Session, event_id: int, names: Sequence[str]) -> list[dict[str, str]]:
    """Names with ticket ids whose short codes nobody at the event has: among many people two would share 35 bits."""
    drawn = [draw_person(name) for name in names]
    while clashing := _clashing(db, event_id, drawn):
        drawn = [draw_person(one["name"]) if number in clashing else one for number, one in enumerate(drawn)]
    return drawn


def _clashing(db: Session, event_id: int, drawn: Sequence[Mapping[str, str]]) -> set[int]:
    codes = [one["short_code"] for one in drawn]
    known = select(Registration.short_code).where(Registration.event_id == event_id, Registration.short_code.in_(codes))
    seen, clashing = set(db.scalars(known)), set()
    for number, code in enumerate(codes):
        if code in seen:
            clashing.add(number)
        seen.add(code)
    return clashing


def _own_key(ticket_id: str) -> str:
    """Where no contact is known: nobody else's, so that two people of one name are two people."""
    return f"ticket:{ticket_id}"


def _require_contact(db: Session, event: Event, person: Person, *, mine: str | None) -> None:
    if event.needs_mail and not person.email:
        raise Invalid("email", "email_needed")
    key = person.contact_key
    if key and key != mine and registered(db, event_id=event.id, keys=[key]):
        raise Invalid("email" if person.email else "phone", "already_registered")


def _set_contact(db: Session, event: Event, registration: Registration, person: Person) -> None:
    if (person.email, person.phone) == (registration.email, registration.phone):
        return
    _require_contact(db, event, person, mine=registration.contact_key)
    registration.email, registration.phone = person.email, person.phone
    nobodys = None if registration.walk_in else _own_key(registration.ticket_id)
    registration.contact_key = person.contact_key or nobodys


def _as_written(one: Registration) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("name", "email", "phone", "language", "answers")}
