"""The scheduler: Celery's, in memory alone, which also records its heartbeat."""

from time import monotonic
from typing import Any

import structlog
from celery import beat
from sqlalchemy.exc import SQLAlchemyError

from shared.outbox.system_status import HEARTBEAT_EVERY_SECONDS
from worker.tasks.heartbeats import record_scheduler

log = structlog.get_logger(__name__)


class Scheduler(beat.Scheduler):
    """A scheduler without a file: periods of seconds need no memory."""

    _said = float("-inf")

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send the due ticks, and at most every 10 s record the heartbeat; a database that is away does not stop it."""
        pause: float = super().tick(*args, **kwargs)
        if monotonic() - self._said < HEARTBEAT_EVERY_SECONDS:
            return pause
        self._said = monotonic()
        try:
            record_scheduler()
        except SQLAlchemyError as error:
            log.warning("not noted", error=type(error).__name__)
        return pause
