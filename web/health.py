"""Liveness, readiness, and an operator's next questions: what is unavailable, how late the worker is, and the security
events of the day.
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
from shared.outbox import system_status
from shared.outbox.system_status import SCHEDULER, WORKER
from web.access import VISITOR, Visitor, is_local_request
from web.current import resources
from web.routes import Routes

pages = Routes("health", __name__)

PROCESSES = (WORKER, SCHEDULER)


@pages.get("/healthz", access=VISITOR)
def alive(db: Session, by: Visitor) -> ResponseReturnValue:
    """Answer without asking any other process."""
    return jsonify(status="alive")


@pages.get("/readyz", access=VISITOR)
def ready(db: Session, by: Visitor) -> ResponseReturnValue:
    """Report whether registration works: with a database whose tables are of this version. Redis may be away.

    Details are for this machine only: versions, queue lengths and counts are of use to an attacker.
    """
    in_detail = is_local_request()
    database = _timed(lambda: _database(db, in_detail))
    is_ready = database["status"] == "here"
    details = {"database": database, **_redis()} if in_detail else {}
    answer = jsonify(status="ready" if is_ready else "not ready", **details)
    answer.status_code = 200 if is_ready else 503
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _database(db: Session, in_detail: bool) -> dict[str, Any]:
    # The one view that reports an error instead of raising it.
    try:
        db.execute(text("SELECT 1"))
        version = system_status.version(db)
        if version != system_status.expected_version():
            return {"status": "other version", "version": version, "expected": system_status.expected_version()}
        work = {"outbox": system_status.outbox(db), "seen": _heartbeats(db)} if in_detail else {}
    except (OperationalError, NoConnection):
        return {"status": "away"}
    except ProgrammingError:
        return {"status": "empty"}
    return {"status": "here", "version": version, **work}


def _redis() -> dict[str, Any]:
    """Report whether Redis answers, and how many security events it counted today and yesterday (UTC)."""
    limiter, today = resources().limiter, clock.now().date()
    redis = _timed(lambda: {"status": "here" if limiter.is_connected() else "away"})
    days = {"today": today, "yesterday": today - timedelta(days=1)}
    return {"redis": redis, "security": {name: limiter.tallies(day) for name, day in days.items()}}


def _heartbeats(db: Session) -> dict[str, float | None]:
    """Return how many seconds ago worker and scheduler last worked; null for one that never did."""
    heartbeats = system_status.heartbeats(db)
    return {f"{process}_seconds_ago": heartbeats.get(process) for process in PROCESSES}


def _timed(probe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    began = time.perf_counter()
    answer = probe()
    return {**answer, "ms": round((time.perf_counter() - began) * 1000, 1)}
