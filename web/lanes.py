"""A bound on the threads of a process that wait for slow clients: half of them, so that the others still answer.

The server in front reads whole requests before it passes them on, and buffers whole responses, except for two things
that are too large to buffer: files streamed to organizers, and their uploads.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import BoundedSemaphore

from flask import Request
from werkzeug.exceptions import ServiceUnavailable

LANES = 2
BUFFERED_IN_FRONT = 1024 * 1024
"""Bytes of a body that the front reads before it connects; tests/web/test_lanes.py checks that both numbers agree."""
AGAIN_AFTER_SECONDS = 30
CHUNK_BYTES = 64 * 1024


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
        """Occupy a lane for a request whose body may arrive slowly; none for a body that has been buffered."""
        return self._of_upload(request) if (request.content_length or 0) > BUFFERED_IN_FRONT else nullcontext()

    @contextmanager
    def _of_upload(self, request: Request) -> Iterator[None]:
        with self.take():
            try:
                yield
            finally:
                # A response sent while the front still uploads is lost: instead of "too large" it would be a 502.
                while request.environ["wsgi.input"].read(CHUNK_BYTES):
                    pass
