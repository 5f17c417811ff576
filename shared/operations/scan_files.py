"""What a phone that could not reach us saw, brought as a file."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Device, Event
from shared.operations import attendance
from shared.operations.batches import Batch, ScanClaim, WalkIn
from shared.operations.doors import find_or_create


def import_file(
    db: Session,
    *,
    event: Event,
    phone: UUID,
    scans: Sequence[ScanClaim],
    walk_ins: Sequence[WalkIn] = (),
    shifts: Sequence[tuple[str, int]] = (),
) -> Counter[str]:
    """Take in what a phone kept, as if it had handed it in itself; how many scans got which answer.

    What it already handed in, and what comes twice, counts once. A phone that we do not know is taken too: whoever
    uploads its file vouches for it. A revoked one stays revoked.
    """
    device = _known(db, event, phone) or find_or_create(db, event_id=event.id, phone=phone, since=event.created_at)
    # By person, so that one batch after the other locks in the order in which a phone's batch does.
    in_order = sorted(scans, key=lambda scan: scan.person or scan.code or "")
    batch = Batch(scans=in_order, walk_ins=walk_ins, shifts=shifts)
    return Counter(one.result for one in attendance.record_all(db, device=device, batch=batch))


def _known(db: Session, event: Event, phone: UUID) -> Device | None:
    """The phone as it is now, else as it was when it was revoked."""
    same = Device.event_id == event.id, Device.phone == phone
    latest = select(Device).where(*same).order_by(Device.revoked_at.is_not(None), Device.id.desc()).limit(1)
    return db.scalars(latest).one_or_none()
