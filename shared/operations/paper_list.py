"""People who were ticked on a list on paper, because the phones or the power had gone."""

from collections.abc import Collection
from uuid import UUID, uuid4, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import Invalid
from shared.models import Admission, Door, Event, EventSession, Registration
from shared.operations import attendance
from shared.operations.batches import Batch, ScanClaim
from shared.operations.doors import find_or_create
from shared.queries.ledger import PAPER

LIST = UUID("6d1f4a0e-0d7c-4f6e-9a43-5b0c2a9d71f3")
"""The namespace of the lists on paper: each event has one, which is a device like a phone."""


def check_in(db: Session, *, door: Door, session_id: int, persons: Collection[str]) -> int:
    """Let in everybody who was ticked, at a time not known: it is stamped with the start of the session, and stays out
    of the arrivals. Those who were let in already stay as they are. Returns how many were new.

    Raises Invalid for a session or a person that the event has not.
    """
    event = door.event
    part = next((part for part in event.sessions if part.id == session_id), None)
    if part is None:
        raise Invalid("session", "unknown_session")
    if set(persons) - set(_known(db, event, persons)):
        raise Invalid("persons", "unknown_person")
    new = sorted(set(persons) - set(_let_in(db, part, persons)))
    at = min(part.starts_at or clock.now(), clock.now())
    paper = find_or_create(db, event_id=event.id, phone=uuid5(LIST, str(event.id)), since=at)
    scans = [_scan(person, part, door, clock.milliseconds(at)) for person in new]
    attendance.record_all(db, device=paper, batch=Batch(scans=scans))
    return len(scans)


def _known(db: Session, event: Event, persons: Collection[str]) -> Collection[str]:
    mine = Registration.event_id == event.id, Registration.ticket_id.in_(persons)
    return db.scalars(select(Registration.ticket_id).where(*mine)).all()


def _let_in(db: Session, part: EventSession, persons: Collection[str]) -> Collection[str]:
    let_in = Admission.session_id == part.id, Admission.person.in_(persons), Admission.first.is_not(None)
    return db.scalars(select(Admission.person).where(*let_in)).all()


def _scan(person: str, part: EventSession, door: Door, at: int) -> ScanClaim:
    return ScanClaim(id=uuid4(), person=person, session=part.id, kind="in", at=at, door=door.id, reason=PAPER)
