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
from shared.models import Event
from shared.queries import events, people, people_export
from shared.queries.people import Wanted
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
    Wanted(state="waiting"),
    Wanted(came="came"),
    Wanted(came="not"),
    Wanted(came="inside"),
    Wanted(came="inside", language="tg"),
)

LARGE = "Seq Scan on (registration|admission|scan|outbox)"
"""What has a row for each person, or several."""


def fill(committed: Committed) -> int:
    """An event with all attendees, most of them inside, as the database knows it after a vacuum."""
    with committed.sessions.begin() as db:
        event = make_event(db)
        make_device(db, make_door(db, event))
        crowd.register(db, event=event, people=PEOPLE)
        crowd.scan_everyone(db, event=event)
    crowd.settle(committed.engine)
    return event.id


def plan(db: Session, event: Event, wanted: Wanted, **more: Any) -> str:
    page, values = people.matching(event.id, wanted, limit=51, **more)
    rows = db.execute(text(f"EXPLAIN (ANALYZE) {page} {people.ROWS}"), values)
    return "\n".join(row[0] for row in rows)


def consume(pieces: Iterator[bytes]) -> tuple[int, float]:
    """Return the number of bytes, and by how many MB the process grew at most."""
    before = memory.begin(os.getpid())
    size = sum(map(len, pieces))
    return size, memory.peak(os.getpid()) - before


def assert_plans(db: Session, event: Event) -> None:
    """No list and no search reads all attendees one after another."""
    somebody = db.execute(text("SELECT max(id) / 2 FROM registration")).scalar_one()
    plans = {str(wanted): plan(db, event, wanted) for wanted in WANTED}
    plans["a later page"] = plan(db, event, Wanted(), after=somebody)
    read_through = {name: told for name, told in plans.items() if re.search(LARGE, told)}
    assert "\n".join(f"{name}\n{told}" for name, told in read_through.items()) == ""
    took = {name: float(re.findall(r"Execution Time: ([0-9.]+)", told)[0]) for name, told in plans.items()}
    assert max(took.values()) < 1000, took


def assert_export(committed: Committed, event: Event, kind: str) -> None:
    """A file of all attendees is made in little memory."""
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
