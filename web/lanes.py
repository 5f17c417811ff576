"""Bounds on the threads of a process that wait, so that the others still answer: for slow clients, and for one event.

The server in front reads whole requests before it passes them on, and buffers whole responses, except for two things
that are too large to buffer: files streamed to organizers, and their uploads.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import BoundedSemaphore, Condition
from time import monotonic

from flask import Request
from werkzeug.exceptions import ServiceUnavailable

LANES = 2
BUFFERED_IN_FRONT = 1024 * 1024
"""Bytes of a body that the front reads before it connects; tests/web/test_lanes.py checks that both numbers agree."""
AGAIN_AFTER_SECONDS = 30
BUSY_SECONDS = 3
"""Seconds after which a client that was refused for lack of capacity may try again."""
CHUNK_BYTES = 64 * 1024


def may_arrive_slowly(request: Request) -> bool:
    """Return whether the body of a request may arrive slowly: it is larger than what the front buffers."""
    return (request.content_length or 0) > BUFFERED_IN_FRONT


class Lanes:
    """The threads of one process that slow clients may occupy."""

    def __init__(self, count: int = LANES) -> None:
        self._free = BoundedSemaphore(count)

    @contextmanager
    def take(self) -> Iterator[None]:
        """Occupy a lane for the block. Raises ServiceUnavailable if none is free."""
        if not self._free.acquire(blocking=False):
            raise ServiceUnavailable(retry_after=AGAIN_AFTER_SECONDS)
        try:
            yield
        finally:
            self._free.release()

    def for_body(self, request: Request) -> AbstractContextManager[None]:
        """Occupy a lane for a request whose body may arrive slowly."""
        return self._of_upload(request) if may_arrive_slowly(request) else nullcontext()

    @contextmanager
    def _of_upload(self, request: Request) -> Iterator[None]:
        with self.take():
            try:
                yield
            finally:
                # A response sent while the front still uploads is lost: instead of "too large" it would be a 502.
                while request.environ["wsgi.input"].read(CHUNK_BYTES):
                    pass


class Turns:
    """The threads of one process that write for the same event: half of them, and three of four for all events.

    So a row that someone holds stops its own event, whose visitors are answered 503 at once, and no other. One thread
    is left for reading. A crowd at one event that is served swiftly waits for its turns, and meets none of this.
    """

    def __init__(self, each: int = LANES, together: int = LANES + 1, patience: float = 0.8) -> None:
        self._each, self._together, self._patience = each, together, patience
        self._turns: defaultdict[Hashable, list[float]] = defaultdict(list)
        self._changed = Condition()

    @contextmanager
    def take(self, event: Hashable) -> Iterator[None]:
        """Take a turn for the block. Raises ServiceUnavailable if none is free and all have lasted 0.8 s."""
        with self._changed:
            while (newest := self._newest_of_full(event)) is not None:
                if not self._changed.wait(max(0.0, newest + self._patience - monotonic())):
                    raise ServiceUnavailable(retry_after=BUSY_SECONDS)
            began = monotonic()
            self._turns[event].append(began)
        try:
            yield
        finally:
            with self._changed:
                self._turns[event].remove(began)
                if not self._turns[event]:
                    del self._turns[event]
                self._changed.notify_all()

    def _newest_of_full(self, event: Hashable) -> float | None:
        """Return when the newest of the turns began that leave none for an event; None if one is free."""
        everyone = [began for turns in self._turns.values() for began in turns]
        own = self._turns.get(event, [])
        if len(own) >= self._each:
            return max(own)
        return max(everyone) if len(everyone) >= self._together else None
