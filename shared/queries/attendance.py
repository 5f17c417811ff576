"""Whose attendance is due to be compiled."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.orm import Session

from shared.models import Event, Registration, Report, Scan

WATCHED_FOR = timedelta(days=90)
"""How long after an event a late scan still makes a new version of its report."""


def due_for_report(db: Session, *, now: datetime) -> Sequence[int]:
    """Events whose attendance is to be compiled: over, with registrations or scans, and not compiled as they stand.

    Of a cancelled one only if somebody was scanned all the same.
    """
    return db.scalars(_due(now).order_by(Event.ends_at)).all()


def is_due_for_report(db: Session, *, event_id: int, now: datetime) -> bool:
    """Whether one event's attendance is to be compiled."""
    return db.scalar(_due(now).where(Event.id == event_id)) is not None


def is_awaited(db: Session, *, event: Event, now: datetime) -> bool:
    """Whether one event's attendance is to be compiled as it stands, now or when its time has come."""
    compiles_at = event.compiles_at()
    return compiles_at is not None and is_due_for_report(db, event_id=event.id, now=max(now, compiles_at))


def _due(now: datetime) -> Select[int]:
    compiles_at = func.coalesce(
        Event.doors_closed_at, Event.ends_at + Event.grace_minutes * text("interval '1 minute'")
    )
    scans = select(func.count()).select_from(Scan).where(Scan.event_id == Event.id).scalar_subquery()
    compiled = (
        select(Report.scans)
        .where(Report.event_id == Event.id)
        .order_by(Report.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    someone = select(Registration.id).where(Registration.event_id == Event.id).exists()
    something = select(Scan.id).where(Scan.event_id == Event.id).exists()
    return select(Event.id).where(
        Event.state != "draft",
        compiles_at.between(now - WATCHED_FOR, now),
        or_(something, (Event.state == "published") & someone),
        func.coalesce(compiled, -1) != scans,
    )
