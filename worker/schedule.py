"""Every periodic task, in one table: its name and the seconds between two ticks."""

from typing import Any

PERIODS = {
    "outbox.deliver_due": 1.0,
    "outbox.mark_failed": 60.0,
    "attendance.compile_due": 10.0,
    "waiting_list.lapse_due": 30.0,
    "mailings.enqueue_due": 60.0,
    "mailings.begin_due": 5.0,
    "retention.forget_visits": 3600.0,
}


def beat_schedule() -> dict[str, Any]:
    """Return the table as Celery reads it.

    No tick expires: the scheduler's clock would set the time and the worker's clock would judge it. A late tick is
    harmless, since its task finds its work in the database.
    """
    return {name: {"task": name, "schedule": period} for name, period in PERIODS.items()}
