"""Whether it is alive, whether it is ready, and how far the worker is behind."""

import time
from collections.abc import Callable
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from shared.operations.pulses import SCHEDULER, WORKER
from shared.queries import health
from web.access import VISITOR, Visitor
from web.current import held
from web.routes import Routes

pages = Routes("health", __name__)

PARTS = (WORKER, SCHEDULER)


@pages.get("/healthz", access=VISITOR)
def alive(db: Session, by: Visitor) -> ResponseReturnValue:
    """Alive: answers, and asks nobody."""
    return jsonify(status="alive")


@pages.get("/readyz", access=VISITOR)
def ready(db: Session, by: Visitor) -> ResponseReturnValue:
    """Ready to register people: with a database whose tables are of this version. Redis may be away."""
    database = _timed(lambda: _database(db))
    redis = _timed(lambda: {"status": "here" if held().limiter.pong() else "away"})
    is_ready = database["status"] == "here"
    answer = jsonify(status="ready" if is_ready else "not ready", database=database, redis=redis)
    answer.status_code = 200 if is_ready else 503
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _database(db: Session) -> dict[str, Any]:
    # The one view that tells about an error instead of raising it.
    try:
        db.execute(text("SELECT 1"))
        version = health.version(db)
    except (OperationalError, NoConnection):
        return {"status": "away"}
    except ProgrammingError:
        return {"status": "empty"}
    if version != health.expected_version():
        return {"status": "other version", "version": version, "expected": health.expected_version()}
    return {"status": "here", "version": version, "outbox": health.outbox(db), "seen": _seen(db)}


def _seen(db: Session) -> dict[str, float | None]:
    """How many seconds ago worker and scheduler were last at work; null for one that never was."""
    seen = health.pulses(db)
    return {f"{part}_seconds_ago": seen.get(part) for part in PARTS}


def _timed(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    began = time.perf_counter()
    answer = ask()
    return {**answer, "ms": round((time.perf_counter() - began) * 1000, 1)}
