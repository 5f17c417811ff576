"""100,000 people in one event: found through indexes, and written to a file in little memory."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.models import Event
from shared.queries import events, people, people_export
from shared.queries.people import Wanted
from tests.conftest import Committed
from tests.factories import make_event
from web.app import create_app, hold
from web.pages.organizer.people import exports
from web.streams import stream

PEOPLE = 100_000
MEGABYTE = 1024 * 1024
NAMES = "array['sharif', 'madina', 'jahongir', 'nigina', 'farrukh']"
FILL = f"""
    INSERT INTO registration (event_id, ticket_type_id, state, confirmed_at, ticket_id, short_code, name, name_key,
                              email, phone, contact_key, language, source, code, qr)
    SELECT :event, :kind, 'confirmed', now(), substr(md5(n::text), 1, 16), lpad(n::text, 8, 'A'), 'Ҷаҳонгир Қӯрғонов',
           ({NAMES})[1 + n % 5] || ' ' || substr(md5(n::text), 1, 6), 'guest' || n || '@example.org',
           '+99290' || lpad(n::text, 7, '0'), 'guest' || n || '@example.org', (array['tg', 'ru', 'en'])[1 + n % 3],
           CASE WHEN n % 50 = 0 THEN 'poster' END, repeat('A', 120),
           repeat(md5(n::text), 12)
    FROM generate_series(1, :people) AS n
"""
# Half of them came, and are inside; a session has no scan more than it needs here.
COME = """
    WITH made AS (
        INSERT INTO admission (person, session_id, event_id, first, first_at, inside, entries)
        SELECT ticket_id, :session, event_id, gen_random_uuid(), 1, gen_random_uuid(), 1 FROM registration
        WHERE event_id = :event AND id % 2 = 0 RETURNING 1
    ) SELECT count(*) FROM made
"""
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
    Wanted(came="came"),
    Wanted(came="not"),
    Wanted(came="inside", language="tg"),
)


def fill(committed: Committed) -> int:
    """An event with everybody, as the database knows it after a vacuum."""
    with committed.sessions.begin() as db:
        event = make_event(db)
        db.execute(text(FILL), {"event": event.id, "kind": event.ticket_types[0].id, "people": PEOPLE})
        db.execute(text(COME), {"event": event.id, "session": event.sessions[0].id})
    with committed.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE registration, admission"))
    return event.id


def plan(db: Session, event: Event, wanted: Wanted, **more: Any) -> str:
    page, values = people.matching(event.id, wanted, limit=51, **more)
    rows = db.execute(text(f"EXPLAIN (ANALYZE) {page} {people.ROWS}"), values)
    return "\n".join(row[0] for row in rows)


def kilobytes(name: str) -> int:
    """What Linux says of this process's memory: VmRSS is now, VmHWM the peak since it was reset."""
    return int(re.findall(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())[0])


def consume(pieces: Iterator[bytes]) -> tuple[int, int]:
    """How many bytes there were, and by how many the process grew at most."""
    Path("/proc/self/clear_refs").write_text("5")
    before = kilobytes("VmRSS")
    size = sum(map(len, pieces))
    return size, (kilobytes("VmHWM") - before) * 1024


def assert_plans(db: Session, event: Event) -> None:
    """No list and no search reads everybody one after another."""
    somebody = db.execute(text("SELECT max(id) / 2 FROM registration")).scalar_one()
    plans = {str(wanted): plan(db, event, wanted) for wanted in WANTED}
    plans["a later page"] = plan(db, event, Wanted(), after=somebody)
    assert "\n".join(f"{name}\n{told}" for name, told in plans.items() if "Seq Scan" in told) == ""
    took = {name: float(re.findall(r"Execution Time: ([0-9.]+)", told)[0]) for name, told in plans.items()}
    assert max(took.values()) < 1000, took


def assert_export(committed: Committed, event: Event, kind: str) -> None:
    """A file of everybody is made in little memory."""
    columns = exports.columns(event, ["contact", "answers"])
    statement, values = people_export.statement(event.id, Wanted())
    made = partial(exports.MADE[kind], event, columns)
    app = create_app(committed.settings, held=hold(committed.settings, committed.engine))
    with app.test_request_context():
        answer = stream(statement, values, made, mimetype="x/y", filename="people")
        size, peak = consume(iter(answer.response))  # type: ignore[arg-type]  # a stream's response is an iterator
    assert size > 3 * MEGABYTE
    assert peak < 100 * MEGABYTE, f"{kind}: {peak / MEGABYTE:.1f} MB for {size / MEGABYTE:.1f} MB"


def test_100_000_people_are_found_and_exported(committed: Committed) -> None:
    event_id = fill(committed)
    with committed.sessions.begin() as db:
        event = events.get(db, event_id=event_id)
        assert_plans(db, event)
    for kind in ("csv", "xlsx"):
        assert_export(committed, event, kind)
