"""One installation for all processes of a test run: the first process starts it, and stops it once all have left."""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO

import psutil

from tests.support.turnout_up import Up


@contextmanager
def share(meeting: Path, run: Callable[[], AbstractContextManager[Up]]) -> Iterator[Up]:
    """Yield the run that the first process started in the shared folder."""
    address = meeting / "installation.json"
    with ExitStack() as running:
        with _locked(meeting / "starting", fcntl.LOCK_EX):
            is_first = not address.exists()
            up = running.enter_context(run()) if is_first else _read(address)
            if is_first:
                _write(address, up)
            users = running.enter_context(_locked(meeting / "users", fcntl.LOCK_SH))
        yield up
        if is_first:
            # Who comes from now on is first again.
            with _locked(meeting / "starting", fcntl.LOCK_EX):
                address.unlink()
            fcntl.flock(users, fcntl.LOCK_EX)


@contextmanager
def _locked(path: Path, how: int) -> Iterator[IO[str]]:
    with path.open("a") as file:
        fcntl.flock(file, how)
        yield file


def _write(address: Path, up: Up) -> None:
    known = {"data": str(up.data), "port": up.port, "process": up.process.pid, "screen": str(up.screen)}
    address.write_text(json.dumps(known))


def _read(address: Path) -> Up:
    known = json.loads(address.read_text())
    return Up(Path(known["data"]), known["port"], psutil.Process(known["process"]), Path(known["screen"]))
