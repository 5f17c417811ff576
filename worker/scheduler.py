"""The scheduler: Celery's, in memory alone and without a clock, which also records its heartbeat.

    python -m worker.scheduler

It knows the names of ticks, and loads neither tasks nor models: so it takes 45 MB, and not 100.
"""

import json
from collections import defaultdict
from time import monotonic
from typing import Any

import psycopg
import structlog
from celery import Celery, beat

from shared import heartbeats
from worker.configuration import configuration, settings
from worker.schedule import PERIODS

log = structlog.get_logger(__name__)


class Scheduler(beat.Scheduler):
    """A scheduler that counts seconds: Celery's own goes by the clock, and stands still when that is set back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._due: defaultdict[str, float] = defaultdict(lambda: float("-inf"))

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send the due ticks and record the heartbeat; return the seconds until something is due."""
        for name, period in PERIODS.items():
            if self._is_due(name, period):
                self.apply_entry(self.schedule[name], producer=self.producer)
        if self._is_due("heartbeat", heartbeats.EVERY_SECONDS):
            _record_heartbeat()
        return max(0.0, min(self._due.values()) - monotonic())

    def _is_due(self, name: str, period: float) -> bool:
        """Return whether something is due, which it is at the start and then once a period."""
        now = monotonic()
        if now < self._due[name]:
            return False
        self._due[name] = now + period
        return True

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        """Send a tick, unless one of its name still waits: while workers are away, one of each name is in Redis.

        Two schedulers that send at the same moment make it two.
        """
        # The queue is a list of JSON texts (docs.celeryq.dev, "Message Protocol"), hardly more than there are names.
        queue = producer.channel.client.lrange(self.app.conf.task_default_queue, 0, -1)
        if any(json.loads(message)["headers"]["task"] == entry.task for message in queue):
            return None
        return super().apply_async(entry, producer, advance, **kwargs)


def _record_heartbeat() -> None:
    """Record the heartbeat; a database that is away does not stop the scheduler."""
    try:
        record_heartbeat(settings().postgresql_url)
    except psycopg.Error as error:
        log.warning("not noted", error=type(error).__name__)


def record_heartbeat(database: str) -> None:
    """Record the scheduler's heartbeat, on a connection of its own. Raises psycopg.Error."""
    with psycopg.connect(database, connect_timeout=5, prepare_threshold=None) as connection:
        # Of the transaction alone: behind PgBouncer the next to use this connection may be anyone.
        connection.execute("SET LOCAL statement_timeout = '5s'")
        connection.execute(heartbeats.RECORD, {"part": heartbeats.SCHEDULER})


def main() -> None:
    """Send ticks until asked to stop."""
    app = Celery("turnout")
    app.add_defaults(configuration)
    level = settings().turnout_log_level.upper()
    app.Beat(scheduler=Scheduler, loglevel=level, quiet=True).run()  # type: ignore[arg-type]  # a class will do


if __name__ == "__main__":
    main()
