"""The scheduler: Celery's, in memory alone, which also records its heartbeat.

    python -m worker.scheduler

It knows the names of ticks, and loads neither tasks nor models: so it takes 45 MB, and not 100.
"""

from time import monotonic
from typing import Any

import psycopg
import structlog
from celery import Celery, beat

from shared import heartbeats
from worker.configuration import configuration, settings

log = structlog.get_logger(__name__)


class Scheduler(beat.Scheduler):
    """A scheduler without a file: periods of seconds need no memory."""

    _said = float("-inf")

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send the due ticks, and at most every 10 s record the heartbeat; a database that is away does not stop it."""
        pause: float = super().tick(*args, **kwargs)
        if monotonic() - self._said < heartbeats.EVERY_SECONDS:
            return pause
        self._said = monotonic()
        try:
            record_heartbeat(settings().postgresql_url)
        except psycopg.Error as error:
            log.warning("not noted", error=type(error).__name__)
        return pause


def record_heartbeat(database: str) -> None:
    """Record the scheduler's heartbeat, on a connection of its own. Raises psycopg.Error."""
    with psycopg.connect(database, autocommit=True, connect_timeout=5, prepare_threshold=None) as connection:
        connection.execute("SET statement_timeout = '5s'")
        connection.execute(heartbeats.RECORD, {"part": heartbeats.SCHEDULER})


def main() -> None:
    """Send ticks until asked to stop."""
    app = Celery("turnout")
    app.add_defaults(configuration)
    level = settings().turnout_log_level.upper()
    app.Beat(scheduler=Scheduler, loglevel=level, quiet=True).run()  # type: ignore[arg-type]  # a class will do


if __name__ == "__main__":
    main()
