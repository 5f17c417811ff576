"""Scans as a phone sends them, and their results."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock
from shared.door import attendance
from shared.door.attendance import BatchResult
from shared.door.batches import Batch, ScanClaim
from shared.models import Device, Event


def claim(event: Event, **overrides: Any) -> ScanClaim:
    defaults = {"id": uuid4(), "session": event.sessions[0].id, "kind": "in", "at": clock.milliseconds(clock.now())}
    return ScanClaim(**{**defaults, **overrides})


def hand_in(db: Session, device: Device, *scans: ScanClaim, **more: Any) -> BatchResult:
    """Record a batch as the API does: in one statement, or after a closer look."""
    batch = Batch(scans=scans, **more)
    with suppress(IntegrityError), db.begin_nested():
        if recorded := attendance.record_at_once(db, device=device, batch=batch):
            return recorded
    return attendance.record(db, device=device, batch=batch)


def words(recorded: BatchResult) -> list[str]:
    return [answer.result for answer in recorded.results]
