"""Organizers' notes on tickets used twice."""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.errors import Missing
from shared.models import Account, Event, Scan, Settlement


def settle(db: Session, *, event: Event, scans: tuple[UUID, UUID], note: str, by: Account) -> None:
    """Note the explanation of a conflict, replacing an earlier note. Raises Missing for scans of another event."""
    pair = _pair(db, event, scans)
    values = {"note": note, "account_id": by.id, "settled_at": func.now()}
    noted = insert(Settlement).values(**pair, **values)
    db.execute(noted.on_conflict_do_update(index_elements=list(pair), set_=values))


def reopen(db: Session, *, event: Event, scans: tuple[UUID, UUID]) -> None:
    """Delete the note: the conflict is open again. Raises Missing for scans of another event."""
    db.execute(delete(Settlement).filter_by(**_pair(db, event, scans)))


def _pair(db: Session, event: Event, scans: tuple[UUID, UUID]) -> dict[str, UUID]:
    of_event = select(func.count()).select_from(Scan).where(Scan.event_id == event.id, Scan.id.in_(scans))
    if len(set(scans)) != db.scalar(of_event) or len(set(scans)) != 2:
        raise Missing("conflict")
    first, second = sorted(scans)
    return {"scan_id": first, "rival_id": second}
