"""Scans as a phone sends them, and their results."""

from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from shared import clock
from shared.door import attendance
from shared.door.attendance import BatchResult
from shared.door.batches import Batch, ScanClaim
from shared.models import Device, Event


def claim(event: Event, **overrides: Any) -> ScanClaim:
    defaults = {"id": uuid4(), "session": event.sessions[0].id, "kind": "in", "at": clock.milliseconds(clock.now())}
    return ScanClaim(**{**defaults, **overrides})


def hand_in(db: Session, device: Device, *scans: ScanClaim, **batch: Any) -> BatchResult:
    return attendance.record(db, device=device, batch=Batch(scans=scans, **batch))


def words(recorded: BatchResult) -> list[str]:
    return [answer.result for answer in recorded.results]
