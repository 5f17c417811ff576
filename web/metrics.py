"""Figures for Prometheus: what this tier's processes counted, and what the database says of all others.

`turnout web` names a folder in PROMETHEUS_MULTIPROC_DIR, where its processes count together; without it a process
counts for itself.
"""

import time
from collections.abc import Iterator

from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.door import monitoring
from shared.errors import Missing
from shared.outbox import system_status
from web.access import VISITOR, Visitor, bearer_token, is_local_request
from web.current import settings
from web.routes import Routes

pages = Routes("metrics", __name__)

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_own = CollectorRegistry()
REQUESTS = Histogram(
    "turnout_request_seconds",
    "Requests by how long they took.",
    ("method", "route", "status"),
    registry=_own,
    buckets=SECONDS,
)
STATEMENTS = Counter("turnout_statements", "Statements that requests sent to PostgreSQL.", registry=_own)
SCANS = Counter("turnout_scans", "Scans that phones handed in.", ("result",), registry=_own)


class Gauges(Collector):
    """What the database says at the moment of the question."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def collect(self) -> Iterator[Metric]:
        """Yield each figure; only that the database is away, if it is."""
        try:
            figures = [*self._outbox(), *self._processes(), *self._doors()]
        except (DBAPIError, NoConnection):
            figures = []
        yield _gauge("database_up", "Whether the database answers: 1 or 0.", float(bool(figures)))
        yield from figures

    def _outbox(self) -> Iterator[Metric]:
        backlog = system_status.outbox(self._db)
        messages = GaugeMetricFamily("turnout_messages", "Messages that are not sent, by state.", labels=["state"])
        messages.add_metric(["due"], backlog["due"])
        messages.add_metric(["failed"], backlog["dead"])
        yield messages
        yield _gauge("oldest_due_message_seconds", "How long the oldest due message waits.", backlog["oldest_seconds"])

    def _processes(self) -> Iterator[Metric]:
        ages = GaugeMetricFamily("turnout_heartbeat_age_seconds", "Since a process last worked.", labels=["process"])
        for process, seconds in system_status.heartbeats(self._db).items():
            ages.add_metric([process], seconds)
        yield ages

    def _doors(self) -> Iterator[Metric]:
        figures = monitoring.figures(self._db, now=clock.now())
        yield _gauge("phones", "Phones at doors that are open.", figures.phones)
        yield _gauge("phone_silence_seconds", "How long the most silent of them is not heard.", figures.silent_seconds)
        yield _gauge("waiting_scans", "Scans that these phones have still to hand in.", figures.waiting)
        yield _gauge("open_conflicts", "Unsettled conflicts at these doors.", figures.open_conflicts)


def plug_into(app: Flask) -> None:
    """Count the app's requests, and how long they take."""
    app.after_request(_observe)


def count_statements(engine: Engine) -> None:
    """Count what an engine sends to PostgreSQL."""
    event.listen(engine, "before_cursor_execute", _count_statement)


@pages.get("/metrics", access=VISITOR, reads_only=True)
def metrics(db: Session, by: Visitor) -> ResponseReturnValue:
    """Return all figures in Prometheus' text format, to this machine or to who knows the token. Raises Missing."""
    if not (is_local_request() or _knows_token()):
        raise Missing("page")
    registry = CollectorRegistry()
    if folder := settings().prometheus_multiproc_dir:
        MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]  # the library's
    else:
        registry.register(_own)
    registry.register(Gauges(db))
    answer = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _knows_token() -> bool:
    token = settings().turnout_metrics_token
    return bool(token) and tokens.digest(bearer_token()) == tokens.digest(token)


def _count_statement(*_: object) -> None:
    STATEMENTS.inc()


def _observe(response: Response) -> Response:
    # The rule, never the path: it may hold a token, and each label costs memory for ever.
    route = request.url_rule.rule if request.url_rule else "none"
    REQUESTS.labels(request.method, route, response.status_code).observe(time.perf_counter() - g.began)
    return response


def _gauge(name: str, documentation: str, number: float) -> Metric:
    return GaugeMetricFamily(f"turnout_{name}", documentation, value=number)
