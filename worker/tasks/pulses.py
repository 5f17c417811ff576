"""Saying that the scheduler is at work. The worker says so itself, with each look at the outbox."""

from shared.operations import pulses
from worker.app import sessions


def scheduler_is_here() -> None:
    """Note it, in a transaction of its own."""
    with sessions().begin() as db:
        pulses.beat(db, pulses.SCHEDULER)
