"""What a backup is taken of and restored into: a database, and the SECRET_KEY that belongs to it.

It is what DATABASE_URL names. Otherwise it is that of a data folder, whose PostgreSQL runs for this command alone where
no `turnout up` has it running.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from shared.command import embedded
from shared.command.client_programs import OUR_NAME
from shared.command.home import DATA, Home, is_locked
from shared.command.installation import find_settings
from shared.command.orphans import stop_orphans
from shared.command.processes import CannotStart


@dataclass(frozen=True)
class BackedUp:
    """A database by its address in libpq's spelling, and its SECRET_KEY; a data folder keeps that itself."""

    url: str
    secret_key: str
    home: Home | None = None

    @contextlib.contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        """Connect for a few questions. Raises CannotStart when the database cannot be reached."""
        try:
            with psycopg.connect(self.url, connect_timeout=5, application_name=OUR_NAME) as connection:
                yield connection
        except psycopg.OperationalError as error:
            raise CannotStart(f"the database says: {str(error).strip().splitlines()[0]}") from error


@contextlib.contextmanager
def to_back_up(data: Path | None) -> Iterator[BackedUp]:
    """Yield what a backup is taken of; the service may run. Raises SettingsError."""
    folder = _folder(data)
    if folder and not is_locked(folder):
        if not (folder / "postgres").exists():
            raise CannotStart(f"there is no Turnout in {folder}: name its folder with --data, or set DATABASE_URL")
        with _started(folder) as stopped:
            yield replace(stopped, secret_key=Home(folder).secret())
        return
    settings = find_settings(data)
    url = make_url(settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    yield BackedUp(url, settings.secret_key)


@contextlib.contextmanager
def to_restore_into(data: Path | None) -> Iterator[BackedUp]:
    """Yield what a backup is restored into; a data folder is made where there is none.

    Raises SettingsError, also while `turnout up` runs on the folder.
    """
    folder = _folder(data)
    with _started(folder) if folder else to_back_up(data) as target:
        yield target


def _folder(data: Path | None) -> Path | None:
    return None if data is None and os.environ.get("DATABASE_URL") else (data or DATA).absolute()


@contextlib.contextmanager
def _started(folder: Path) -> Iterator[BackedUp]:
    home = Home(folder)
    with home.lock("a backup or a restore"):
        stop_orphans(home.path)
        with embedded.postgres(home.path / "postgres") as url:
            yield BackedUp(url, "", home)
