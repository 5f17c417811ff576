"""Heartbeats of the worker and the scheduler."""

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.models import Heartbeat

WORKER, SCHEDULER = "worker", "scheduler"
EVERY_SECONDS = 10


def record(db: Session, part: str) -> None:
    """Record that a process is running now, on the database's clock; nothing is written again within 10 s."""
    row = insert(Heartbeat).values(part=part, at=func.now())
    is_old = Heartbeat.at < func.now() - text(f"interval '{EVERY_SECONDS} seconds'")
    db.execute(row.on_conflict_do_update(index_elements=[Heartbeat.part], set_={"at": func.now()}, where=is_old))
