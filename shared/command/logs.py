"""The output of the parts, as one JSON object a line in a file of limited size."""

import contextlib
import json
import sys
import threading
from pathlib import Path
from typing import IO

import click

from shared import clock

FILE_BYTES = 5_000_000
_LINE_BYTES = 64_000
# Seconds in which the last output of a dead part may arrive through the pipe.
_LAST_WORDS = 1.0


def say(line: str) -> None:
    """Print a line for the operator. A full disk, or a terminal that is gone, costs the line and never a part."""
    with contextlib.suppress(OSError):
        click.echo(line)


class Log:
    """One part's log: `<name>.log`, and `<name>.log.1` with the lines before it."""

    def __init__(self, directory: Path, name: str, limit: int = FILE_BYTES) -> None:
        self.path = directory / f"{name}.log"
        self._name = name
        self._limit = limit
        self._last = b"it said nothing"
        self._lock = threading.Lock()
        self._reader = threading.Thread()

    @property
    def where(self) -> str:
        """Return the place of the whole log."""
        return str(self.path)

    def write(self, **facts: object) -> None:
        """Add one line of our own."""
        line = {"at": clock.now().isoformat(timespec="milliseconds"), "part": self._name, **facts}
        self._add(json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def follow(self, stream: IO[bytes]) -> None:
        """Add a part's output, in a thread, until it ends; lines that are JSON already stay as they are."""
        self._reader = threading.Thread(target=self._drain, args=(stream,), daemon=True)
        self._reader.start()

    def _drain(self, stream: IO[bytes]) -> None:
        with stream:
            while line := stream.readline(_LINE_BYTES):
                if line.startswith(b"{") and line.endswith(b"}\n"):
                    self._last = line
                    self._add(line)
                elif line.strip():
                    self._last = line
                    self.write(event=line.decode(errors="replace").strip())

    def _add(self, line: bytes) -> None:
        # A full disk costs lines, never a part: a part whose output is not read stands still.
        with self._lock, contextlib.suppress(OSError), self.path.open("ab") as file:
            file.write(line)
            if file.tell() >= self._limit:
                self.path.replace(self.path.with_name(f"{self.path.name}.1"))

    def last(self) -> str:
        """Return the last output, in one line: it says why a part is gone."""
        if self._reader.is_alive():
            self._reader.join(_LAST_WORDS)
        return _event(self._last)


class Screen(Log):
    """The same lines on the standard error: in a container the engine stores them."""

    def __init__(self, name: str) -> None:
        super().__init__(Path(), name)

    @property
    def where(self) -> str:
        """Return the place of the whole log."""
        return "see above"

    def _add(self, line: bytes) -> None:
        with self._lock, contextlib.suppress(OSError):
            sys.stderr.buffer.write(line)
            sys.stderr.buffer.flush()


def _event(line: bytes) -> str:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return str(json.loads(line)["event"])
    return line.decode(errors="replace").strip()
