"""Keeps the lease of the message that is being delivered, and ends a delivery that must not go on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import monotonic
from typing import Self

from sqlalchemy.exc import SQLAlchemyError

from shared.models import OutboxMessage
from shared.outbox import outbox
from worker import stopping

RENEWED_EVERY = 10.0
LOST_AFTER = outbox.LEASE_SECONDS - 5.0
"""Seconds without a renewal after which the lease counts as lost, before it ends: then no other worker has it yet."""
FINISHED_WITHIN = 15.0
"""Seconds that a delivery has left when the worker is asked to stop: half of its time to stop (docker-compose.yml)."""
_LOOK_EVERY = 0.5


class LeaseKeeper:
    """A context manager with a thread of its own, since the thread that delivers may wait for a server.

    `renew` renews the lease of a message and returns whether it could. `cut` ends the delivery that waits, which then
    fails and is retried.
    """

    def __init__(self, renew: Callable[[OutboxMessage], bool], cut: Callable[[], None]) -> None:
        self._renew_lease = renew
        self._cut = cut
        self._over = Event()
        self._holding = Lock()
        self._held: OutboxMessage | None = None
        self._renewed = 0.0
        self._asked_at: float | None = None
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @contextmanager
    def hold(self, message: OutboxMessage) -> Iterator[None]:
        """Keep the lease of a message that was just claimed, for the block."""
        with self._holding:
            self._held, self._renewed = message, monotonic()
        try:
            yield
        finally:
            with self._holding:
                self._held = None

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_EVERY):
            message = self._held
            if message is not None and monotonic() - self._renewed >= RENEWED_EVERY:
                self._renew(message)
            if self._must_end():
                self._end(message)

    def _renew(self, message: OutboxMessage) -> None:
        began = monotonic()
        try:
            is_renewed = self._renew_lease(message)
        except SQLAlchemyError:
            return
        self._renewed = began if is_renewed else self._renewed

    def _must_end(self) -> bool:
        """Return whether the lease is as good as lost, or the worker was asked to stop a while ago."""
        now = monotonic()
        if stopping.is_asked():
            self._asked_at = self._asked_at or now
        is_late = self._asked_at is not None and now - self._asked_at > FINISHED_WITHIN
        return is_late or now - self._renewed > LOST_AFTER

    def _end(self, message: OutboxMessage | None) -> None:
        # Under the lock, so that it never meets the next message.
        with self._holding:
            if message is not None and self._held is message:
                self._cut()
