"""100,000 attendees of an event: found through indexes, and exported in little memory."""

import os
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench import crowd, memory
from shared.events import events
from shared.models import Event, RegistrationState
from shared.registrations import people, people_export
from shared.registrations.people import Wanted
from tests.conftest import Committed
from tests.factories import make_device, make_door, make_event
from web.app import create_app, make_resources
from web.pages.organizer.people import exports
from web.streams import stream

PEOPLE = 100_000
MEGABYTE = 1024 * 1024
pytestmark = pytest.mark.scale
WANTED = (
    Wanted(),
    Wanted(words="madina"),
    Wanted(words="ab12 jah"),
    Wanted(words="guest777@"),
    Wanted(words="90 000 43 21"),
    Wanted(words="4321"),
    Wanted(words="AAAA-0777"),
    Wanted(ticket_type=1, language="ru", source="poster"),
    Wanted(walk_ins="only"),
    Wanted(state=RegistrationState.WAITING),
    Wanted(came="came"),
    Wanted(came="not"),
    Wanted(came="inside"),
    Wanted(came="inside", language="tg"),
)

LARGE = "Seq Scan on (registration|admission|scan|outbox)"
"""Reading through a table with a row for each person, or several."""


def fill(committed: Committed) -> int:
    """Make an event with all attendees, most of them inside, as after a vacuum; return its id."""
    with committed.sessions.begin() as db:
        event = make_event(db)
        make_device(db, make_door(db, event))
        crowd.register(db, event=event, people=PEOPLE)
        crowd.scan_everyone(db, event=event)
    crowd.settle(committed.engine)
    return event.id


def plan(db: Session, event: Event, search: Wanted, **more: Any) -> str:
    page, values = people.matching(event.id, search, limit=51, **more)
    rows = db.execute(text(f"EXPLAIN (ANALYZE) {page} {people.ROWS}"), values)
    return "\n".join(row[0] for row in rows)


def consume(pieces: Iterator[bytes]) -> tuple[int, float]:
    """Return the number of bytes, and by how many MB the process grew at most."""
    before = memory.begin(os.getpid())
    size = sum(map(len, pieces))
    return size, memory.peak(os.getpid()) - before


def assert_plans(db: Session, event: Event) -> None:
    """Check that no list and no search reads all attendees one after another."""
    person_id = db.execute(text("SELECT max(id) / 2 FROM registration")).scalar_one()
    plans = {str(search): plan(db, event, search) for search in WANTED}
    plans["a later page"] = plan(db, event, Wanted(), after=person_id)
    sequential = {name: plan_text for name, plan_text in plans.items() if re.search(LARGE, plan_text)}
    assert "\n".join(f"{name}\n{plan_text}" for name, plan_text in sequential.items()) == ""
    milliseconds = {
        name: float(re.findall(r"Execution Time: ([0-9.]+)", plan_text)[0]) for name, plan_text in plans.items()
    }
    assert max(milliseconds.values()) < 1000, milliseconds


def assert_export(committed: Committed, event: Event, kind: str) -> None:
    """Check that a file of all attendees is made in little memory."""
    columns = exports.columns(event, exports.PERSONAL)
    statement, values = people_export.statement(event.id, Wanted())
    encode = partial(exports.WRITERS[kind], event, columns)
    app = create_app(committed.settings, resources=make_resources(committed.settings, committed.engine))
    with app.test_request_context():
        answer = stream(statement, values, encode, mimetype="x/y", filename="people")
        size, peak = consume(iter(answer.response))  # type: ignore[arg-type]  # a stream's response is an iterator
    assert size > 3 * MEGABYTE
    assert peak < 100, f"{kind}: {peak:.1f} MB for {size / MEGABYTE:.1f} MB"


def test_100_000_attendees_are_found_and_exported(committed: Committed) -> None:
    event_id = fill(committed)
    with committed.sessions.begin() as db:
        event = events.get(db, event_id=event_id)
        assert_plans(db, event)
    for kind in ("csv", "xlsx"):
        assert_export(committed, event, kind)
