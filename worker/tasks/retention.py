"""Deleting data whose retention period is over."""

import structlog

from shared.reports import returning_attendees
from worker.app import Sessions, app, sessions

log = structlog.get_logger(__name__)


@app.task(name="retention.forget_visits")
def forget_visits() -> None:
    """Delete the marks of attendees of events long ago."""
    forget_old_visits(sessions())


def forget_old_visits(sessions: Sessions) -> None:
    """Delete them, in one transaction."""
    with sessions.begin() as db:
        forgotten = returning_attendees.delete_old(db)
    if forgotten:
        log.info("forgotten", marks=forgotten)
