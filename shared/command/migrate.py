"""`turnout migrate`: migrates the database's tables to this version."""

import contextlib
import time
from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from shared.command.processes import CannotStart
from shared.config import Settings, read_settings
from shared.database import SESSION_SETTINGS
from shared.outbox import system_status

# Any number will do, as long as no one else on this database takes it.
_LOCK = 7_482_190_361
TRIES, PAUSE = 60, 0.5
"""The attempts to lock the tables while others use them, and the seconds between two attempts."""
_SOON = "400ms"
"""Less than the detection of a deadlock takes (1 s): the migration steps back, and not someone's request."""
_BUSY = ("55P03", "40P01")
_OF_ROLE = text("""
    SELECT setconfig FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase
    WHERE setrole = CURRENT_USER::regrole AND datname = current_database()
""")
# A connection has its role's settings from its start, and PgBouncer replaces those that end.
_END_IDLE = text("""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE usename = CURRENT_USER AND datname = current_database()
      AND (state = 'idle' OR pid = pg_backend_pid()) ORDER BY pid = pg_backend_pid()
""")
_SCRIPTS = Path(__file__).parents[1] / "migrations"


def upgrade(settings: Settings) -> str:
    """Run every missing migration, in one transaction; a second caller waits and has nothing to do.

    Tables of a newer Turnout stay as they are, and their migration is returned; else an empty text. While the tables
    are in use it steps back and tries again. Raises CannotStart when the database cannot be reached, or stays busy for
    a minute.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            return _upgrade(settings)
        except OperationalError as error:
            if not tries_left or getattr(error.orig, "sqlstate", None) not in _BUSY:
                raise CannotStart(f"the database says: {str(error.orig).strip().splitlines()[0]}") from error
            time.sleep(PAUSE)
    raise AssertionError("the last try raises")


def _upgrade(settings: Settings) -> str:
    arguments = {"connect_timeout": 5, "prepare_threshold": None}
    engine = create_engine(settings.database_url, poolclass=NullPool, connect_args=arguments)
    with engine.begin() as connection:
        # The role's own timeouts are meant for requests; a migration may take longer, and wait for another one.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{_SOON}'"))
        if newer := _newer(connection):
            return newer
        command.upgrade(configuration(connection), "head")
        has_changed = settings.turnout_pgbouncer == "on" and _set_for_role(connection)
    if has_changed:
        # The last that it ends is its own connection.
        with contextlib.suppress(OperationalError), engine.begin() as connection:
            connection.execute(_END_IDLE)
    return ""


def _newer(connection: Connection) -> str:
    """Return the migration of tables that a newer Turnout made; empty for all others."""
    if not connection.execute(text("SELECT to_regclass('alembic_version')")).scalar():
        return ""
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(version) if system_status.is_newer(version) else ""


def _set_for_role(connection: Connection) -> bool:
    """Give the role, in this database, the settings that PgBouncer does not pass on; return whether it lacked any."""
    before = connection.execute(_OF_ROLE).scalar()
    name_of_database = connection.execute(text("SELECT current_database()")).scalar_one()
    database = connection.dialect.identifier_preparer.quote_identifier(name_of_database)
    for name, value in SESSION_SETTINGS.items():
        connection.execute(text(f"ALTER ROLE CURRENT_USER IN DATABASE {database} SET {name} = '{value}'"))
    return connection.execute(_OF_ROLE).scalar() != before


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@click.command()
def migrate() -> None:
    """Migrate the database to this version; two at once are harmless."""
    if newer := upgrade(read_settings()):
        own = system_status.expected_version()
        click.echo(
            f"The database is of a newer Turnout (migration {newer}). It stays as it is, and this one ({own}) uses it."
        )
