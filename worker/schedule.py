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
    """Return the table as Celery reads it. A tick is void after two periods, so none pile up while workers are down."""
    return {
        name: {"task": name, "schedule": period, "options": {"expires": 2 * period}} for name, period in PERIODS.items()
    }
