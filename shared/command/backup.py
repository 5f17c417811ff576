"""`turnout backup`: the database and the SECRET_KEY, in one file that a passphrase seals."""

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

import click

from shared import clock
from shared.command.backed_up import BackedUp, to_back_up
from shared.command.client_programs import ClientPrograms, client_programs, first_error
from shared.command.installation import data_option
from shared.command.passphrase import passphrase_option, read_passphrase
from shared.command.processes import CannotStart
from shared.command.sealed import CHUNK_BYTES, seal

OTHER_SCHEMAS = r"SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'"
DUMP_OPTIONS = (
    "--no-owner",  # it may be restored by another role
    "--no-privileges",
    "--no-tablespaces",
    "--no-publications",
    "--no-subscriptions",
    "--exclude-extension=*",
    "--compress=gzip",
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@passphrase_option
@data_option
def backup(file: Path, passphrase_file: Path | None, data: Path | None) -> None:
    """Back the database and SECRET_KEY up into FILE, sealed by a passphrase. The service may run meanwhile."""
    passphrase = read_passphrase(passphrase_file, is_new=True)
    with to_back_up(data) as source:
        try:
            with _written_whole(file) as output:
                seal(output, passphrase, _content(source))
        except OSError as error:
            raise CannotStart(f"{error.filename or file}: {error.strerror}") from None
    click.echo(f"{file}: {file.stat().st_size:,} bytes. Without its passphrase no one can read it, nor you.")


def _content(source: BackedUp) -> Iterator[bytes]:
    """Yield a line of JSON about the backup, and the database as SQL in gzip's format."""
    with source.connect() as connection:
        [others] = [[name for (name,) in connection.execute(OTHER_SCHEMAS) if name != "public"]]
        programs = client_programs(source.url, major=connection.info.server_version // 10_000)
    about = {"secret_key": source.secret_key, "created_at": clock.now().isoformat(timespec="seconds")}
    yield json.dumps(about).encode() + b"\n"
    quoted = [name.replace('"', '""') for name in others]
    yield from _dump(programs, [f'--exclude-schema="{name}"' for name in quoted])


def _dump(programs: ClientPrograms, exclusions: list[str]) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as errors:
        with programs.start("pg_dump", *DUMP_OPTIONS, *exclusions, stdout=subprocess.PIPE, stderr=errors) as dump:
            assert dump.stdout is not None  # a pipe was asked for
            yield from iter(partial(dump.stdout.read, CHUNK_BYTES), b"")
        if dump.returncode:
            raise CannotStart(f"pg_dump says: {first_error(errors)}")


@contextlib.contextmanager
def _written_whole(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file that only we may read, and that takes its name once it is complete and on the disk."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(new, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
