"""Programs that run beside us: starting one, waiting until it is ready, and stopping it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from shared.errors import SettingsError

PLAIN = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
_CHILD = Path(__file__).with_name("child.py")


class CannotStart(SettingsError):
    """A part does not come up; the message is the one line that the operator reads."""


@dataclass(frozen=True)
class Process:
    """One program. `user` is "uid:gid" to run as, empty for ourselves; `patience`: seconds to stop in.

    `answers` is called until it starts well, `lives` from then on: a part that fails it for too long hangs, and is
    replaced. `sockets` are files of a killed process that would block the next. A part with `done` ends by itself, and
    that sentence is printed then. A part with `renewed` can be replaced without a gap: that returns its next process,
    which takes over once it answers; then the former one is asked to leave, and stopped.
    """

    name: str
    command: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    stop: signal.Signals = signal.SIGTERM
    patience: float = 10.0
    answers: Callable[[], bool] = lambda: True
    lives: Callable[[], bool] | None = None
    sockets: tuple[Path, ...] = ()
    done: str = ""
    renewed: "Callable[[], Process] | None" = None
    take_over: Callable[[], None] = lambda: None
    leave: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class ServerProcess:
    """A part that others connect to, and the address for it."""

    part: Process
    url: str


def spawn(part: Process, output: int | IO[bytes], errors: int = subprocess.STDOUT) -> subprocess.Popen[bytes]:
    """Start a part in a process group of its own; it is asked to stop when the calling *thread* dies."""
    for socket in part.sockets:
        socket.unlink(missing_ok=True)
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(_CHILD), str(int(part.stop)), str(os.getpid()), part.user, *part.command],
        cwd=part.directory,
        env=dict(part.environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        process_group=0,
    )


def wait_until(answers: Callable[[], bool], alive: Callable[[], bool], seconds: float) -> bool:
    """Return True once it answers; False if it dies or the time is over first."""
    deadline = time.monotonic() + seconds
    pause = 0.01
    while alive() and time.monotonic() < deadline:
        if answers():
            return True
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
    return False


def halt(process: subprocess.Popen[bytes], how: signal.Signals, seconds: float = 10) -> None:
    """Ask a part to stop, wait, and kill the rest of its group."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    clear(process)


def clear(process: subprocess.Popen[bytes]) -> None:
    """Kill a dead part's remaining children, so that its port and its memory are free."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
