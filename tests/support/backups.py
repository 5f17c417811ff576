"""Backups as an operator makes and restores them, on a database of the test's own."""

import gzip
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
from click.testing import CliRunner, Result
from sqlalchemy import make_url

from shared.command import main, postgres
from shared.command.sealed import seal, unseal
from tests.conftest import Committed

PASSPHRASE = "бист харбуза дар бағал"


class Operator:
    """Runs `turnout` on an installation whose settings are in the environment, with a passphrase in a file."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(f"{PASSPHRASE}\n")
        self.file = folder / "turnout.backup"

    def run(self, command: str, *options: str | Path, **environment: str) -> Result:
        """Run backup or restore on the file."""
        words = [command, str(self.file), "--passphrase-file", str(self.passphrase), *map(str, options)]
        return CliRunner().invoke(main, words, env={**self.environment, **environment})

    def succeed(self, command: str, *options: str | Path, **environment: str) -> str:
        """Run it, and return what it printed."""
        result = self.run(command, *options, **environment)
        assert result.exit_code == 0, result.output
        return result.output

    def fail(self, command: str, *options: str | Path, **environment: str) -> str:
        """Run what is refused with status 2, and return its one line."""
        result = self.run(command, *options, **environment)
        assert (result.exit_code, result.output.count("\n")) == (2, 1), result.output
        return result.output.removeprefix("turnout: ").rstrip()

    def append(self, sql: bytes) -> None:
        """Replace the backup by one whose SQL ends in these statements."""
        about, _, packed = b"".join(self.content()).partition(b"\n")
        with self.file.open("wb") as output:
            seal(output, PASSPHRASE, [about, b"\n", gzip.compress(gzip.decompress(packed) + sql)])

    def content(self) -> Iterator[bytes]:
        """Yield what is sealed."""
        with self.file.open("rb") as sealed:
            yield from unseal(sealed, PASSPHRASE)


SETTINGS = ("database_url", "redis_url", "smtp_url", "mail_from", "secret_key", "base_url")


def operator_of(committed: Committed, folder: Path, backup: bytes = b"") -> Operator:
    """Return the operator of a database, whose files are in a folder, a backup among them."""
    committed.engine.dispose()
    settings = {name.upper(): str(getattr(committed.settings, name)) for name in SETTINGS}
    operator = Operator(folder, {**settings, "DATABASE_URL": address(committed)})
    if backup:
        operator.file.write_bytes(backup)
    return operator


def address(committed: Committed) -> str:
    """Return the address of a database in libpq's spelling."""
    return make_url(committed.settings.database_url).set(drivername="postgresql").render_as_string(False)


def everything(url: str) -> str:
    """Return all that a database contains, as pg_dump writes it."""
    programs = postgres.package() / "pginstall18" / "bin"
    command = [str(programs / "pg_dump"), "--dbname", url, "--no-owner"]
    dump = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.sub(r"^\\(un)?restrict .*$", "", dump, flags=re.MULTILINE)


def ask(url: str, query: str) -> object:
    """Return one value of a database."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row and row[0]
