"""Processes that a killed `turnout up` left running on its data: found in /proc, stopped before the next start."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shared.command.processes import CannotStart

# In the environment of every part. PostgreSQL and Redis overwrite theirs, so those are recognized by the name they were
# called by and by their folder. Not by their file's name: Debian's redis-server is a link to redis-check-rdb.
MARK = "TURNOUT_UP"
_SERVERS = {"postgres": signal.SIGINT, "redis-server": signal.SIGTERM, "valkey-server": signal.SIGTERM}
_PROC = Path("/proc")
# PostgreSQL and Redis save their memory; the others have nothing that the database lacks.
SERVERS_STOP_IN = 8.0
OTHERS_STOP_IN = 2.0
_LAST_WAIT = 10


@dataclass(frozen=True)
class Orphan:
    """A process that belongs to a data folder."""

    pid: int
    parent: int
    program: str


def orphans(data: Path) -> list[Orphan]:
    """Return the processes that belong to a data folder, ourselves left out. Needs /proc; without it there are none."""
    mark = f"{MARK}={data}".encode()
    homes = [(data / name).resolve() for name in ("postgres", "redis")]
    processes = []
    for entry in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            if int(entry.name) != os.getpid() and _belongs(entry, mark, homes):
                processes.append(Orphan(int(entry.name), _parent(entry), _name(entry)))
    return processes


def _belongs(entry: Path, mark: bytes, homes: list[Path]) -> bool:
    if _name(entry) in _SERVERS:
        folder = (entry / "cwd").readlink()
        return any(folder.is_relative_to(home) for home in homes)
    return mark in (entry / "environ").read_bytes().split(b"\0")


def _name(entry: Path) -> str:
    return (entry / "comm").read_text().rstrip("\n")


def _parent(entry: Path) -> int:
    # "pid (name) state ppid ...": the name may contain spaces and brackets, the rest may not.
    return int((entry / "stat").read_text().rpartition(")")[2].split()[1])


def stop_orphans(data: Path, seconds: float = SERVERS_STOP_IN) -> int:
    """Ask the processes of a data folder to stop, then kill the rest; return how many there were.

    Raises CannotStart when a process cannot be ended.
    """
    processes = orphans(data)
    known_ids = {orphan.pid for orphan in processes}
    for orphan in processes:
        if orphan.parent not in known_ids:
            _signal(orphan.pid, _SERVERS.get(orphan.program, signal.SIGTERM))
    began = time.monotonic()
    while remaining := orphans(data):
        waited = time.monotonic() - began
        for orphan in remaining:
            if waited > (seconds if orphan.program in _SERVERS else min(seconds, OTHERS_STOP_IN)):
                _signal(orphan.pid, signal.SIGKILL)
        if waited > seconds + _LAST_WAIT:
            raise CannotStart(f"process {remaining[0].pid} of an earlier run does not end")
        time.sleep(0.05)
    return len(processes)


def _signal(pid: int, which: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, which)
