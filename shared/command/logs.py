"""What the parts say, as one JSON object a line in a file that does not grow without end."""

import json
import threading
from pathlib import Path
from typing import IO

from shared import clock

FILE_BYTES = 5_000_000
_LINE_BYTES = 64_000


class Log:
    """One part's log: `<name>.log`, and `<name>.log.1` with what was before it."""

    def __init__(self, directory: Path, name: str, limit: int = FILE_BYTES) -> None:
        self._path = directory / f"{name}.log"
        self._name = name
        self._limit = limit
        self._lock = threading.Lock()
        self._file = self._path.open("ab", buffering=0)

    def write(self, **facts: object) -> None:
        """Add one line of our own."""
        line = {"at": clock.now().isoformat(timespec="milliseconds"), "part": self._name, **facts}
        self._add(json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def follow(self, stream: IO[bytes]) -> None:
        """Add what a part says, in a thread, until it says no more; lines that are JSON already stay as they are."""
        threading.Thread(target=self._drain, args=(stream,), daemon=True).start()

    def _drain(self, stream: IO[bytes]) -> None:
        with stream:
            while line := stream.readline(_LINE_BYTES):
                if line.startswith(b"{") and line.endswith(b"}\n"):
                    self._add(line)
                elif line.strip():
                    self.write(event=line.decode(errors="replace").strip())

    def _add(self, line: bytes) -> None:
        with self._lock:
            if self._file.tell() + len(line) > self._limit:
                self._file.close()
                self._path.rename(self._path.with_name(f"{self._path.name}.1"))
                self._file = self._path.open("ab", buffering=0)
            self._file.write(line)

    def last(self) -> str:
        """The last thing that was said, for the one line that tells why a part did not start."""
        lines = self._path.read_text(errors="replace").splitlines()
        said = json.loads(lines[-1]) if lines else {}
        return str(said.get("event", "it said nothing"))
