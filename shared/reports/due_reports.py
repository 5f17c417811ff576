"""The events whose attendance report is due."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, cast, false, func, or_, select, text, true
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import Session

from shared.models import Event, EventSession, EventState, Registration, Report, Scan, TicketType

WATCHED_FOR = timedelta(days=90)
"""How long after an event a late scan still produces a new version of its report."""
QUIET = timedelta(minutes=5)
"""How long no scans and no version must have arrived before the worker compiles a later version.

Attendees who are scanned out after the doors were closed, or merged one by one, then produce one version instead of one
each.
"""

_SCANS = select(func.count()).select_from(Scan).where(Scan.event_id == Event.id).scalar_subquery()
_KINDS = func.jsonb_agg(aggregate_order_by(TicketType.capacity, TicketType.id))
_PARTS = func.jsonb_agg(aggregate_order_by(EventSession.ends_at, EventSession.id))
_PAIR = func.concat(Registration.ticket_id, Registration.merged_into)
_MERGED = func.md5(cast(func.array_agg(aggregate_order_by(_PAIR, Registration.ticket_id)), Text))
_BASIS = func.jsonb_build_array(
    Event.starts_at,
    Event.ends_at,
    Event.zone,
    Event.grace_minutes,
    Event.private,
    Event.capacity,
    select(_KINDS).where(TicketType.event_id == Event.id).scalar_subquery(),
    select(_PARTS).where(EventSession.event_id == Event.id).scalar_subquery(),
    # No ids are stored: a report outlives the people whom it counts.
    select(_MERGED)
    .where(Registration.event_id == Event.id, Registration.walk_in, Registration.merged_into.is_not(None))
    .scalar_subquery(),
    type_=JSONB,
)
_NEWEST = (
    select(Report.compiled_at, Report.scans, Report.basis)
    .where(Report.event_id == Event.id)
    .order_by(Report.version.desc())
    .limit(1)
    .lateral("newest")
)
_COMPILES_AT = func.coalesce(Event.doors_closed_at, Event.ends_at + Event.grace_minutes * text("interval '1 minute'"))
_IS_FIRST = _NEWEST.c.compiled_at.is_(None)
# The doors were opened again.
_IS_EARLY = _NEWEST.c.compiled_at < _COMPILES_AT
# Reports from before the basis existed are due by their scans alone.
_IS_NEW = or_(_IS_FIRST, _IS_EARLY, _NEWEST.c.scans != _SCANS, _NEWEST.c.basis != _BASIS)


def due_for_report(db: Session, *, now: datetime) -> Sequence[int]:
    """Return the ids of the events to compile: over, with registrations or scans, and changed since their last report.

    A cancelled event counts only if someone was scanned anyway; a later version waits until everything is quiet.
    """
    # In this order, so that the stamps of all scans are read only where something is new.
    is_ripe = case((_IS_FIRST, true()), (_IS_NEW, _is_quiet(now)), else_=false())
    return db.scalars(_over(now).where(is_ripe).order_by(Event.ends_at)).all()


def is_due_for_report(db: Session, *, event_id: int, now: datetime) -> bool:
    """Return True if an event's report is to be compiled now, quiet or not."""
    return db.scalar(_over(now).where(Event.id == event_id, _IS_NEW)) is not None


def is_awaited(db: Session, *, event: Event, now: datetime) -> bool:
    """Return True if an event's report is to be compiled in its present state, now or at its time."""
    compiles_at = event.compiles_at()
    return compiles_at is not None and is_due_for_report(db, event_id=event.id, now=max(now, compiles_at))


def basis(db: Session, *, event_id: int) -> list[Any]:
    """Return the basis of an event's figures apart from scans and people: its time, its seats and its merged walk-ins.

    A version is due when this differs from the basis of the newest report.
    """
    columns: list[Any] = db.scalars(select(_BASIS).where(Event.id == event_id)).one()
    return columns


def _over(now: datetime) -> Select[int]:
    """Select the events that may have a report, joined with the newest one that they have."""
    someone = select(Registration.id).where(Registration.event_id == Event.id).exists()
    something = select(Scan.id).where(Scan.event_id == Event.id).exists()
    return (
        select(Event.id)
        .outerjoin(_NEWEST, true())
        .where(
            Event.state != EventState.DRAFT,
            _COMPILES_AT.between(now - WATCHED_FOR, now),
            or_(something, (Event.state == EventState.PUBLISHED) & someone),
        )
    )


def _is_quiet(now: datetime) -> ColumnElement[bool]:
    late = select(Scan.id).where(Scan.event_id == Event.id, Scan.received_at > now - QUIET).exists()
    return (_NEWEST.c.compiled_at <= now - QUIET) & ~late
