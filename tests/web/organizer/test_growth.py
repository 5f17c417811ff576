"""An organizer's pages cost what their event costs: neither other events nor years of finished messages are read."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy import event as happening
from sqlalchemy.orm import Session

from bench import crowd
from shared import clock, links
from shared.models import Event
from shared.outbox import outbox, system_status
from shared.registrations import people
from shared.registrations.people import Wanted
from tests.conftest import SAVEPOINTS
from tests.factories import make_account, make_device, make_door, make_event, make_sign_in

EVENTS, PEOPLE, MORE = 25, 120, 280
LARGE = "Seq Scan on (registration|admission|scan|outbox)"
"""Reading through a table with a row for each person, or several."""
OF_EVENT = [
    "event",
    "activity",
    "edit",
    "share",
    "registration_counts",
    "people",
    "live",
    "live_figures",
    "doors",
    "paper_list",
    "mailings",
    "new_mailing",
    "call_list",
    "report",
]
"""The pages of an event, by their names in shared/links.py."""
SEARCHES = ["?q=madina", "?q=0000007", "?q=guest7%40", "?came=not", "?came=inside", "?state=waiting", "?walk_ins=only"]
FINISHED = """
    INSERT INTO outbox (kind, subject, priority, attempts, finished_at, outcome)
    SELECT 'registration_confirmed', id, 1, 1, now(), 'sent' FROM registration
"""
Executed = list[tuple[str, Any]]


@contextmanager
def asking(engine: Engine) -> Iterator[Executed]:
    """Collect the statements of a block, with their values."""
    executed: Executed = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.startswith(SAVEPOINTS):
            executed.append((statement, parameters))

    happening.listen(engine, "before_cursor_execute", note)
    try:
        yield executed
    finally:
        happening.remove(engine, "before_cursor_execute", note)


def read_through(db: Session, executed: Executed) -> list[str]:
    """Return the plans that go through a large table, as PostgreSQL makes them for these values."""
    # In small tables an index costs what it costs in large ones, where most of its pages are in memory.
    db.execute(text("SET LOCAL random_page_cost = 1"))
    driver = db.connection().connection.cursor()
    plans = []
    for statement, values in executed:
        driver.execute(f"EXPLAIN {statement}", values)
        plans.append("\n".join([statement, *(row[0] for row in driver.fetchall())]))
    return [plan for plan in plans if re.search(LARGE, plan)]


@pytest.fixture
def event(db: Session) -> Event:
    """An event that is on, one of many with as many people, whose emails were sent."""
    events = [make_event(db, starts_at=clock.now() - timedelta(minutes=40)) for _ in range(EVENTS)]
    for event in events:
        make_device(db, make_door(db, event))
        crowd.register(db, event=event, people=PEOPLE)
        crowd.scan_everyone(db, event=event)
    db.execute(text(FINISHED))
    db.execute(text("ANALYZE"))
    return events[EVENTS // 2]


@pytest.fixture
def organizer(client: FlaskClient, db: Session, event: Event) -> FlaskClient:
    """The browser of an organizer of the event."""
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, organization=event.organization, role="organizer")))
    return client


def addresses(event: Event) -> list[str]:
    pages = [links.organizer(name, event_id=event.id) for name in OF_EVENT]
    searches = [f"{links.organizer('people', event_id=event.id)}{search}" for search in SEARCHES]
    return [links.organizer("my_events"), links.organizer("status"), *pages, *searches]


def test_no_page_and_no_tick_reads_through_a_large_table(
    organizer: FlaskClient, db: Session, engine: Engine, event: Event
) -> None:
    with asking(engine) as executed:
        answers = [organizer.get(address) for address in addresses(event)]
        outbox.claim(db)
        system_status.outbox(db)
    assert {answer.status_code for answer in answers} == {200}
    assert read_through(db, executed) == []


def test_a_page_costs_as_many_statements_for_more_people(
    organizer: FlaskClient, db: Session, engine: Engine, event: Event
) -> None:
    costs = []
    for more in (0, MORE):
        crowd.register(db, event=event, people=more, first=PEOPLE + 1)
        # Rows that the session keeps would not be read again.
        db.expire_all()
        costs.append({address: _statements(organizer, engine, address) for address in addresses(event)})
    assert costs[0] == costs[1]


def test_the_index_of_names_has_the_event_before_each_word(db: Session, event: Event) -> None:
    _, values = people.matching(event.id, Wanted(words="madina"))
    db.execute(text("SET LOCAL enable_seqscan = off"))
    search = f"EXPLAIN (ANALYZE, FORMAT JSON) SELECT FROM registration WHERE {people.NAMED['words']}"
    rows = db.execute(text(search), values).scalar_one()
    [index] = [step for step in _steps(rows[0]["Plan"]) if "Index Name" in step]
    assert (index["Index Name"], index["Actual Rows"]) == ("ix_registration_event_words", PEOPLE / 5)


def _statements(browser: FlaskClient, engine: Engine, address: str) -> int:
    with asking(engine) as executed:
        browser.get(address)
    return len(executed)


def _steps(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield step
    for below in step.get("Plans", []):
        yield from _steps(below)
