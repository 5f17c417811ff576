"""Compiling the attendance of an event that is over."""

from datetime import datetime

from sqlalchemy.orm import Session

from shared.models import Event, Report
from shared.queries import figures, ledger, reports
from shared.queries.attendance import is_due_for_report


def compile_report(db: Session, *, event_id: int, now: datetime) -> Report | None:
    """Compile the attendance of an event that is over as the next version of its report, with what changed.

    None when it is not due, when nothing has changed, or while another worker compiles it.
    """
    event = db.get(Event, event_id, with_for_update={"skip_locked": True, "of": Event}, populate_existing=True)
    if event is None or not is_due_for_report(db, event_id=event_id, now=now):
        return None
    before = reports.latest(db, event_id=event_id)
    read = ledger.read(db, event)
    compiled = figures.compile_figures(event, read)
    report = Report(
        event_id=event_id,
        version=before.version + 1 if before else 1,
        compiled_at=now,
        scans=len(read.scans),
        figures=compiled,
        changes=figures.compare(before.figures, compiled) if before else {},
    )
    db.add(report)
    db.flush()
    return report


def renew_link(db: Session, *, report: Report) -> None:
    """Revoke every link to a report that was given out; the next one made is another."""
    report.link_version += 1
    db.flush()
