"""Workers that send to one address at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from shared.outbox import budgets
from tests.conftest import Committed
from tests.factories import SECRET

VICTIM = budgets.recipient([SECRET], "victim@example.org", purpose="registration")
WORKERS = 8


def test_workers_together_send_no_more_than_a_burst(committed: Committed) -> None:
    begin = Barrier(WORKERS)

    def work(_: int) -> int:
        begin.wait()
        return sum(spend() for _ in range(budgets.BURST))

    def spend() -> bool:
        with committed.sessions.begin() as db:
            return budgets.spend(db, recipient=VICTIM) is None

    with ThreadPoolExecutor(WORKERS) as pool:
        assert sum(pool.map(work, range(WORKERS))) == budgets.BURST
