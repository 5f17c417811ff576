"""`turnout restore`: a backup into an empty database, or in place of what the database contains.

All of it is one transaction of psql, whose end is sent only when the whole file was authentic. A fault before it leaves
everything as it was, whoever is killed.
"""

import json
import subprocess
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

import click
import psycopg

from shared.command.backed_up import BackedUp, to_restore_into
from shared.command.client_programs import OUR_NAME, ClientPrograms, client_programs, first_error
from shared.command.home import write_private
from shared.command.installation import data_option
from shared.command.passphrase import passphrase_option, read_passphrase
from shared.command.processes import CannotStart
from shared.command.sealed import unseal

# Of another role we see the name and no type.
OTHERS = f"""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND coalesce(backend_type, 'client backend') = 'client backend'
    AND application_name IS DISTINCT FROM '{OUR_NAME}'
"""  # noqa: S608 - nothing of it comes from outside
IN_USE = "the database is in use: stop web, worker and scheduler, and whatever else is connected"
NOT_EMPTY = "the database is not empty: with --replace the backup takes the place of what it contains"
# Only what is Turnout's, so that extensions and the rights on the schema stay.
OBJECTS = """
    SELECT format('DROP TABLE IF EXISTS %s CASCADE', oid::regclass) AS removal, oid, 'pg_class'::regclass AS kind
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    UNION ALL
    SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure), oid, 'pg_proc'::regclass
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
OURS = f"""
    SELECT removal FROM ({OBJECTS}) AS object
    WHERE NOT EXISTS (SELECT FROM pg_depend WHERE classid = kind AND objid = object.oid AND deptype = 'e')
"""  # noqa: S608 - nothing of it comes from outside
LOCKED_WITHIN = "10s"
# Who connects from here on waits at the lock of a table, and then meets the new ones.
BEGIN = f"""
    BEGIN;
    SET LOCAL lock_timeout = '{LOCKED_WITHIN}';
    DO $$
    DECLARE
        statement text;
    BEGIN
        FOR statement IN {OURS} LOOP
            EXECUTE statement;
        END LOOP;
        IF ({OTHERS}) > 0 THEN
            RAISE EXCEPTION '{IN_USE}';
        END IF;
    END $$;
"""
COMMIT = b"COMMIT;\n"
QUEUED = "SELECT count(*) FROM outbox WHERE finished_at IS NULL AND dead_at IS NULL"


@dataclass(frozen=True)
class Backup:
    """An opened backup: its SECRET_KEY, its time, and the SQL that follows."""

    secret_key: str
    created_at: datetime
    sql: Iterator[bytes]


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Restore in place of what the database contains.")
@click.option("--secret", type=click.Path(path_type=Path), help="A new file for the SECRET_KEY of the backup.")
@passphrase_option
@data_option
def restore(file: Path, replace: bool, secret: Path | None, passphrase_file: Path | None, data: Path | None) -> None:
    """Restore the backup in FILE. Web, worker and scheduler must not run; after a fault everything is as before."""
    passphrase = read_passphrase(passphrase_file, is_new=False)
    try:
        with file.open("rb") as sealed:
            opened = _opened(unseal(sealed, passphrase))
            with to_restore_into(data) as target:
                programs = _programs_for(target, replace)
                _require_secret(target, opened.secret_key, secret)
                _run(programs, _script(target, opened, secret))
                _report(target, opened)
    except OSError as error:
        raise CannotStart(f"{error.filename or file}: {error.strerror}") from None


def _opened(content: Iterator[bytes]) -> Backup:
    """Open a backup up to its SQL. Raises CannotStart for a wrong passphrase."""
    line, _, rest = next(content).partition(b"\n")
    about = json.loads(line)
    created_at = datetime.fromisoformat(about["created_at"])
    return Backup(about["secret_key"], created_at, _unpacked(chain([rest], content)))


def _unpacked(packed: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    yield from map(unpacker.decompress, packed)


def _programs_for(target: BackedUp, replace: bool) -> ClientPrograms:
    """Return psql for a database that may be restored into. Raises CannotStart for another."""
    with target.connect() as connection:
        if _number(connection, OTHERS):
            raise CannotStart(IN_USE)
        if not replace and connection.execute(OURS).fetchone():
            raise CannotStart(NOT_EMPTY)
        return client_programs(target.url, major=connection.info.server_version // 10_000)


def _require_secret(target: BackedUp, secret_key: str, file: Path | None) -> None:
    """Raise CannotStart where the SECRET_KEY of the backup would be lost, or another file."""
    if file and file.exists():
        raise CannotStart(f"{file} exists already: name a new file for the SECRET_KEY")
    if not (file or target.home or set(secret_key.split(",")) <= set(target.secret_key.split(","))):
        raise CannotStart("the backup has another SECRET_KEY: name a file for it with --secret")


def _script(target: BackedUp, opened: Backup, secret: Path | None) -> Iterator[bytes]:
    """Yield what psql runs. The SECRET_KEY is kept first of all that lasts, and not before the file was authentic."""
    yield BEGIN.encode()
    yield from opened.sql
    if secret:
        write_private(secret, opened.secret_key)
    elif target.home:
        target.home.add_secret(opened.secret_key)
    yield COMMIT


def _run(programs: ClientPrograms, sql: Iterable[bytes]) -> None:
    """Run a script to its end. Raises CannotStart with its first error.

    A script that ends before its COMMIT is undone by PostgreSQL, and so is one whose author was killed.
    """
    options = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse")
    with tempfile.TemporaryFile() as errors:
        with programs.start("psql", *options, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors) as psql:
            assert psql.stdin is not None  # a pipe was asked for
            with suppress(BrokenPipeError), psql.stdin as script:  # psql stops reading at an error
                script.writelines(sql)
        if psql.returncode:
            raise CannotStart(f"nothing was restored: {first_error(errors)}")


def _report(target: BackedUp, opened: Backup) -> None:
    with target.connect() as connection:
        queued = _number(connection, QUEUED)
    click.echo(f"Restored the backup of {opened.created_at:%Y-%m-%d %H:%M} UTC.")
    if queued:
        click.echo(f"Queued emails, as they were then: {queued}. Those that were sent since are sent again.")
    start = f"`turnout up --data {target.home.path}`" if target.home else "`turnout migrate`, then web and the others"
    click.echo(f"Start {start}.")


def _number(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
