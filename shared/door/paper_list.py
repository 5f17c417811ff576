"""The paper list, used when phones or power failed: who may be checked in from it, and checking in."""

from collections.abc import Collection, Sequence
from uuid import UUID, uuid4, uuid5

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shared import clock
from shared.audit import audit
from shared.door import attendance
from shared.door.batches import Batch, ScanClaim
from shared.door.phones import find_or_create
from shared.errors import Invalid
from shared.i18n import beginnings
from shared.models import (
    Account,
    Admission,
    Door,
    Event,
    EventSession,
    Registration,
    RegistrationState,
    TicketTypeSession,
)
from shared.scans import PAPER, ScanKind


def not_checked_in(
    db: Session, *, event_id: int, session_id: int, words: str = "", limit: int, offset: int = 0
) -> Sequence[Registration]:
    """Return the attendees with a seat in a session who were never checked in, by name.

    `words`: beginnings of its parts.
    """
    was_let_in = (
        select(Admission.person)
        .where(Admission.session_id == session_id, Admission.person == Registration.ticket_id)
        .where(Admission.first.is_not(None))
    )
    admits = TicketTypeSession.admits(Registration.ticket_type_id, session_id)
    registered = (
        Registration.event_id == event_id,
        Registration.state == RegistrationState.CONFIRMED,
        Registration.walk_in.is_(False),
    )
    # A key has only letters, digits and spaces, so nothing in it is special to LIKE.
    name = func.concat(" ", Registration.name_key)
    has_words = [or_(*(name.like(f"% {key}%") for key in keys)) for keys in beginnings(words)]
    query = select(Registration).where(*registered, admits, ~was_let_in.exists(), *has_words)
    return db.scalars(query.order_by(Registration.name_order, Registration.id).limit(limit).offset(offset)).all()


def by_short_code(db: Session, *, event_id: int, codes: Collection[str]) -> dict[str, str]:
    """Return an event's ticket ids by short code; unknown codes are left out."""
    conditions = Registration.event_id == event_id, Registration.short_code.in_(codes)
    rows = db.execute(select(Registration.short_code, Registration.ticket_id).where(*conditions))
    return {str(code): ticket_id for code, ticket_id in rows}


LIST = UUID("6d1f4a0e-0d7c-4f6e-9a43-5b0c2a9d71f3")
"""Namespace of the paper lists: each event has one, which is a device like a phone."""


def check_in(db: Session, *, door: Door, session_id: int, persons: Collection[str], by: Account) -> int:
    """Check in everyone marked on paper, at an unknown time: the stamp is the start of the session, and stays out of
    the arrivals. People checked in before stay as they are. Returns how many were new.

    Raises Invalid for a session or a person of another event.
    """
    event = door.event
    session = next((session for session in event.sessions if session.id == session_id), None)
    if session is None:
        raise Invalid("session", "unknown_session")
    if set(persons) - set(_known(db, event, persons)):
        raise Invalid("persons", "unknown_person")
    new = sorted(set(persons) - set(_checked_in(db, session, persons)))
    at = min(session.starts_at or clock.now(), clock.now())
    paper = find_or_create(db, event_id=event.id, phone=uuid5(LIST, str(event.id)), since=at)
    scans = [_scan(person, session, door, clock.milliseconds(at)) for person in new]
    attendance.record_all(db, device=paper, batch=Batch(scans=scans))
    audit.note(db, by=by, action="paper_list.checked_in", event=event, session_id=session_id, count=len(scans))
    return len(scans)


def _known(db: Session, event: Event, persons: Collection[str]) -> Collection[str]:
    of_event = Registration.event_id == event.id, Registration.ticket_id.in_(persons)
    return db.scalars(select(Registration.ticket_id).where(*of_event)).all()


def _checked_in(db: Session, session: EventSession, persons: Collection[str]) -> Collection[str]:
    checked_in = Admission.session_id == session.id, Admission.person.in_(persons), Admission.first.is_not(None)
    return db.scalars(select(Admission.person).where(*checked_in)).all()


def _scan(person: str, session: EventSession, door: Door, at: int) -> ScanClaim:
    return ScanClaim(id=uuid4(), person=person, session=session.id, kind=ScanKind.IN, at=at, door=door.id, reason=PAPER)
