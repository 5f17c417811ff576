"""Liveness, readiness, and an operator's next questions: what is unavailable, how late the worker is, and the security
events of the day.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Literal, NotRequired, TypeVar

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from shared import clock
from shared.heartbeats import SCHEDULER, WORKER
from shared.outbox import system_status
from shared.outbox.system_status import Backlog
from web.access import VISITOR, Visitor, is_local_request
from web.current import resources
from web.routes import Routes

pages = Routes("health", __name__)

PROCESSES = (WORKER, SCHEDULER)


class Alive(TypedDict):
    """A process that answers."""

    status: Literal["alive"]


class DatabaseState(TypedDict):
    """The database: away, without tables, with those of another version, or here; then with the backlog of emails."""

    status: Literal["here", "away", "empty", "other version"]
    version: NotRequired[str | None]
    expected: NotRequired[str | None]
    outbox: NotRequired[Backlog]
    seen: NotRequired[dict[str, float | None]]
    ms: NotRequired[float]


class RedisState(TypedDict):
    """Redis, and in how many milliseconds it answered."""

    status: Literal["here", "away"]
    ms: NotRequired[float]


class Readiness(TypedDict):
    """Whether registration works. The rest is for this machine only."""

    status: Literal["ready", "not ready"]
    database: NotRequired[DatabaseState]
    redis: NotRequired[RedisState]
    security: NotRequired[dict[str, dict[str, int]]]


State = TypeVar("State", DatabaseState, RedisState)


@pages.get("/healthz", access=VISITOR, answers={200: Alive})
def alive(db: Session, by: Visitor) -> ResponseReturnValue:
    """Answer without asking any other process."""
    answer: Alive = {"status": "alive"}
    return jsonify(answer)


@pages.get("/readyz", access=VISITOR, answers={200: Readiness, 503: Readiness})
def ready(db: Session, by: Visitor) -> ResponseReturnValue:
    """Report whether registration works: with a database whose tables are of this version, or of a newer one, as during
    an upgrade. Redis may be away.

    Details are for this machine only: versions, queue lengths and counts are of use to an attacker.
    """
    in_detail = is_local_request()
    database = _timed(lambda: _database(db, in_detail))
    is_ready = database["status"] == "here"
    readiness: Readiness = {"status": "ready" if is_ready else "not ready"}
    if in_detail:
        readiness |= {"database": database, "redis": _timed(_redis), "security": _tallies()}
    answer = jsonify(readiness)
    answer.status_code = 200 if is_ready else 503
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _database(db: Session, in_detail: bool) -> DatabaseState:
    # The one view that reports an error instead of raising it.
    try:
        db.execute(text("SELECT 1"))
        version, expected = system_status.version(db), system_status.expected_version()
        if version != expected and not system_status.is_newer(version):
            return {"status": "other version", "version": version, "expected": expected}
        state: DatabaseState = {"status": "here", "version": version, "expected": expected}
        if in_detail:
            state |= {"outbox": system_status.outbox(db), "seen": _heartbeats(db)}
    except (OperationalError, NoConnection):
        return {"status": "away"}
    except ProgrammingError:
        return {"status": "empty"}
    return state


def _redis() -> RedisState:
    return {"status": "here" if resources().limiter.is_connected() else "away"}


def _tallies() -> dict[str, dict[str, int]]:
    """Return how many security events Redis counted today and yesterday (UTC)."""
    limiter, today = resources().limiter, clock.now().date()
    days = {"today": today, "yesterday": today - timedelta(days=1)}
    return {name: limiter.tallies(day) for name, day in days.items()}


def _heartbeats(db: Session) -> dict[str, float | None]:
    """Return how many seconds ago worker and scheduler last worked; null for one that never did."""
    heartbeats = system_status.heartbeats(db)
    return {f"{process}_seconds_ago": heartbeats.get(process) for process in PROCESSES}


def _timed(probe: Callable[[], State]) -> State:
    began = time.perf_counter()
    answer = probe()
    answer["ms"] = round((time.perf_counter() - began) * 1000, 1)
    return answer
