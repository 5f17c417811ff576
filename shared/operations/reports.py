"""Compiling the report of an event that is over, and organizers' additions to it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shared import clock
from shared.database import lock_row
from shared.errors import Conflicting
from shared.models import Account, Event, Report
from shared.operations import audit, events, returning_attendees
from shared.queries import attendance, figures, ledger, report_differences, reports


def compile_report(db: Session, *, event_id: int, now: datetime) -> Report | None:
    """Compile the attendance of an event that is over as the next version of its report, with its changes.

    None when it is not due, or when nothing has changed. It waits for another transaction that compiles; no phone waits
    for it.
    """
    event = lock_row(db, Event, event_id)
    if not attendance.is_due_for_report(db, event_id=event_id, now=now):
        return None
    return _compile(db, event, reports.latest(db, event_id=event_id), now)


def close_doors(db: Session, *, event: Event, by: Account) -> Report | None:
    """Close the doors and compile the report in the same transaction, so that it exists at once, without the worker.

    None when there is nothing to compile, or nothing new. Raises Conflicting before anyone could enter, and when no one
    can.
    """
    lock_row(db, Event, event.id)
    if event.state != "published":
        raise Conflicting(event.state)
    if not event.may_close_doors(clock.now()):
        raise Conflicting("doors_not_open")
    if event.doors_closed_at:
        return compile_report(db, event_id=event.id, now=clock.now())
    events.close_doors(db, event=event)
    report = compile_report(db, event_id=event.id, now=clock.now())
    audit.note(db, by=by, action="event.doors_closed", event=event, report_version=report.version if report else None)
    return report


def reopen_doors(db: Session, *, event: Event, by: Account) -> None:
    """Reopen the doors: the report is compiled again after the grace.

    Raises Conflicting when the event was cancelled meanwhile.
    """
    lock_row(db, Event, event.id)
    if event.state != "published":
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
    before = reports.latest(db, event_id=event.id)
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
    if reports.latest(db, event_id=event.id) or not reports.has_headcount(db, event=event):
        reports.first(db, event_id=event.id).link_version += 1
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
    basis = attendance.basis(db, event_id=event.id)
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
        changes=report_differences.between(earlier, compiled) if before else {},
    )
    db.add(report)
    db.flush()
    returning_attendees.record_visits(db, event=event)
    return report
