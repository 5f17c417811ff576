"""Whether the parts of the system run: their heartbeats, the version of the tables, and the outbox's backlog."""

from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from shared.models import Heartbeat, OutboxMessage

WORKER, SCHEDULER = "worker", "scheduler"

HEARTBEAT_EVERY_SECONDS = 10


def record_heartbeat(db: Session, part: str) -> None:
    """Record that a process is running now, on the database's clock; nothing is written again within 10 s."""
    row = insert(Heartbeat).values(part=part, at=func.now())
    is_old = Heartbeat.at < func.now() - text(f"interval '{HEARTBEAT_EVERY_SECONDS} seconds'")
    db.execute(row.on_conflict_do_update(index_elements=[Heartbeat.part], set_={"at": func.now()}, where=is_old))


MIGRATIONS = Path(__file__).parents[1] / "migrations"


class Backlog(TypedDict):
    """The number of due messages, the age of the oldest in seconds, and the number of failed ones."""

    due: int
    oldest_seconds: float
    dead: int


@cache
def expected_version() -> str | None:
    """Return the newest migration of this version of the code."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def version(db: Session) -> str | None:
    """Return the migration of the database. Raises ProgrammingError where none ever ran."""
    number: str | None = db.scalar(text("SELECT version_num FROM alembic_version"))
    return number


def heartbeats(db: Session) -> dict[str, float]:
    """Return the seconds since the last heartbeat of each part of the system; a part that never ran is missing."""
    ago = func.extract("epoch", func.now() - Heartbeat.at)
    return {part: round(max(float(seconds), 0.0), 1) for part, seconds in db.execute(select(Heartbeat.part, ago))}


def outbox(db: Session) -> Backlog:
    """Return the backlog of emails."""
    is_open = (OutboxMessage.finished_at.is_(None), OutboxMessage.dead_at.is_(None), OutboxMessage.due_at <= func.now())
    age = func.extract("epoch", func.now() - func.min(OutboxMessage.due_at))
    due, oldest = db.execute(select(func.count(), age).where(*is_open)).one()
    dead = db.scalar(select(func.count()).where(OutboxMessage.dead_at.is_not(None)))
    return {"due": due, "oldest_seconds": round(float(oldest or 0), 1), "dead": dead or 0}
