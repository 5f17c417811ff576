"""Checking in from the list, at a desk without a phone; and undoing a scan or a check-in made by mistake."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID, uuid4, uuid5

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shared import clock
from shared.audit import audit
from shared.database import lock_row
from shared.door import attendance
from shared.door.batches import Batch, ScanClaim
from shared.door.phones import find_or_create
from shared.errors import Conflicting, Invalid, Missing
from shared.models import Account, Admission, Door, Event, Registration, Scan
from shared.scans import MOVES, ScanKind

BY_HAND = "by_hand"
"""The reason of a scan that an organizer made in the list."""
DESK = UUID("b6a3b3f2-5f0e-4f0c-8c1d-0a8d5f2f6c11")
"""Namespace of the organizers' desks: each event has one, which is a device like a phone."""


def check_in(db: Session, *, registration: Registration, session_id: int, door: Door, by: Account) -> bool:
    """Check a person in from the list, now; return whether they were outside.

    Raises Conflicting when cancelled, Invalid for a session of another event.
    """
    event = door.event
    if not registration.is_live:
        raise Conflicting("cancelled")
    if session_id not in {session.id for session in event.sessions}:
        raise Invalid("session", "unknown_session")
    person = registration.merged_into or registration.ticket_id
    inside = Admission.person == person, Admission.session_id == session_id, Admission.inside.is_not(None)
    if db.scalar(select(Admission.person).where(*inside)) is not None:
        return False
    _record(db, event.id, _claim(person, session_id, ScanKind.IN, door.id))
    audit.note(db, by=by, action="registration.checked_in", event=event, registration=registration, session=session_id)
    return True


def undo(db: Session, *, registration: Registration, scan_id: UUID, by: Account) -> None:
    """Undo a scan of a person, in or out. Both scans stay in the ledger.

    Raises Missing for a scan of another person, Conflicting for one that is undone already or does not count anyway.
    """
    # A concurrent undo of the same scan waits here, and then sees that it is done.
    lock_row(db, Registration, registration.id)
    scan, tickets = db.get(Scan, scan_id), _tickets(db, registration)
    if scan is None or scan.event_id != registration.event_id or scan.person not in tickets:
        raise Missing("scan")
    if scan.kind not in MOVES or not scan.standing or _is_undone(db, scan, tickets):
        raise Conflicting("not_standing")
    claim = _claim(scan.person, scan.session_id, ScanKind.UNDO, scan.door_id)
    _record(db, scan.event_id, replace(claim, undoes=scan.id))
    event = db.get_one(Event, scan.event_id)
    session_id = scan.session_id
    audit.note(
        db, by=by, action="registration.check_in_undone", event=event, registration=registration, session=session_id
    )


def _tickets(db: Session, registration: Registration) -> Collection[str]:
    """Return the ids under which a person was scanned: their ticket, and the walk-ins merged into it."""
    same = or_(Registration.id == registration.id, Registration.merged_into == registration.ticket_id)
    ticket_ids = select(Registration.ticket_id).where(Registration.event_id == registration.event_id, same)
    return db.scalars(ticket_ids).all()


def _is_undone(db: Session, scan: Scan, tickets: Collection[str]) -> bool:
    undone = Scan.person.in_(tickets), Scan.session_id == scan.session_id, Scan.undoes == scan.id, Scan.standing
    return db.scalar(select(Scan.id).where(*undone).limit(1)) is not None


def _claim(person: str | None, session_id: int, kind: str, door_id: int) -> ScanClaim:
    now = clock.milliseconds(clock.now())
    return ScanClaim(id=uuid4(), person=person, session=session_id, kind=kind, at=now, door=door_id, reason=BY_HAND)


def _record(db: Session, event_id: int, scan: ScanClaim) -> None:
    desk = find_or_create(db, event_id=event_id, phone=uuid5(DESK, str(event_id)), since=clock.now())
    attendance.record(db, device=desk, batch=Batch(scans=[scan]))
