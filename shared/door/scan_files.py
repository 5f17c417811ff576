"""Scan files: the scans of a phone without a network, uploaded as a file."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.door import attendance
from shared.door.batches import Batch, ScanClaim, WalkIn
from shared.door.phones import find_or_create
from shared.models import Device, Event


def import_file(
    db: Session,
    *,
    event: Event,
    phone: UUID,
    scans: Sequence[ScanClaim],
    walk_ins: Sequence[WalkIn] = (),
    shifts: Sequence[tuple[str, int]] = (),
) -> Counter[str]:
    """Record the scans in a phone's file as if it had uploaded them itself; return how many scans got which answer.

    A scan that was uploaded before, or stands in the file twice, counts once. An unknown phone is accepted too: the
    person who uploads its file vouches for it. A revoked one stays revoked.
    """
    device = _known(db, event, phone) or find_or_create(db, event_id=event.id, phone=phone, since=event.created_at)
    # By person, so that successive batches lock in the same order as a phone's batch.
    ordered = sorted(scans, key=lambda scan: scan.person or scan.code or "")
    batch = Batch(scans=ordered, walk_ins=walk_ins, shifts=shifts)
    return Counter(result.result for result in attendance.record_all(db, device=device, batch=batch))


def _known(db: Session, event: Event, phone: UUID) -> Device | None:
    """Return the phone as it is now, else as it was when it was revoked."""
    of_phone = Device.event_id == event.id, Device.phone == phone
    latest = select(Device).where(*of_phone).order_by(Device.revoked_at.is_not(None), Device.id.desc()).limit(1)
    return db.scalars(latest).one_or_none()
