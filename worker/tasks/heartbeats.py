"""Saying that the scheduler is at work. The worker says so itself, with each look at the outbox."""

from shared.operations import heartbeats
from worker.app import sessions


def record_scheduler() -> None:
    """Note it, in a transaction of its own."""
    with sessions().begin() as db:
        heartbeats.record(db, heartbeats.SCHEDULER)
