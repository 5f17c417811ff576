"""The doctor's checks of PostgreSQL, on a real one that is made wrong; and through a real PgBouncer."""

import contextlib
from collections.abc import Iterator

import pytest
from sqlalchemy import make_url, text

from shared.command import migrate
from shared.command.doctor import database
from shared.command.doctor.examination import Installation
from shared.command.home import free_port
from shared.command.postgres import QUIET
from shared.config import Settings
from tests.conftest import Committed
from tests.support.doctor import faults, make_installation
from tests.support.pgbouncer import pgbouncer

CHECKS = (database.pooler, database.version, database.transactions, database.connections, database.log)


def alter(committed: Committed, change: str) -> Installation:
    """Change the database for connections from now on; return the installation on it."""
    name = make_url(committed.settings.database_url).database
    with committed.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" {change}'))
    return make_installation(committed.settings)


def test_a_database_as_it_should_be_has_no_fault(settings: Settings) -> None:
    installation = make_installation(settings)
    assert [fault for check in (database.answers, *CHECKS) for fault in check(installation)] == []


def test_a_database_that_is_away_is_a_fault(settings: Settings) -> None:
    installation = make_installation(settings, DATABASE_URL=f"postgresql://turnout@127.0.0.1:{free_port()}/turnout")
    [fault] = faults(database.answers, installation)
    assert fault.startswith("the database says: connection")
    assert fault.endswith("start PostgreSQL, or correct DATABASE_URL")


def test_what_a_power_cut_may_destroy_is_a_fault(settings: Settings) -> None:
    """The tests' own PostgreSQL is careless."""
    assert faults(database.durability, make_installation(settings)) == [
        f"PostgreSQL's {name} is off, so {loss}: set {name} = on in postgresql.conf"
        for name, loss in database.LOSSES.items()
    ]


def test_an_old_postgresql_is_a_fault(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "OLDEST", 990_000)
    [fault] = faults(database.version, make_installation(settings))
    assert fault.startswith("PostgreSQL is 18")
    assert fault.endswith(": upgrade it to 99 or later")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("SET default_transaction_read_only = on", "the database only reads, as a standby does"),
        ("SET default_transaction_isolation = 'repeatable read'", "the database's isolation is repeatable read"),
    ],
)
def test_other_transactions_are_a_fault(committed: Committed, change: str, line: str) -> None:
    [fault] = faults(database.transactions, alter(committed, change))
    assert fault.startswith(line)


def test_another_encoding_is_a_fault(committed: Committed) -> None:
    url = make_url(committed.settings.database_url)
    with committed.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        locale = "LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
        connection.execute(text(f"CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 {locale}"))
        try:
            address = url.set(database="latin").render_as_string(hide_password=False)
            [fault] = faults(database.transactions, make_installation(committed.settings, DATABASE_URL=address))
        finally:
            connection.execute(text("DROP DATABASE latin WITH (FORCE)"))
    assert fault == "the database's encoding is LATIN1: make it anew with ENCODING 'UTF8'"


def test_too_few_connections_are_a_fault(committed: Committed, monkeypatch: pytest.MonkeyPatch) -> None:
    [fault] = faults(database.connections, alter(committed, "CONNECTION LIMIT 19"))
    assert fault.startswith("Turnout takes up to 20 connections and PostgreSQL gives it 19: raise max_connections")
    monkeypatch.setattr(database, "MOSTLY_USED", 0)
    [fault] = faults(database.connections, alter(committed, "CONNECTION LIMIT 20"))
    assert "of PostgreSQL's 97 connections are in use: " in fault


def test_a_log_with_names_in_it_is_a_fault(committed: Committed) -> None:
    alter(committed, "SET log_error_verbosity = 'verbose'")
    assert faults(database.log, alter(committed, "SET log_statement = 'mod'")) == [
        "PostgreSQL's log_error_verbosity is verbose, so its log contains names and addresses: "
        "set log_error_verbosity = terse in postgresql.conf",
        "PostgreSQL's log_statement is mod, so its log contains names and addresses: "
        "set log_statement = none in postgresql.conf",
    ]


def test_what_the_docs_tell_operators_to_set_is_discreet() -> None:
    assert {name: values[0] for name, values in database.DISCREET.items() if name in QUIET} == QUIET


@contextlib.contextmanager
def behind_pgbouncer(settings: Settings, *, is_told: bool = False, **changes: str) -> Iterator[Installation]:
    """Run PgBouncer in front of a database, and yield the installation behind it."""
    with pgbouncer(settings, **changes) as pooled:
        yield make_installation(pooled.model_copy(update={"turnout_pgbouncer": "on" if is_told else "off"}))


def test_a_pgbouncer_that_refuses_options_is_a_fault(settings: Settings) -> None:
    with behind_pgbouncer(settings) as installation:
        [fault] = faults(database.answers, installation)
    assert "unsupported startup parameter" in fault
    assert fault.endswith(database.TELL_OF_PGBOUNCER)


def test_a_pgbouncer_in_transaction_mode_is_a_fault_that_turnout_can_be_told_of(settings: Settings) -> None:
    with behind_pgbouncer(settings, ignore_startup_parameters="options") as installation:
        assert faults(database.answers, installation) == []
        assert faults(database.pooler, installation) == [
            f"a pooler (PgBouncer) in transaction mode takes prepared statements away: {database.TELL_OF_PGBOUNCER}",
            f"a pooler (PgBouncer) drops `options`, so no statement has a time limit: {database.TELL_OF_PGBOUNCER}",
        ]


def test_without_the_timeouts_of_the_role_a_pgbouncer_is_a_fault_until_migrated(committed: Committed) -> None:
    with behind_pgbouncer(committed.settings, is_told=True) as installation:
        [fault] = faults(database.answers, installation)
        assert fault.endswith(database.ACTS["behind PgBouncer"])
        migrate.upgrade(installation.settings)
        assert [fault for check in (database.answers, database.pooler) for fault in check(installation)] == []


def test_a_pgbouncer_in_statement_mode_is_a_fault(settings: Settings) -> None:
    with behind_pgbouncer(settings, pool_mode="statement", ignore_startup_parameters="options") as installation:
        [fault] = faults(database.answers, installation)
    assert fault.endswith(database.ACTS["pooling mode"])


def test_a_pgbouncer_in_session_mode_loses_the_time_limits_only(settings: Settings) -> None:
    with behind_pgbouncer(settings, pool_mode="session", ignore_startup_parameters="options") as installation:
        [fault] = faults(database.pooler, installation)
    assert fault.startswith("a pooler (PgBouncer) drops `options`")
