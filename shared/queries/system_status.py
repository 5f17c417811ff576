"""Whether the tables are of this version, and how far the worker is behind."""

from functools import cache
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared.models import Heartbeat, OutboxMessage

MIGRATIONS = Path(__file__).parents[1] / "migrations"


@cache
def expected_version() -> str | None:
    """The newest migration that this version of the code brings."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def version(db: Session) -> str | None:
    """The migration that the database is at. Raises ProgrammingError where none ever ran."""
    found: str | None = db.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def heartbeats(db: Session) -> dict[str, float]:
    """How many seconds ago each part of the service was last at work; one that never was is not there."""
    ago = func.extract("epoch", func.now() - Heartbeat.at)
    return {part: round(max(float(seconds), 0.0), 1) for part, seconds in db.execute(select(Heartbeat.part, ago))}


def outbox(db: Session) -> dict[str, Any]:
    """What the worker owes: how many promises are due, for how long the oldest is, and how many were given up."""
    is_open = (OutboxMessage.finished_at.is_(None), OutboxMessage.dead_at.is_(None), OutboxMessage.due_at <= func.now())
    age = func.extract("epoch", func.now() - func.min(OutboxMessage.due_at))
    due, oldest = db.execute(select(func.count(), age).where(*is_open)).one()
    dead = db.scalar(select(func.count()).where(OutboxMessage.dead_at.is_not(None)))
    return {"due": due, "oldest_seconds": round(float(oldest or 0), 1), "dead": dead}
