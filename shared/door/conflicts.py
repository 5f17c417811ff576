"""Tickets used twice, on two phones: the ticket, the scans, and the organizer's note."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.audit import audit
from shared.database import Texts
from shared.errors import Missing
from shared.models import Account, Event, Scan, Settlement

TOO_NEAR = timedelta(minutes=2)
"""Two clocks this close do not tell which scan was first."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two scans: door, time (milliseconds since 1970) and volunteer."""

    scan: UUID
    door: Texts
    at: int
    doubtful: bool
    volunteer: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """One ticket on two phones. `name` is empty for an attendee outside the list; a note settles the conflict."""

    person: str
    name: str
    first: Side
    second: Side
    note: str | None
    settled_by: str | None

    @property
    def tells_who_was_first(self) -> bool:
        """Return True if the clocks are precise enough to tell which scan was first."""
        apart = timedelta(milliseconds=abs(self.second.at - self.first.at))
        return apart >= TOO_NEAR and not (self.first.doubtful or self.second.doubtful)


OF_EVENT = text("""
    SELECT admission.person, coalesce(registration.name, '') AS name,
           one.id AS one, one_door.name AS one_door, one.at AS one_at, one.doubtful AS one_doubtful,
           coalesce(one_shift.name, '') AS one_volunteer,
           other.id AS other, other_door.name AS other_door, other.at AS other_at, other.doubtful AS other_doubtful,
           coalesce(other_shift.name, '') AS other_volunteer,
           settlement.note, account.name AS settled_by
    FROM admission
    CROSS JOIN LATERAL jsonb_array_elements(admission.conflicts) AS pair
    JOIN scan one ON one.id = CAST(pair ->> 0 AS uuid)
    JOIN scan other ON other.id = CAST(pair ->> 1 AS uuid)
    JOIN door one_door ON one_door.id = one.door_id
    JOIN door other_door ON other_door.id = other.door_id
    LEFT JOIN LATERAL (
        SELECT name FROM shift WHERE device_id = one.device_id AND since <= one.at ORDER BY since DESC LIMIT 1
    ) one_shift ON true
    LEFT JOIN LATERAL (
        SELECT name FROM shift WHERE device_id = other.device_id AND since <= other.at ORDER BY since DESC LIMIT 1
    ) other_shift ON true
    LEFT JOIN registration ON registration.ticket_id = admission.person AND registration.event_id = admission.event_id
    LEFT JOIN settlement ON settlement.scan_id = least(one.id, other.id)
                        AND settlement.rival_id = greatest(one.id, other.id)
    LEFT JOIN account ON account.id = settlement.account_id
    WHERE admission.event_id = :event AND admission.conflicts <> '[]'
    ORDER BY settlement.note IS NOT NULL, other.at DESC, other.id
    LIMIT :limit OFFSET :offset
""")


COUNT_OPEN = """
    SELECT count(*) FROM admission
    CROSS JOIN LATERAL jsonb_array_elements(admission.conflicts) AS pair
    WHERE admission.event_id = :event AND admission.conflicts <> '[]' AND NOT EXISTS (
        SELECT FROM settlement
        WHERE scan_id = least(CAST(pair ->> 0 AS uuid), CAST(pair ->> 1 AS uuid))
          AND rival_id = greatest(CAST(pair ->> 0 AS uuid), CAST(pair ->> 1 AS uuid))
    )
"""
"""Counts the unsettled conflicts of `:event`; also a part of other statements."""


def of_event(db: Session, *, event_id: int, limit: int, offset: int = 0) -> Sequence[Conflict]:
    """Return an event's conflicts, those without a note first, then the latest first; in one statement."""
    return [_conflict(row) for row in db.execute(OF_EVENT, {"event": event_id, "limit": limit, "offset": offset})]


def count_open(db: Session, *, event_id: int) -> int:
    """Count an event's unsettled conflicts."""
    return int(db.scalar(text(COUNT_OPEN), {"event": event_id}) or 0)


def _conflict(row: Row[Any]) -> Conflict:
    first = Side(row.one, row.one_door, row.one_at, row.one_doubtful, row.one_volunteer)
    second = Side(row.other, row.other_door, row.other_at, row.other_doubtful, row.other_volunteer)
    return Conflict(row.person, row.name, first, second, row.note, row.settled_by)


def settle(db: Session, *, event: Event, scans: tuple[UUID, UUID], note: str, by: Account) -> None:
    """Note the explanation of a conflict, replacing an earlier note. Raises Missing for scans of another event."""
    pair = _pair(db, event, scans)
    values = {"note": note, "account_id": by.id, "settled_at": func.now()}
    noted = insert(Settlement).values(**pair, **values)
    db.execute(noted.on_conflict_do_update(index_elements=list(pair), set_=values))
    _note(db, by, "conflict.settled", event, scans)


def reopen(db: Session, *, event: Event, scans: tuple[UUID, UUID], by: Account) -> None:
    """Delete the note: the conflict is open again. Raises Missing for scans of another event."""
    db.execute(delete(Settlement).filter_by(**_pair(db, event, scans)))
    _note(db, by, "conflict.reopened", event, scans)


def _note(db: Session, by: Account, action: str, event: Event, scans: tuple[UUID, UUID]) -> None:
    audit.note(db, by=by, action=action, event=event, scan_id=str(scans[0]), rival_id=str(scans[1]))


def _pair(db: Session, event: Event, scans: tuple[UUID, UUID]) -> dict[str, UUID]:
    of_event = select(func.count()).select_from(Scan).where(Scan.event_id == event.id, Scan.id.in_(scans))
    if len(set(scans)) != db.scalar(of_event) or len(set(scans)) != 2:
        raise Missing("conflict")
    first, second = sorted(scans)
    return {"scan_id": first, "rival_id": second}
