"""The scheduler: Celery's, in memory alone, which also says that it is at work."""

from time import monotonic
from typing import Any

import structlog
from celery import beat
from sqlalchemy.exc import SQLAlchemyError

from shared.operations.heartbeats import EVERY_SECONDS
from worker.tasks.heartbeats import record_scheduler

log = structlog.get_logger(__name__)


class Scheduler(beat.Scheduler):
    """Keeps no file: a period of seconds needs no memory."""

    _said = float("-inf")

    def tick(self, *given: Any, **named: Any) -> float:
        """Ring for what is due, and at most every 10 s write down that it did; a database that is away stops none."""
        pause: float = super().tick(*given, **named)
        if monotonic() - self._said < EVERY_SECONDS:
            return pause
        self._said = monotonic()
        try:
            record_scheduler()
        except SQLAlchemyError as error:
            log.warning("not noted", error=type(error).__name__)
        return pause
