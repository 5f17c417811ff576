"""Promising what goes to many once its hour has come."""

import structlog

from shared import clock
from shared.operations import mailings
from worker.app import Sessions, app, sessions

log = structlog.get_logger(__name__)


@app.task(name="mailings.promise_due")
def promise_due() -> None:
    """Promise the reminders and thanks that are due; what was promised before is the same promise."""
    promise_mailings(sessions())


def promise_mailings(sessions: Sessions) -> None:
    """Promise reminders, then thanks, each in a transaction of its own."""
    now = clock.now()
    for promise in (mailings.promise_reminders, mailings.promise_thanks):
        with sessions.begin() as db:
            promised = promise(db, now=now)
        if promised:
            log.info("promised", kind=promise.__name__, promises=promised)
