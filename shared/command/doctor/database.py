"""Checks of PostgreSQL: whether it answers, is durable, and is as Turnout expects it."""

from collections.abc import Iterator, Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.command.doctor.examination import Fault, Installation
from shared.command.processes import CannotStart
from shared.database import make_engine

OLDEST = 170_000
"""PostgreSQL 17, as `server_version_num` says it."""
MOSTLY_USED = 0.9
OURS_BESIDE_WEB = 4
"""Connections of the worker's two processes, of the scheduler and of one command."""
TELL_OF_PGBOUNCER = "set TURNOUT_PGBOUNCER=on, and run `turnout migrate`"
ACTS = {
    "unsupported startup parameter": TELL_OF_PGBOUNCER,
    "behind PgBouncer": "run `turnout migrate` as the role that web and worker use",
    "pooling mode": "set pool_mode = transaction in pgbouncer.ini",
}
"""What to do about an error with these words; most others mean that nothing listens."""
LOSSES = {
    "fsync": "a power cut can destroy the database",
    "full_page_writes": "a power cut can destroy the database",
    "synchronous_commit": "a crash loses registrations that were answered already",
}

DISCREET = {
    "log_error_verbosity": ("terse",),
    "log_min_error_statement": ("fatal", "panic"),
    "log_statement": ("none", "ddl"),
}
"""The values with which PostgreSQL logs no row and no statement of ours; the first is what to set."""


def answers(installation: Installation) -> Iterator[Fault]:
    """Find a database that cannot be reached, or only through a pooler that cannot be used."""
    try:
        with installation.database() as db:
            db.execute(text("SELECT 1"))
    except CannotStart as error:
        act = next(
            (act for words, act in ACTS.items() if words in str(error)), "start PostgreSQL, or correct DATABASE_URL"
        )
        yield Fault(str(error), act)


def pooler(installation: Installation) -> Iterator[Fault]:
    """Find a pooler of which Turnout was not told, and that takes prepared statements or time limits away."""
    if installation.settings.turnout_pgbouncer == "on":
        return
    engine = make_engine(installation.settings)
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    try:
        # Both are open and neither is in a transaction: only a pooler in transaction mode has one backend for both.
        with autocommit.connect() as first, autocommit.connect() as second:
            is_shared = len({each.scalar(text("SELECT pg_backend_pid()")) for each in (first, second)}) == 1
            is_bounded = first.scalar(text("SHOW statement_timeout")) != "0"
    finally:
        engine.dispose()
    if is_shared:
        yield Fault("a pooler (PgBouncer) in transaction mode takes prepared statements away", TELL_OF_PGBOUNCER)
    if not is_bounded:
        yield Fault("a pooler (PgBouncer) drops `options`, so no statement has a time limit", TELL_OF_PGBOUNCER)


def version(installation: Installation) -> Iterator[Fault]:
    """Find a PostgreSQL that is too old."""
    with installation.database() as db:
        current = _settings(db, "server_version", "server_version_num")
    if int(current["server_version_num"]) < OLDEST:
        yield Fault(f"PostgreSQL is {current['server_version']}", f"upgrade it to {OLDEST // 10_000} or later")


def durability(installation: Installation) -> Iterator[Fault]:
    """Find settings by which PostgreSQL loses what it has acknowledged."""
    with installation.database() as db:
        current = _settings(db, *LOSSES)
    for name, loss in LOSSES.items():
        if current[name] == "off":
            yield Fault(f"PostgreSQL's {name} is off, so {loss}", f"set {name} = on in postgresql.conf")


def transactions(installation: Installation) -> Iterator[Fault]:
    """Find a database whose transactions are not as Turnout expects them."""
    with installation.database() as db:
        current = _settings(db, "transaction_read_only", "transaction_isolation", "TimeZone", "server_encoding")
    if current["transaction_read_only"] == "on":
        yield Fault("the database only reads, as a standby does", "let DATABASE_URL name the primary")
    if current["transaction_isolation"] != "read committed":
        act = "set default_transaction_isolation = 'read committed' for it"
        yield Fault(f"the database's isolation is {current['transaction_isolation']}", act)
    if current["TimeZone"] != "UTC":
        yield Fault(f"a connection's time zone is {current['TimeZone']} and not UTC", TELL_OF_PGBOUNCER)
    if current["server_encoding"] != "UTF8":
        yield Fault(f"the database's encoding is {current['server_encoding']}", "make it anew with ENCODING 'UTF8'")


def connections(installation: Installation) -> Iterator[Fault]:
    """Find fewer connections than the processes may take, and connections that are nearly used up."""
    settings = installation.settings
    needed = settings.turnout_processes * settings.turnout_pool + OURS_BESIDE_WEB
    with installation.database() as db:
        most, used, ours = db.execute(text(_CONNECTIONS)).one()
    if needed > ours:
        wrong = f"Turnout takes up to {needed} connections and PostgreSQL gives it {ours}"
        yield Fault(wrong, "raise max_connections or the limit of role or database, or lower TURNOUT_POOL")
    if used > MOSTLY_USED * most:
        wrong = f"{used} of PostgreSQL's {most} connections are in use"
        yield Fault(wrong, "raise max_connections, or find out by pg_stat_activity who has them")


def log(installation: Installation) -> Iterator[Fault]:
    """Find settings by which PostgreSQL's log contains names and addresses."""
    with installation.database() as db:
        current = _settings(db, *DISCREET)
    for name, values in DISCREET.items():
        if current[name] not in values:
            wrong = f"PostgreSQL's {name} is {current[name]}, so its log contains names and addresses"
            yield Fault(wrong, f"set {name} = {values[0]} in postgresql.conf")


def _settings(db: Session, *names: str) -> Mapping[str, str]:
    return {name: db.scalar(text("SELECT current_setting(:name)"), {"name": name}) or "" for name in names}


_CONNECTIONS = """
SELECT most, used, least(most, nullif(rolconnlimit, -1), nullif(datconnlimit, -1))
FROM (SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
          - coalesce(current_setting('reserved_connections', true), '0')::int AS most) AS limits,
     (SELECT count(*) AS used FROM pg_stat_activity WHERE backend_type = 'client backend') AS activity,
     pg_roles, pg_database
WHERE rolname = current_user AND datname = current_database()
"""
