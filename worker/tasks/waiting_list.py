"""Passing on seats that were reserved until a deadline."""

from datetime import datetime

import structlog

from shared import clock
from shared.registrations import waiting_list
from worker.app import Sessions, app, sessions

log = structlog.get_logger(__name__)


@app.task(name="waiting_list.lapse_due")
def lapse_due() -> None:
    """Release overdue seats, each event in a transaction of its own."""
    now = clock.now()
    with sessions().begin() as db:
        overdue = waiting_list.overdue_events(db, now=now)
    for event_id in overdue:
        lapse_one(sessions(), event_id, now)


def lapse_one(sessions: Sessions, event_id: int, now: datetime) -> None:
    """Release one event's overdue seats; a failure is logged, since the other events must not wait for it."""
    try:
        with sessions.begin() as db:
            freed = waiting_list.lapse(db, event_id=event_id, now=now)
    except Exception:
        log.exception("not freed", event_id=event_id)
        return
    if freed:
        log.info("freed", event_id=event_id, seats=freed)
