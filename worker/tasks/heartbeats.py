"""The scheduler's heartbeat. The worker records its own with each look at the outbox."""

from shared.operations import heartbeats
from worker.app import sessions


def record_scheduler() -> None:
    """Record the scheduler's heartbeat, in a transaction of its own."""
    with sessions().begin() as db:
        heartbeats.record(db, heartbeats.SCHEDULER)
