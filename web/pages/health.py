"""Whether it is alive, whether it is ready, and what an operator asks next: what is away, how far the worker is behind,
what a security review looks for.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from shared import clock
from shared.operations.heartbeats import SCHEDULER, WORKER
from shared.queries import system_status
from web.access import VISITOR, Visitor, asked_on_this_machine
from web.current import resources
from web.routes import Routes

pages = Routes("health", __name__)

PARTS = (WORKER, SCHEDULER)


@pages.get("/healthz", access=VISITOR)
def alive(db: Session, by: Visitor) -> ResponseReturnValue:
    """Alive: answers, and asks nobody."""
    return jsonify(status="alive")


@pages.get("/readyz", access=VISITOR)
def ready(db: Session, by: Visitor) -> ResponseReturnValue:
    """Ready to register people: with a database whose tables are of this version. Redis may be away.

    The rest is told on this machine only: versions, queue lengths and counts are of use to an attacker.
    """
    in_detail = asked_on_this_machine()
    database = _timed(lambda: _database(db, in_detail))
    is_ready = database["status"] == "here"
    details = {"database": database, **_beside()} if in_detail else {}
    answer = jsonify(status="ready" if is_ready else "not ready", **details)
    answer.status_code = 200 if is_ready else 503
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _database(db: Session, in_detail: bool) -> dict[str, Any]:
    # The one view that tells about an error instead of raising it.
    try:
        db.execute(text("SELECT 1"))
        version = system_status.version(db)
        if version != system_status.expected_version():
            return {"status": "other version", "version": version, "expected": system_status.expected_version()}
        work = {"outbox": system_status.outbox(db), "seen": _seen(db)} if in_detail else {}
    except (OperationalError, NoConnection):
        return {"status": "away"}
    except ProgrammingError:
        return {"status": "empty"}
    return {"status": "here", "version": version, **work}


def _beside() -> dict[str, Any]:
    """What is asked of Redis: whether it answers, and how many security events there were today and yesterday (UTC)."""
    limiter, today = resources().limiter, clock.now().date()
    redis = _timed(lambda: {"status": "here" if limiter.pong() else "away"})
    days = {"today": today, "yesterday": today - timedelta(days=1)}
    return {"redis": redis, "security": {name: limiter.tallies(day) for name, day in days.items()}}


def _seen(db: Session) -> dict[str, float | None]:
    """How many seconds ago worker and scheduler were last at work; null for one that never was."""
    seen = system_status.heartbeats(db)
    return {f"{part}_seconds_ago": seen.get(part) for part in PARTS}


def _timed(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    began = time.perf_counter()
    answer = ask()
    return {**answer, "ms": round((time.perf_counter() - began) * 1000, 1)}
