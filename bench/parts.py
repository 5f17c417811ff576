"""The service's parts as Linux counts them in /proc: processor time, and memory."""

import os
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench import memory

PARTS: Mapping[str, tuple[str, ...]] = {
    "web": ("granian", "caddy"),
    "worker": ("-m worker ",),
    "scheduler": ("-m worker.scheduler",),
    "mailbox": ("shared.command.mailbox",),
    "postgres": ("/postgres ", "pgbouncer"),
    "redis": ("redis-server", "valkey-server"),
}
"""Words of the command of each part's first process."""

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Sample:
    """Seconds of processor time until a moment: of each part, of ourselves with all parts, and of the whole machine."""

    at: float
    parts: Mapping[str, float]
    ours: float
    machine: float


@dataclass(frozen=True)
class Usage:
    """Seconds of processor time of each part, and how many processors all other programs used meanwhile."""

    parts: Mapping[str, float]
    foreign: float


@dataclass(frozen=True)
class _Process:
    """A process: its seconds, with those of children that have ended, and its children that have not."""

    seconds: float
    children: Sequence[int]


def sample() -> Sample:
    """Return the processor time until now."""
    processes = _processes()
    parts = {part: sum(_seconds(processes, id_) for id_ in ids) for part, ids in _first(processes).items()}
    return Sample(time.monotonic(), parts, _seconds(processes, os.getpid()), _machine())


def used(since: Sample) -> Usage:
    """Return the use since a sample. A part that was started meanwhile counts from its start."""
    return between(since, sample())


def between(since: Sample, now: Sample) -> Usage:
    """Return the use between two samples."""
    parts = {part: seconds - since.parts.get(part, 0.0) for part, seconds in now.parts.items()}
    others = (now.machine - since.machine) - (now.ours - since.ours)
    return Usage(parts, max(0.0, others / (now.at - since.at)))


def megabytes() -> dict[str, float]:
    """Return the memory of each part, shared pages by their share (PSS)."""
    processes = _processes()
    return {
        part: sum(memory.share(id_) for first in ids for id_ in _tree(processes, first))
        for part, ids in _first(processes).items()
    }


def _first(processes: Mapping[int, _Process]) -> Mapping[str, Sequence[int]]:
    """Return the first processes of each part: they are our own children."""
    ids = defaultdict[str, list[int]](list)
    for child in processes[os.getpid()].children:
        with suppress(OSError):
            command = (_PROC / str(child) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            for part in (part for part, words in PARTS.items() if any(word in command for word in words)):
                ids[part].append(child)
    return ids


def _processes() -> Mapping[int, _Process]:
    seconds, children = {}, defaultdict[int, list[int]](list)
    for entry in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            # "pid (name) state ppid ...": the name may contain spaces and brackets, the rest may not.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            children[int(fields[1])].append(int(entry.name))
            seconds[int(entry.name)] = sum(map(int, fields[11:15])) / _TICKS
    return {id_: _Process(time_, children[id_]) for id_, time_ in seconds.items()}


def _tree(processes: Mapping[int, _Process], first: int) -> Iterator[int]:
    if first in processes:
        yield first
        for child in processes[first].children:
            yield from _tree(processes, child)


def _seconds(processes: Mapping[int, _Process], first: int) -> float:
    return sum(processes[id_].seconds for id_ in _tree(processes, first))


def _machine() -> float:
    """Return the seconds of all processors that were not idle; the time that a host took away counts."""
    user, nice, system, _, _, *interrupts = (_PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]
    return sum(map(int, (user, nice, system, *interrupts))) / _TICKS
