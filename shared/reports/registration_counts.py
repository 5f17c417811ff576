"""Registrations so far: by day, source, language and ticket type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.models import Event
from shared.reports import ledger

MOST_GROUPS = 20

COUNTS = text("""
    SELECT CAST(created_at AT TIME ZONE :zone AS date) AS day, coalesce(nullif(source, ''), :nothing) AS source,
           language, ticket_type_id, state, count(*) AS people
    FROM registration WHERE event_id = :event AND NOT walk_in AND state <> 'cancelled'
    GROUP BY GROUPING SETS ((1), (2), (3), (4), (5))
""")
NOTHING = "not_stated"


@dataclass(frozen=True, slots=True)
class RegistrationCounts:
    """Registrations that have a seat or wait for one, in groups; `states` counts them by state.

    Days are the event's.
    """

    days: Sequence[tuple[date, int]]
    sources: Sequence[tuple[str, int]]
    languages: Sequence[tuple[str, int]]
    ticket_types: Sequence[tuple[int, int]]
    states: Mapping[str, int]

    @property
    def all(self) -> int:
        """Return the number of all registrations."""
        return sum(self.states.values())


def of_event(db: Session, *, event: Event) -> RegistrationCounts:
    """Count an event's registrations, walk-ins and cancelled ones excluded; in two statements."""
    rows = db.execute(COUNTS, {"event": event.id, "zone": event.zone, "nothing": NOTHING}).all()
    names = ledger.channels(db, event_id=event.id)
    sources = [(names.get(source, source), people) for source, people in _largest(rows, "source")]
    return RegistrationCounts(
        days=sorted((row.day, row.people) for row in rows if row.day is not None),
        sources=sources[:MOST_GROUPS],
        languages=_largest(rows, "language"),
        ticket_types=_largest(rows, "ticket_type_id"),
        states={row.state: row.people for row in rows if row.state is not None},
    )


def _largest(rows: Sequence[Any], name: str) -> list[tuple[Any, int]]:
    """Return the groups of one column, the largest first."""
    groups = [(getattr(row, name), row.people) for row in rows if getattr(row, name) is not None]
    return sorted(groups, key=lambda group: (-group[1], str(group[0])))
