"""A real PgBouncer in front of the tests' PostgreSQL, configured as docs/operating.md says."""

import contextlib
import re
import shutil
import socket
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

from sqlalchemy import make_url

from shared.command.embedded import temporary_directory
from shared.command.home import free_port
from shared.command.processes import PLAIN, Process, halt, spawn, wait_until
from shared.command.users import give, ordinary_user
from shared.config import Settings

OPERATING = Path(__file__).parents[2] / "docs/operating.md"


@contextlib.contextmanager
def pgbouncer(settings: Settings, **changes: str) -> Iterator[Settings]:
    """Run PgBouncer, and yield the settings with its address; `changes` are of its own settings."""
    url, port, user = make_url(settings.database_url), free_port(), ordinary_user()
    with temporary_directory() as home:
        (home / "users.txt").write_text(f'"{url.username}" ""\n')
        _write_configuration(home, host=str(url.query["host"]), listen_port=str(port), **changes)
        give(home, user)
        part = Process("pgbouncer", (_program(), str(home / "pgbouncer.ini")), home, PLAIN, user)
        with (home / "pgbouncer.log").open("wb") as output:
            process = spawn(part, output)
        try:
            assert wait_until(lambda: _listens(port), lambda: process.poll() is None, 20), _last_words(home)
            pooled = url.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)
            yield settings.model_copy(update={"database_url": pooled, "turnout_pgbouncer": "on"})
        finally:
            halt(process, part.stop)


def _write_configuration(home: Path, *, host: str, **changes: str) -> None:
    """Write the file of docs/operating.md with the addresses of the test."""
    block = re.search(r"```ini\n(\[databases\]\n.*?)```", OPERATING.read_text(encoding="utf-8"), re.DOTALL)
    assert block, "docs/operating.md has no pgbouncer.ini"
    documented = ConfigParser(interpolation=None)
    documented.read_string(block[1])
    documented["databases"] = {"*": f"host={host}"}
    own = {"auth_type": "trust", "auth_file": str(home / "users.txt"), "unix_socket_dir": "", "logfile": ""}
    documented["pgbouncer"].update({**own, "listen_addr": "127.0.0.1", **changes})
    with (home / "pgbouncer.ini").open("w") as file:
        documented.write(file)


def _program() -> str:
    """Return the path of the program: Debian's folder of servers is on no ordinary user's PATH."""
    path = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    assert path, "PgBouncer is missing: scripts/viewers installs it"
    return path


def _listens(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def _last_words(home: Path) -> str:
    return (home / "pgbouncer.log").read_text(errors="replace")[-2000:]
