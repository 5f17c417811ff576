"""Whether the parts of the system run: their heartbeats, the version of the tables, and the outbox's backlog."""

from functools import cache
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from shared.heartbeats import RECORD
from shared.models import Heartbeat, OutboxMessage

MIGRATIONS = Path(__file__).parents[1] / "migrations" / "versions"


class Backlog(TypedDict):
    """The number of due messages, the age of the oldest in seconds, and the number of failed ones."""

    due: int
    oldest_seconds: float
    dead: int


def record_heartbeat(db: Session, part: str) -> None:
    """Record that a process is running now; nothing is written again within 10 s."""
    db.connection().exec_driver_sql(RECORD, {"part": part})


@cache
def expected_version() -> str:
    """Return the newest migration of this version of the code, by the numbers of its files.

    Alembic would say the same, and takes 4 MB of each process.
    """
    return max(path.name.partition("_")[0] for path in MIGRATIONS.glob("[0-9]*.py"))


def is_newer(number: str | None) -> bool:
    """Return whether a migration is of a newer version of the code, whose tables this one can use too: migrations only
    add what the version before does without (docs/decisions/code.md).
    """
    return number is not None and number.isdecimal() and number > expected_version()


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
