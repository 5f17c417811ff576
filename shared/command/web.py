"""The web tier's parts: the server in front, and behind it processes that each answer at a socket of their own.

One process, one part: so each can be asked if it lives, and one that hangs is replaced while the others go on.
"""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from shared.command.front import Listening, alive_at, answers, front, leave
from shared.command.processes import Process

# Concurrent requests of one process; more wait in the front, where they cost less.
BACKPRESSURE = 200


def web_processes(
    listening: Listening, folder: Path, environment: Mapping[str, str], *, workers: int = 2, threads: int = 4
) -> list[Process]:
    """Return the front and `workers` processes of `threads` threads each. `folder` holds their sockets, so its path is
    short, and what they count together.

    Raises CannotStart.
    """
    sockets = [folder / f"web-{number}.sock" for number in range(1, workers + 1)]
    counts = folder / "counts"
    shutil.rmtree(counts, ignore_errors=True)
    counts.mkdir()
    variables = {
        **environment,
        "TURNOUT_FRONT": "1",
        "TURNOUT_PROCESSES": str(workers),
        "PROMETHEUS_MULTIPROC_DIR": str(counts),
    }
    processes = [_process(path, variables, threads) for path in sockets]
    for process in processes:
        process.take_over()
    return [*processes, front(listening, folder, sockets, environment)]


def _process(path: Path, environment: Mapping[str, str], threads: int, number: int = 1) -> Process:
    """Return a web process at a socket of its own. The front knows it by a link, which the next one takes over."""
    own, alive = (link.with_name(f"{link.name}.{number}") for link in (path, alive_at(path)))
    words = (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--uds", own),
        *("--workers", 1, "--blocking-threads", threads, "--backpressure", BACKPRESSURE),
        *("--workers-kill-timeout", 4, "--log-level", "warning", "web.wsgi:app"),
    )
    return Process(
        name=path.stem,
        command=tuple(map(str, words)),
        directory=path.parent,
        environment={**environment, "TURNOUT_ALIVE": str(alive)},
        patience=6.0,
        answers=lambda: answers(own),
        lives=lambda: answers(alive),
        sockets=(own, alive),
        renewed=lambda: _process(path, environment, threads, number + 1),
        take_over=lambda: _point({path: own, alive_at(path): alive}),
        leave=lambda: leave(alive),
    )


def _point(links: Mapping[Path, Path]) -> None:
    """Point links at other files, each in one step: a connection goes to the old file or to the new one."""
    for link, target in links.items():
        new = link.with_suffix(".new")
        new.unlink(missing_ok=True)
        new.symlink_to(target.name)
        new.replace(link)
