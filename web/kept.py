"""What is the same for every visitor or phone, kept in this process for a short time: a second, or a minute for files.

A page may show seats as they were a second ago; a seat is granted by a statement that counts it and that notices an
older version of the event (shared/registrations/taking_seats.py). A member reads what is in the database, and what a
member changes empties what this process keeps, so only visitors and phones can meet something old.
"""

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

SECONDS = 1.0
MOST = 200
"""Values that one process keeps: the events that are visited in the same second, and their pages."""
STRIPES = 32


class Kept(Generic[Key, Value]):
    """Values by key, each made by one thread and read by all of them until it is `seconds` old."""

    def __init__(self, seconds: float = SECONDS, most: int = MOST) -> None:
        self.seconds = seconds
        self._most = most
        self._values: dict[Key, tuple[float, Value]] = {}
        self._generation = 0
        self._keeping = Lock()
        self._making = [Lock() for _ in range(STRIPES)]

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made anew if it is too old. What `make` raises is raised, and nothing is kept.

        Others who want the same value meanwhile wait for it, and do not make it too.
        """
        if kept := self._fresh(key):
            return kept[1]
        with self._making[hash(key) % STRIPES]:
            if kept := self._fresh(key):
                return kept[1]
            # As of before the reading: what is read may change before it is kept.
            generation, until = self._generation, monotonic() + self.seconds
            value = make()
            with self._keeping:
                if generation == self._generation and self.seconds:
                    self._keep(key, until, value)
            return value

    def forget(self, key: Key | None = None) -> None:
        """Forget all values, or one, and keep none of those that are being made."""
        with self._keeping:
            self._generation += 1
            if key is None:
                self._values.clear()
            else:
                self._values.pop(key, None)

    def _fresh(self, key: Key) -> tuple[float, Value] | None:
        kept = self._values.get(key)
        return kept if kept and monotonic() < kept[0] else None

    def _keep(self, key: Key, until: float, value: Value) -> None:
        self._values.pop(key, None)
        # Not only what is too much goes, but what is too old: an event with its pages takes 50 kB.
        now = monotonic()
        while self._values:
            oldest, (end, _) = next(iter(self._values.items()))
            if now < end and len(self._values) < self._most:
                break
            del self._values[oldest]
        self._values[key] = until, value
