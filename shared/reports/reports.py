"""Reports: compiling them, finding them by event and by link, and organizers' additions; and headcounts, which stand
alone where nothing is compiled."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shared import clock
from shared.audit import audit
from shared.database import lock_row
from shared.errors import Conflicting, Missing
from shared.models import Account, Event, EventState, Report
from shared.reports import differences, due_reports, figures, ledger, returning_attendees


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
    return not is_early and (event.state != EventState.CANCELLED or report.scans > 0)


def has_headcount(db: Session, *, event: Event) -> bool:
    """Return True if an event without a report, now and in the hours to come, has a headcount: that can be shared."""
    now = clock.now()
    is_known = event.headcount is not None and event.state != EventState.DRAFT and event.is_over(now)
    return is_known and not due_reports.is_awaited(db, event=event, now=now)


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


def compile_report(db: Session, *, event_id: int, now: datetime) -> Report | None:
    """Compile the attendance of an event that is over as the next version of its report, with its changes.

    None when it is not due, or when nothing has changed. It waits for another transaction that compiles; no phone waits
    for it.
    """
    event = lock_row(db, Event, event_id)
    if not due_reports.is_due_for_report(db, event_id=event_id, now=now):
        return None
    return _compile(db, event, latest(db, event_id=event_id), now)


def close_doors(db: Session, *, event: Event, by: Account) -> Report | None:
    """Close the doors and compile the report in the same transaction, so that it exists at once, without the worker.

    None when there is nothing to compile, or nothing new. Raises Conflicting before anyone could enter, and when no one
    can.
    """
    lock_row(db, Event, event.id)
    if event.state != EventState.PUBLISHED:
        raise Conflicting(event.state)
    if not event.may_close_doors(clock.now()):
        raise Conflicting("doors_not_open")
    if event.doors_closed_at:
        return compile_report(db, event_id=event.id, now=clock.now())
    event.doors_closed_at = clock.now()
    db.flush()
    report = compile_report(db, event_id=event.id, now=clock.now())
    audit.note(db, by=by, action="event.doors_closed", event=event, report_version=report.version if report else None)
    return report


def reopen_doors(db: Session, *, event: Event, by: Account) -> None:
    """Reopen the doors: the report is compiled again after the grace.

    Raises Conflicting when the event was cancelled meanwhile.
    """
    lock_row(db, Event, event.id)
    if event.state != EventState.PUBLISHED:
        raise Conflicting(event.state)
    if event.doors_closed_at is None:
        return
    event.doors_closed_at = None
    audit.note(db, by=by, action="event.doors_reopened", event=event)
    db.flush()


def edit(db: Session, *, event: Event, headcount: int | None, note: str, by: Account) -> Report | None:
    """Record the headcount and a note for readers of the report; an existing report gets its next version. The note is
    part of the report.

    None when there is no report, or nothing new.
    """
    lock_row(db, Event, event.id)
    before = latest(db, event_id=event.id)
    note_before = before.figures.get("note", "") if before else ""
    if (event.headcount, note_before) == (headcount, note):
        return None
    event.headcount = headcount
    audit.note(db, by=by, action="report.edited", event=event, fields=["headcount", "note"])
    db.flush()
    return _compile(db, event, before, clock.now(), note=note) if before else None


def renew_link(db: Session, *, event: Event, by: Account) -> None:
    """Revoke every link to an event's report or its headcount; the next link is a new one.

    Raises Missing when there is nothing to share.
    """
    if latest(db, event_id=event.id) or not has_headcount(db, event=event):
        first(db, event_id=event.id).link_version += 1
    event.headcount_version += 1
    audit.note(db, by=by, action="report.link_renewed", event=event)
    db.flush()


def renew_screen_link(db: Session, *, event: Event, by: Account) -> None:
    """Revoke every link to the projector's view; the next link is a new one."""
    event.screen_version += 1
    audit.note(db, by=by, action="event.screen_link_renewed", event=event)
    db.flush()


@ledger.without_garbage_collection()
def _compile(db: Session, event: Event, before: Report | None, now: datetime, *, note: str | None = None) -> Report:
    # First, so that a merge during the count leads to the next version.
    basis = due_reports.basis(db, event_id=event.id)
    read = ledger.read(db, event)
    earlier: dict[str, Any] = before.figures if before else {}
    compiled = figures.compile_figures(event, read) | {"note": earlier.get("note", "") if note is None else note}
    report = Report(
        event_id=event.id,
        version=before.version + 1 if before else 1,
        compiled_at=now,
        scans=len(read.scans),
        basis=basis,
        figures=compiled,
        changes=differences.between(earlier, compiled) if before else {},
    )
    db.add(report)
    db.flush()
    returning_attendees.record_visits(db, event=event)
    return report
