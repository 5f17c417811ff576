"""The report of 100,000 people and 300,000 scans: compiled in little memory, and a small one without reading them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as happening
from sqlalchemy.orm import Session

from bench import crowd, memory
from shared import clock
from shared.models import Event
from shared.reports import ledger, reports
from tests.conftest import Committed
from tests.factories import make_device, make_door, make_event

PEOPLE = 100_000
FEW = 100
MEGABYTES = 300
STATEMENTS = 20
LARGE = ("registration", "scan", "admission")
pytestmark = pytest.mark.scale

Asked = list[tuple[str, Any]]


def fill(db: Session, people: int) -> Event:
    """Add an event whose doors were closed just now, with four phones."""
    now = clock.now()
    event = make_event(db, starts_at=now - timedelta(hours=2), hours=3, doors_closed_at=now)
    for _ in range(2):
        door = make_door(db, event)
        make_device(db, door)
        make_device(db, door)
    crowd.register(db, event=event, people=people)
    crowd.scan_everyone(db, event=event)
    return event


@contextmanager
def asking(committed: Committed) -> Iterator[Asked]:
    """Collect the statements of a block."""
    statements: Asked = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    happening.listen(committed.engine, "before_cursor_execute", note)
    yield statements
    happening.remove(committed.engine, "before_cursor_execute", note)


def read_through(committed: Committed, statements: Asked) -> list[str]:
    """Return the large tables that a plan scans row by row."""
    plans = []
    with committed.engine.connect() as connection:
        for statement, parameters in statements:
            plans += [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
    return [line for line in plans if any(f"Seq Scan on {table}" in line for table in LARGE)]


def test_a_report_of_300_000_scans_takes_little_memory_and_few_statements(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        large, small = fill(db, PEOPLE), fill(db, FEW)
    crowd.settle(committed.engine)
    with committed.sessions.begin() as db, asking(committed) as statements:
        before = memory.begin(os.getpid())
        report = reports.compile_report(db, event_id=large.id, now=clock.now())
        assert memory.peak(os.getpid()) - before < MEGABYTES
    assert report is not None
    figures = report.figures
    assert (figures["registered"], figures["attended"], report.scans) == (PEOPLE, PEOPLE * 95 // 100, 3 * PEOPLE)
    assert len(statements) <= STATEMENTS
    with committed.sessions.begin() as db, asking(committed) as statements:
        assert len(ledger.read(db, db.get_one(Event, small.id)).scans) == 3 * FEW
    assert read_through(committed, statements) == []
