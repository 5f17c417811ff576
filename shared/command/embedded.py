"""A real PostgreSQL and a real Redis for as long as a block runs, on a machine without either."""

import contextlib
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from shared.command.postgres import postgres_server
from shared.command.processes import CannotStart, ServerProcess, halt, spawn, wait_until
from shared.command.redis import redis_server


@contextlib.contextmanager
def postgres(directory: Path, *, durable: bool = True) -> Iterator[str]:
    """Run PostgreSQL with its files below `directory` and yield its URL; `durable=False` is for tests only.

    As root it runs as an ordinary user, who must be able to reach `directory`: parents of mode 700 (pytest's tmp_path)
    move the files to /var/lib/turnout. Raises CannotStart.
    """
    with _running(postgres_server(directory, durable=durable), directory) as url:
        yield url


@contextlib.contextmanager
def redis(directory: Path) -> Iterator[str]:
    """Run Redis with its files in `directory` and yield its URL. Raises CannotStart."""
    with _running(redis_server(directory), directory) as url:
        yield url


@contextlib.contextmanager
def temporary() -> Iterator[tuple[str, str]]:
    """Run a PostgreSQL and a Redis for one test run: (DATABASE_URL, REDIS_URL). Nothing of them stays."""
    with temporary_directory() as home:
        server = postgres_server(home / "postgres", durable=False)
        # "immediate": what is deleted need not be written first, which takes ten seconds after many tests.
        at_once = replace(server, part=replace(server.part, stop=signal.SIGQUIT))
        with _running(at_once, home / "postgres") as database, redis(home / "redis") as broker:
            yield database, broker


@contextlib.contextmanager
def temporary_directory() -> Iterator[Path]:
    """Make a folder with a short path that PostgreSQL's user may enter, unlike pytest's tmp_path."""
    with tempfile.TemporaryDirectory(prefix="turnout-", dir="/tmp") as name:
        home = Path(name)
        home.chmod(0o711)
        yield home


@contextlib.contextmanager
def _running(server: ServerProcess, directory: Path) -> Iterator[str]:
    part = server.part
    log = directory.with_name(f"{directory.name}.log")
    with log.open("wb") as output:
        process = spawn(part, output)
    try:
        if not wait_until(part.answers, lambda: process.poll() is None, 120):
            raise CannotStart(f"{part.name} does not start: {_last_line(log)}")
        yield server.url
    finally:
        halt(process, part.stop)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
