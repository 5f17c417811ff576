"""Compiling the attendance of events that are over."""

from datetime import datetime

import structlog

from shared import clock
from shared.reports import due_reports, reports
from worker.app import Sessions, app, sessions

log = structlog.get_logger(__name__)


@app.task(name="attendance.compile_due")
def compile_due() -> None:
    """Compile the due reports, each event in a transaction of its own."""
    now = clock.now()
    with sessions().begin() as db:
        due = due_reports.due_for_report(db, now=now)
    for event_id in due:
        compile_one(sessions(), event_id, now)


def compile_one(sessions: Sessions, event_id: int, now: datetime) -> None:
    """Compile one event's attendance; a failure is logged, since the other events must not wait for it."""
    try:
        with sessions.begin() as db:
            report = reports.compile_report(db, event_id=event_id, now=now)
    except Exception:
        log.exception("not compiled", event_id=event_id)
        return
    if report is not None:
        log.info("compiled", event_id=event_id, version=report.version)
