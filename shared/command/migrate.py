"""`turnout migrate`: bring the database's tables to what this version expects."""

from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from shared.command.parts import CannotStart
from shared.config import Settings, read_settings

# Any number will do, as long as nobody else on this database takes it.
_LOCK = 7_482_190_361
_SCRIPTS = Path(__file__).parents[1] / "migrations"


def upgrade(settings: Settings) -> None:
    """Run every migration that is missing, in one transaction; a second caller waits and finds nothing to do.

    Raises CannotStart when the database cannot be reached.
    """
    engine = create_engine(settings.database_url, poolclass=NullPool, connect_args={"connect_timeout": 5})
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            # A table that is in use is not waited for longer than its users can be kept waiting behind us.
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            command.upgrade(configuration(connection), "head")
    except OperationalError as error:
        raise CannotStart(f"the database says: {str(error.orig).strip().splitlines()[0]}") from error


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@click.command()
def migrate() -> None:
    """Bring the database to this version; two at once are harmless."""
    upgrade(read_settings())
