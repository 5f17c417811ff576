"""Compiled reports, by event and by link; and headcounts, which stand alone where nothing is compiled."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import Missing
from shared.models import Event, Report
from shared.queries import attendance


class Version(NamedTuple):
    """A version without its figures: its time, and its differences from the one before."""

    version: int
    compiled_at: datetime
    changes: Mapping[str, Any]


def latest(db: Session, *, event_id: int) -> Report | None:
    """Return the newest version of an event's report; None where nothing was compiled."""
    return db.scalars(_of_event(event_id).limit(1)).one_or_none()


def first(db: Session, *, event_id: int) -> Report:
    """Return the first version of an event's report, whose link opens all of them. Raises Missing."""
    return numbered(db, event_id=event_id, version=1)


def numbered(db: Session, *, event_id: int, version: int) -> Report:
    """Return a version of an event's report. Raises Missing."""
    report = db.scalars(_of_event(event_id).where(Report.version == version)).one_or_none()
    if report is None:
        raise Missing("report")
    return report


def history(db: Session, *, event_id: int, limit: int, offset: int = 0) -> Sequence[Version]:
    """Return the changes from version to version, the newest first."""
    columns = _of_event(event_id).with_only_columns(Report.version, Report.compiled_at, Report.changes)
    return [Version(*row) for row in db.execute(columns.limit(limit).offset(offset))]


def find(db: Session, *, id: int, link_version: int) -> Report:  # noqa: A002 - the token's own word
    """Return the report of a link, in the newest version of its event. Raises Missing for a revoked link."""
    linked = db.get(Report, id)
    if linked is None or linked.link_version != link_version:
        raise Missing("report")
    return latest(db, event_id=linked.event_id) or linked


def is_final(event: Event, report: Report) -> bool:
    """Return True if a version is final: not compiled early, of doors that were opened again, nor of a cancelled event
    without attendees.
    """
    compiles_at = event.compiles_at()
    is_early = compiles_at is not None and report.compiled_at < compiles_at
    return not is_early and (event.state != "cancelled" or report.scans > 0)


def has_headcount(db: Session, *, event: Event) -> bool:
    """Return True if an event without a report, now and in the hours to come, has a headcount: that can be shared."""
    now = clock.now()
    is_known = event.headcount is not None and event.state != "draft" and event.is_over(now)
    return is_known and not attendance.is_awaited(db, event=event, now=now)


def find_headcount(db: Session, *, event_id: int, link_version: int) -> Report | None:
    """Return the content of a headcount's link: the event's newest report if it has one by now, else None, the
    headcount.

    Raises Missing for a revoked link, and where there is no longer anything to share.
    """
    event = db.get(Event, event_id)
    if event is None or link_version != event.headcount_version:
        raise Missing("report")
    newest = latest(db, event_id=event_id)
    if newest is None and not has_headcount(db, event=event):
        raise Missing("report")
    return newest


def _of_event(event_id: int) -> Select[Report]:
    return select(Report).where(Report.event_id == event_id).order_by(Report.version.desc())
