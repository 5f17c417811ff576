"""PostgreSQL's client programs, pg_dump and psql: of the wheel, or of this machine."""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from shared.command import postgres
from shared.command.processes import CannotStart

OUR_NAME = "turnout backup"
"""The application_name of our own connections: a restore counts all others."""


@dataclass(frozen=True)
class ClientPrograms:
    """A folder of programs that fit a server, and the address of a database of it, without its password."""

    folder: Path
    conninfo: str
    environment: dict[str, str]

    def start(self, name: str, *options: str, **streams: int | IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a program on the database."""
        command = [self.folder / name, "--dbname", self.conninfo, "--no-password", *options]
        return subprocess.Popen(command, env=self.environment, **streams)  # type: ignore[call-overload,no-any-return]  # stdin and the like


def client_programs(url: str, *, major: int) -> ClientPrograms:
    """Return the programs for a database of a server of this major version.

    Raises CannotStart where there are none, or only older ones: those refuse the server.
    """
    versions = {folder: _major(folder) for folder in _folders()}
    fitting = [folder for folder, version in versions.items() if version >= major]
    if not fitting:
        there = f"that of PostgreSQL {max(versions.values())} is too old" if versions else "there is none"
        raise CannotStart(f"pg_dump of PostgreSQL {major} or later is needed, and {there}: install its client programs")
    parts = conninfo_to_dict(url)
    environment = {**os.environ, "LC_ALL": "C", "PGAPPNAME": OUR_NAME}
    if "password" in parts:  # not in the command, which every user of the machine can read
        environment["PGPASSWORD"] = str(parts.pop("password"))
    return ClientPrograms(fitting[0], make_conninfo("", **parts), environment)


def first_error(errors: IO[bytes]) -> str:
    """Return the first error that a program wrote, without its place; otherwise its last line."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
    first = next((line for line in lines if re.search(r"\b(ERROR|FATAL|error|fatal):", line)), lines[-1])
    return re.split(r"\b(?:ERROR|FATAL|error|fatal): +", first, maxsplit=1)[-1]


def _folders() -> Iterator[Path]:
    with contextlib.suppress(CannotStart):
        yield postgres.package() / "pginstall18" / "bin"
    if program := shutil.which("pg_dump"):
        yield Path(program).parent


def _major(folder: Path) -> int:
    answer = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"\d+", answer)
    return int(version[0]) if version else 0
