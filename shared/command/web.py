"""The web tier's parts: the server in front, and behind it processes that each answer at a socket of their own.

One process, one part: so each can be asked if it lives, and one that hangs is replaced while the others go on.
"""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from shared.command.front import Listening, answers, front, is_alive
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
    return [*processes, front(listening, folder, sockets, environment)]


def _process(path: Path, environment: Mapping[str, str], threads: int) -> Process:
    words = (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--uds", path),
        *("--workers", 1, "--blocking-threads", threads, "--backpressure", BACKPRESSURE),
        *("--workers-kill-timeout", 4, "--log-level", "warning", "web.wsgi:app"),
    )
    alive = path.with_suffix(".alive")
    return Process(
        name=path.stem,
        command=tuple(map(str, words)),
        directory=path.parent,
        environment={**environment, "TURNOUT_ALIVE": str(alive)},
        patience=6.0,
        answers=lambda: answers(path),
        lives=lambda: is_alive(alive),
        sockets=(path, alive),
    )
