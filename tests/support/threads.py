"""An act on many threads at once, and transactions that wait for a lock."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import text

from tests.conftest import Committed


def together(number: int, act: Callable[[int], str]) -> Counter[str]:
    """Run an act on so many threads, all released at once; return the count of each result."""
    start = Barrier(number)

    def wait_and_act(index: int) -> str:
        start.wait(timeout=30)
        return act(index)

    with ThreadPoolExecutor(number) as pool:
        return Counter(pool.map(wait_and_act, range(number)))


WAITING = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
)


def is_waited(committed: Committed) -> bool:
    """Return whether a transaction waits for a lock; each look is a new transaction, since an old one
    sees no change.
    """
    with committed.engine.connect() as connection:
        return bool(connection.scalar(WAITING))
