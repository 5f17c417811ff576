"""Organizers' acts on registrations: the same seats, the same guards, and a line in the audit.

An act on many is one transaction under one lock of the event's seats, and fills freed seats once at its end.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shared import clock
from shared.audit import audit
from shared.contacts import contact_key
from shared.errors import Conflicting, Full, Invalid, NotOpen
from shared.i18n import search_key
from shared.models import Account, CancelledBy, ClosedReason, Event, Registration, RegistrationState, TicketType
from shared.outbox import outbox
from shared.outbox.kinds import MessageKind
from shared.registrations import self_service
from shared.registrations.new_registration import add_registrations, draw_person
from shared.registrations.seats import (
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
"""The source of registrations that an organizer added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person as an organizer enters them; neither address nor number is required."""

    name: str
    language: str
    ticket_type_id: int
    email: str | None = None
    phone: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def contact_key(self) -> str | None:
        """Return the key by which a second registration of the same person is recognized; None without a contact."""
        return contact_key(self.email, self.phone) if self.email or self.phone else None


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How many registrations an act changed and did not change: it did not apply to them, or no seat was left."""

    changed: int
    unchanged: int


def add(db: Session, *, event: Event, person: Person, by: Account) -> int:
    """Register a person as an organizer; the ticket is emailed when there is an address. Returns the registration's id.

    Raises NotOpen for an event that is not published or is over, Full with the reason: the seats of the event or type
    are taken ("event_full", "kind_full") or others wait for one ("awaited"), Invalid for a ticket type of another
    event, a contact that is registered already, or a missing address when the event confirms by email.
    """
    seats = lock(db, event.id, by_organizer=True)
    ticket_type = seats.types.get(person.ticket_type_id)
    if ticket_type is None:
        raise Invalid("ticket_type", "unknown_ticket_type")
    require_open(seats.event)
    _require_contact(db, seats.event, person, own_key=None)
    _require_seat(seats.event, ticket_type)
    return add_people(db, seats=seats, people=[person], by=by, source=BY_HAND, action="registration.added")[0]


def add_people(
    db: Session, *, seats: Seats, people: Sequence[Person], by: Account, source: str, action: str, priority: int = 1
) -> Sequence[int]:
    """Register people and enqueue their tickets; return their ids.

    Their seats and contacts must have been found free under the lock.
    """
    event = seats.event
    confirmed = {"state": RegistrationState.CONFIRMED, "confirmed_at": clock.now()}
    drawn = _draw(db, event.id, [person.name for person in people])
    rows = [
        {
            **ticket,
            "ticket_type_id": person.ticket_type_id,
            "email": person.email,
            "phone": person.phone,
            "contact_key": person.contact_key or _own_key(ticket["ticket_id"]),
            "language": person.language,
            "answers": dict(person.answers),
        }
        for person, ticket in zip(people, drawn, strict=True)
    ]
    ids = add_registrations(db, {"event_id": event.id, "source": source, **confirmed}, rows)
    for ticket_type_id, count in Counter(person.ticket_type_id for person in people).items():
        seats.count(ticket_type_id, taken=count)
    outbox.enqueue_each(db, MessageKind.REGISTRATION_CONFIRMED, subjects=ids, priority=priority, exempt=True)
    audit.note_each(db, by=by, action=action, event=event, registration_ids=ids)
    db.flush()
    return ids


def lock_registration(db: Session, *, registration: Registration) -> Seats:
    """Refresh a registration, locked until the commit with its group: others who edit it wait."""
    seats, host = lock(db, registration.event_id), host_of(registration)
    party = select(Registration.id).where(or_(Registration.id == host, Registration.host_id == host))
    # In order of id, as the worker locks them.
    db.execute(party.order_by(Registration.id).with_for_update(key_share=True))
    db.refresh(registration)
    return seats


def edit(db: Session, *, registration: Registration, person: Person, by: Account) -> None:
    """Correct name, contact, answers and language; the ticket's code and type stay.

    A guest's contact is its host's. Raises Conflicting when cancelled, Invalid for a contact of another registration.
    """
    seats = lock_registration(db, registration=registration)
    if not registration.is_live:
        raise Conflicting("cancelled")
    values_before = _as_written(registration)
    registration.name, registration.name_key = person.name, search_key(person.name)
    registration.answers = dict(person.answers)
    if registration.host_id is None:
        _set_contact(db, seats.event, registration, person)
    if person.language != registration.language:
        self_service.set_language(db, registration=registration, language=person.language)
    db.flush()
    fields = [name for name, value in _as_written(registration).items() if value != values_before[name]]
    if fields:
        audit.note(db, by=by, action="registration.edited", event=seats.event, registration=registration, fields=fields)


def cancel(db: Session, *, event: Event, ids: Collection[int], by: Account) -> BulkResult:
    """Cancel people's registrations and email them; their seats go to people who wait.

    No email goes to unconfirmed registrations beyond a network's share: most such addresses are strangers', who expect
    none.
    """
    seats = lock(db, event.id, by_organizer=True)
    live = [registration for registration in _people(db, event, ids) if registration.is_live]
    release(seats, [registration for registration in live if registration.held], CancelledBy.ORGANIZER, tells=False)
    release(seats, [registration for registration in live if not registration.held], CancelledBy.ORGANIZER)
    return _finish(seats, ids, [registration.id for registration in live], by, "registration.cancelled")


def confirm(db: Session, *, event: Event, ids: Collection[int], by: Account) -> BulkResult:
    """Confirm people who have not done so themselves, with their whole group, and send tickets. Raises NotOpen."""
    seats = lock(db, event.id, by_organizer=True)
    require_open(seats.event)
    chosen = {host_of(registration) for registration in _people(db, event, ids)}
    of_parties = (
        Registration.event_id == event.id,
        Registration.state == RegistrationState.UNCONFIRMED,
        among(HOST, chosen),
    )
    unconfirmed = db.scalars(select(Registration).where(*of_parties).order_by(Registration.id)).all()
    confirm_party(unconfirmed)
    outbox.enqueue_each(
        db,
        MessageKind.REGISTRATION_CONFIRMED,
        subjects={host_of(registration) for registration in unconfirmed},
        exempt=True,
    )
    db.flush()
    return _finish(seats, ids, [registration.id for registration in unconfirmed], by, "registration.confirmed")


def move(db: Session, *, event: Event, ids: Collection[int], ticket_type_id: int, by: Account) -> BulkResult:
    """Move confirmed people to another ticket type, even one closed to the public, while it has seats.

    Raises Invalid for a type of another event.
    """
    seats = lock(db, event.id, by_organizer=True)
    target = seats.types.get(ticket_type_id)
    if target is None:
        raise Invalid("ticket_type", "unknown_ticket_type")
    moved = [registration.id for registration in change_type(seats, _people(db, event, ids), target)]
    return _finish(seats, ids, moved, by, "registration.moved", ticket_type=target.id)


def promote(db: Session, *, event: Event, ids: Collection[int], by: Account) -> BulkResult:
    """Offer seats to people on the waiting list, each with its group, in order of arrival.

    A group that does not fit stays on the list. Without an address, or too late to ask, they are confirmed instead.
    Raises NotOpen.
    """
    seats = lock(db, event.id, by_organizer=True)
    require_open(seats.event)
    waiting = (
        Registration.event_id == event.id,
        Registration.state == RegistrationState.WAITING,
        among(Registration.id, ids),
    )
    promoted = give_seats(seats, db.scalars(select(HOST).where(*waiting)).all())
    return _finish(seats, ids, promoted, by, "registration.promoted")


def send_again(db: Session, *, event: Event, ids: Collection[int], by: Account) -> BulkResult:
    """Resend people's last email, at most once in ten minutes, and only to those with an address."""
    sent = self_service.send_again(db, people=_people(db, event, ids), by_organizer=True)
    audit.note_each(db, by=by, action="registration.email_resent", event=event, registration_ids=sent)
    return BulkResult(len(sent), len(set(ids)) - len(sent))


def closed(event: Event) -> ClosedReason | None:
    """Return why no one can be added or get a seat, or None."""
    return event.closed_reason(clock.now())


def require_open(event: Event) -> None:
    """Raise NotOpen with the reason when no one can be added or get a seat."""
    if reason := closed(event):
        raise NotOpen(reason)


def registered_keys(db: Session, *, event_id: int, keys: Collection[str]) -> set[str]:
    """Return the contact keys among these that have a live registration."""
    live = Registration.event_id == event_id, Registration.host_id.is_(None), Registration.is_live
    return set(
        filter(None, db.scalars(select(Registration.contact_key).where(*live, Registration.contact_key.in_(keys))))
    )


def _require_seat(event: Event, ticket_type: TicketType) -> None:
    """Raise Full with the reason; the event's limit comes first, since raising the other would not help."""
    for row, reason in ((event, "event_full"), (ticket_type, "kind_full")):
        if not row.fits(1):
            raise Full(reason)
    if ticket_type.waiting:
        raise Full("awaited")


def _people(db: Session, event: Event, ids: Collection[int]) -> Sequence[Registration]:
    """Return registrations as they are now, locked in order of id, as the worker locks a group's rows."""
    statement = select(Registration).where(Registration.event_id == event.id, among(Registration.id, ids))
    locked = statement.order_by(Registration.id).with_for_update(key_share=True)
    return db.scalars(locked.execution_options(populate_existing=True)).all()


def _finish(
    seats: Seats, ids: Collection[int], changed: Sequence[int], by: Account, action: str, **details: Any
) -> BulkResult:
    audit.note_each(seats.db, by=by, action=action, event=seats.event, registration_ids=changed, **details)
    fill(seats.db, seats)
    return BulkResult(len(changed), max(len(set(ids)) - len(changed), 0))


def _draw(db: Session, event_id: int, names: Sequence[str]) -> list[dict[str, str]]:
    """Return names with ticket ids whose short codes are new to the event.

    Among many people two would share 35 bits.
    """
    drawn = [draw_person(name) for name in names]
    while clashing := _clashing(db, event_id, drawn):
        drawn = [draw_person(person["name"]) if number in clashing else person for number, person in enumerate(drawn)]
    return drawn


def _clashing(db: Session, event_id: int, drawn: Sequence[Mapping[str, str]]) -> set[int]:
    codes = [person["short_code"] for person in drawn]
    statement = select(Registration.short_code).where(
        Registration.event_id == event_id, Registration.short_code.in_(codes)
    )
    codes_before, clashing = set(db.scalars(statement)), set()
    for number, code in enumerate(codes):
        if code in codes_before:
            clashing.add(number)
        codes_before.add(code)
    return clashing


def _own_key(ticket_id: str) -> str:
    """Return a key of its own for a registration without a contact, so that two people of one name are two people."""
    return f"ticket:{ticket_id}"


def _require_contact(db: Session, event: Event, person: Person, *, own_key: str | None) -> None:
    if event.confirms_by_email and not person.email:
        raise Invalid("email", "email_needed")
    key = person.contact_key
    if key and key != own_key and registered_keys(db, event_id=event.id, keys=[key]):
        raise Invalid("email" if person.email else "phone", "already_registered")


def _set_contact(db: Session, event: Event, registration: Registration, person: Person) -> None:
    if (person.email, person.phone) == (registration.email, registration.phone):
        return
    _require_contact(db, event, person, own_key=registration.contact_key)
    registration.email, registration.phone = person.email, person.phone
    placeholder = None if registration.walk_in else _own_key(registration.ticket_id)
    registration.contact_key = person.contact_key or placeholder


def _as_written(registration: Registration) -> dict[str, Any]:
    return {name: getattr(registration, name) for name in ("name", "email", "phone", "language", "answers")}
