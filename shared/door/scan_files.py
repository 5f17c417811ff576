"""Scan files: the scans of a phone without a network, uploaded as a file."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.audit import audit
from shared.door import attendance
from shared.door.batches import Batch, ScanClaim, WalkIn
from shared.door.phones import find_or_create
from shared.models import Account, Device, Event
from shared.scans import ScanResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFile:
    """What one phone saved; `unreadable` counts the scans that could not be read."""

    phone: UUID
    scans: Sequence[ScanClaim]
    walk_ins: Sequence[WalkIn] = ()
    shifts: Sequence[tuple[str, int]] = ()
    unreadable: int = 0


def import_all(db: Session, *, event: Event, files: Iterable[ScanFile], by: Account) -> Counter[str]:
    """Record the scans in the files as if each phone had uploaded them itself; return how many got which answer.

    A scan that was uploaded before, or stands in a file twice, counts once. An unknown phone is accepted too: the
    person who uploads its file vouches for it. A revoked one stays revoked.
    """
    answers = Counter[str]()
    for file in files:
        answers += _import(db, event, file)
    counts: dict[str, Any] = dict(answers)
    audit.note(db, by=by, action="scan_file.imported", event=event, **counts)
    return answers


def _import(db: Session, event: Event, file: ScanFile) -> Counter[str]:
    device = _known(db, event, file.phone) or find_or_create(
        db, event_id=event.id, phone=file.phone, since=event.created_at
    )
    # By person, so that successive batches lock in the same order as a phone's batch.
    ordered = sorted(file.scans, key=lambda scan: scan.person or scan.code or "")
    batch = Batch(scans=ordered, walk_ins=file.walk_ins, shifts=file.shifts)
    answers: Counter[str] = Counter(result.result for result in attendance.record_all(db, device=device, batch=batch))
    answers[ScanResult.INVALID] += file.unreadable
    return answers


def _known(db: Session, event: Event, phone: UUID) -> Device | None:
    """Return the phone as it is now, else as it was when it was revoked."""
    of_phone = Device.event_id == event.id, Device.phone == phone
    latest = select(Device).where(*of_phone).order_by(Device.revoked_at.is_not(None), Device.id.desc()).limit(1)
    return db.scalars(latest).one_or_none()
