"""Queueing emails to many recipients when they are due."""

import structlog

from shared import clock
from shared.mailings import audiences, mailings
from worker.app import Sessions, app, sessions

log = structlog.get_logger(__name__)


@app.task(name="mailings.enqueue_due")
def enqueue_due() -> None:
    """Queue the due reminders and thanks; a message that was queued before is not queued again."""
    enqueue_mailings(sessions())


@app.task(name="mailings.begin_due")
def begin_due() -> None:
    """Queue the due mailings, each in a transaction of its own."""
    with sessions().begin() as db:
        due = audiences.due(db, now=clock.now())
    for mailing_id in due:
        begin_one(sessions(), mailing_id)


def begin_one(sessions: Sessions, mailing_id: int) -> None:
    """Queue one mailing; a failure is logged, since the others must not wait for it."""
    try:
        with sessions.begin() as db:
            enqueued = mailings.begin(db, mailing_id=mailing_id, now=clock.now())
    except Exception:
        log.exception("not begun", mailing_id=mailing_id)
        return
    if enqueued is not None:
        log.info("begun", mailing_id=mailing_id, messages=enqueued)


def enqueue_mailings(sessions: Sessions) -> None:
    """Queue reminders, then thanks, each in a transaction of its own."""
    now = clock.now()
    for message in (mailings.enqueue_reminders, mailings.enqueue_thanks):
        with sessions.begin() as db:
            enqueued = message(db, now=now)
        if enqueued:
            log.info("promised", kind=message.__name__, messages=enqueued)
