"""How many threads of a process may wait for slow clients: half of them, so that the others go on answering.

The server in front reads requests whole before it passes them on, and takes answers whole, but for two things that are
too large to be held: files that are streamed to organizers, and their uploads.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import BoundedSemaphore

from flask import Request
from werkzeug.exceptions import ServiceUnavailable

LANES = 2
HELD_IN_FRONT = 1024 * 1024
"""Bytes of a body that the front reads before it asks us; tests/web/test_lanes.py holds the two numbers together."""
AGAIN_AFTER_SECONDS = 30
AT_ONCE = 64 * 1024


class Lanes:
    """The threads of one process that are lent to slow clients."""

    def __init__(self, count: int = LANES) -> None:
        self._free = BoundedSemaphore(count)

    @contextmanager
    def one(self) -> Iterator[None]:
        """A lane for the block. Raises ServiceUnavailable when all are taken."""
        if not self._free.acquire(blocking=False):
            raise ServiceUnavailable(retry_after=AGAIN_AFTER_SECONDS)
        try:
            yield
        finally:
            self._free.release()

    def for_body(self, request: Request) -> AbstractContextManager[None]:
        """A lane for a request whose body may come slowly; nothing for one that is here already."""
        return self._of_upload(request) if (request.content_length or 0) > HELD_IN_FRONT else nullcontext()

    @contextmanager
    def _of_upload(self, request: Request) -> Iterator[None]:
        with self.one():
            try:
                yield
            finally:
                # An answer that leaves while the front still sends is lost: that a file is too large would be "502".
                while request.environ["wsgi.input"].read(AT_ONCE):
                    pass
