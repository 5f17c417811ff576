"""Without Redis people register as always, and their emails arrive once it is back."""

import subprocess
import sys
from collections.abc import Sequence
from statistics import quantiles

import pytest

from tests.chaos.conftest import Hold
from tests.support.email_server import ACCEPTED
from tests.support.processes import ROOT, Answer, House, environment

pytestmark = pytest.mark.chaos

PEOPLE = 20
OUTAGES = 2
LOADED = "import sys, web.wsgi; print(sorted(name for name in sys.modules if name in {'celery', 'kombu'}))"


def nine_tenths(answers: Sequence[Answer]) -> float:
    """Return the milliseconds within which nine of ten were answered: one slow answer is chance on a busy machine."""
    return quantiles([answer.milliseconds for answer in answers], n=10)[-1]


@pytest.mark.alone
def test_registrations_stay_fast_without_redis_and_every_email_follows_later(house: House) -> None:
    house.start("redis", "worker", "scheduler", "web")
    house.register("warm-up")
    with_redis = [house.register(f"with-{number}") for number in range(PEOPLE)]
    house.stop("redis")
    without = [house.register(f"without-{number}") for number in range(PEOPLE)]
    assert {answer.status for answer in (*with_redis, *without)} == {303}
    assert {answer.location.split("/")[2] for answer in without} == {"r"}
    assert nine_tenths(without) < nine_tenths(with_redis) + 100
    house.start("redis")
    house.postbox.wait_for(2 * PEOPLE + 1, 120)
    addresses = {f"{kind}-{number}@example.org" for kind in ("with", "without") for number in range(PEOPLE)}
    assert set(house.postbox.recipients) == addresses | {"warm-up@example.org"}
    assert len(house.postbox.accepted) == 2 * PEOPLE + 1


def test_emails_continue_after_outages_that_find_every_process_busy(house: House, hold: Hold) -> None:
    async def hold_each() -> str:
        await hold.wait()
        return ACCEPTED

    house.postbox.at_content = hold_each
    house.start("redis", "worker", "scheduler", "web")
    for outage in range(OUTAGES):
        hold.let_go.clear()
        for process in (1, 2):
            house.register(f"held-{process}-{outage}")
        # By now a worker that fetches ahead has fetched all that it may, and will have to acknowledge it without Redis.
        house.until(lambda: house.ticks_waiting() > 2, 60)
        house.stop("redis")
        hold.let_go.set()
        house.until(house.has_sent_all, 120)
        house.start("redis")
        house.register(f"after-{outage}")
        house.until(house.has_sent_all, 120)
    people = {f"{who}-{outage}@example.org" for who in ("held-1", "held-2", "after") for outage in range(OUTAGES)}
    assert set(house.postbox.recipients) == people


def test_the_web_process_never_loads_the_queue(house: House) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env=environment(house.settings),
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout == "[]\n"
