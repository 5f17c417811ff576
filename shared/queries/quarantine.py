"""The quarantined scans of phones, for the organizer who accepts or deletes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, func, select
from sqlalchemy.orm import Session, contains_eager

from shared.models import Device, DoorPass, Quarantined, Shift


@dataclass(frozen=True, slots=True)
class Quarantine:
    """One phone's quarantined scans. `first` and `last` are its own stamps in milliseconds, None without a scan."""

    device: Device
    volunteer: str
    scans: int
    walk_ins: int
    first: int | None
    last: int | None
    received_at: datetime


def of_event(db: Session, *, event_id: int) -> Sequence[Quarantine]:
    """Return an event's quarantines, the oldest first; in one statement."""
    at = Quarantined.content["at"].astext.cast(BigInteger)
    scans, walk_ins = (func.count().filter(Quarantined.kind == item) for item in ("scan", "walk_in"))
    summed = (
        select(
            Quarantined.device_id,
            scans.label("scans"),
            walk_ins.label("walk_ins"),
            func.min(at).label("first"),
            func.max(at).label("last"),
            func.max(Quarantined.received_at).label("received_at"),
        )
        .join(Device)
        .where(Device.event_id == event_id)
        .group_by(Quarantined.device_id)
        .subquery()
    )
    name = select(Shift.name).where(Shift.device_id == Device.id).order_by(Shift.since.desc()).limit(1)
    query = (
        select(
            Device,
            func.coalesce(name.scalar_subquery(), ""),
            summed.c.scans,
            summed.c.walk_ins,
            summed.c.first,
            summed.c.last,
            summed.c.received_at,
        )
        .join(summed, summed.c.device_id == Device.id)
        .join(Device.door_pass)
        .options(contains_eager(Device.door_pass).joinedload(DoorPass.door))
        .order_by(Device.id)
    )
    return [Quarantine(*row) for row in db.execute(query)]
