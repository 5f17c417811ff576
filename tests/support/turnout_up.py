"""`turnout up` as a person runs it: a process of its own on a data folder of its own."""

import contextlib
import re
import signal
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from shared.command.orphans import orphans
from shared.command.processes import wait_until

PATIENCE = 180
"""Seconds that a start or a stop may take on a machine with much else to do."""
TURNOUT = (sys.executable, "-m", "shared.command")


@dataclass
class Up:
    """One run of `turnout up`."""

    data: Path
    port: int
    process: psutil.Process
    screen: Path

    def said(self) -> str:
        """Return the text on the screen so far."""
        return self.screen.read_text()

    def until(self, fact: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Wait until something is so, or fail with what was on the screen."""
        assert wait_until(lambda: bool(fact()), self.runs, seconds), self.said()

    def runs(self) -> bool:
        """Return whether its process has not ended, be it a child of ours or not."""
        return self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE

    def ready(self) -> "Up":
        """Wait for the tour."""
        self.until(lambda: re.search("ready in .* s\n", self.said()))
        return self

    def answers(self) -> bool:
        """Return whether the web tier answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=PATIENCE) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def part(self, words: str) -> psutil.Process | None:
        """Return the oldest process whose command has these words."""
        return next(iter(self.parts(words)), None)

    def parts(self, words: str) -> list[psutil.Process]:
        """Return all processes whose command has these words, the oldest first."""
        processes = []
        for orphan in orphans(self.data):
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(orphan.pid)
                if words in " ".join(process.cmdline()):
                    processes.append(process)
        return sorted(processes, key=lambda process: (process.create_time(), process.pid))

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """Ask it to stop, wait, and return its status."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


Start = Callable[..., Up]
