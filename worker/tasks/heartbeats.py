"""The scheduler's heartbeat. The worker records its own with each look at the outbox."""

from shared.outbox import system_status
from worker.app import sessions


def record_scheduler() -> None:
    """Record the scheduler's heartbeat, in a transaction of its own."""
    with sessions().begin() as db:
        system_status.record_heartbeat(db, system_status.SCHEDULER)
