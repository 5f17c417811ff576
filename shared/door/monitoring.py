"""What an operator watches at the doors of all events: phones that are silent, and conflicts that nobody settled."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.door.conflicts import COUNT_OPEN

# Events whose doors have phones now: paired within two days, and neither revoked nor closed.
_FIGURES = text(f"""
    WITH phone AS (
        SELECT device.event_id, device.seen_at, coalesce(device.waiting, 0) AS waiting
        FROM device JOIN event ON event.id = device.event_id
        WHERE device.token_hash IS NOT NULL AND device.revoked_at IS NULL AND event.doors_closed_at IS NULL
          AND device.seen_at > CAST(:now AS timestamptz) - interval '2 days'
    )
    SELECT (SELECT count(*) FROM phone) AS phones,
           (SELECT coalesce(sum(waiting), 0) FROM phone) AS waiting,
           (SELECT coalesce(extract(epoch FROM CAST(:now AS timestamptz) - min(seen_at)), 0) FROM phone) AS silent,
           (SELECT coalesce(sum(({COUNT_OPEN.replace(":event", "busy.event_id")})), 0)
            FROM (SELECT DISTINCT event_id FROM phone) AS busy) AS conflicts
""")  # noqa: S608 - two constants


class DoorFigures(NamedTuple):
    """Phones at doors that are open, their scans that are still to come, for how many seconds the most silent of them
    was not heard from, and the unsettled conflicts of their events.
    """

    phones: int
    waiting: int
    silent_seconds: float
    open_conflicts: int


def figures(db: Session, *, now: datetime) -> DoorFigures:
    """Return the figures of the phones that were heard from within two days, in one statement."""
    phones, waiting, silent, conflicts = db.execute(_FIGURES, {"now": now}).one()
    return DoorFigures(phones, int(waiting), max(float(silent), 0.0), int(conflicts))
