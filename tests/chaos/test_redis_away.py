"""Without Redis people register as ever, and their mails come when it is back."""

import subprocess
import sys

import pytest

from tests.chaos.house import ROOT, House, environment

pytestmark = pytest.mark.chaos

PEOPLE = 20
LOADED = "import sys, web.wsgi; print(sorted(name for name in sys.modules if name in {'celery', 'kombu'}))"


@pytest.mark.alone
def test_registrations_take_no_longer_without_redis_and_every_mail_comes_after_it(house: House) -> None:
    house.start("redis", "worker", "scheduler", "web")
    house.register("warm-up")
    with_redis = [house.register(f"with-{number}") for number in range(PEOPLE)]
    house.stop("redis")
    without = [house.register(f"without-{number}") for number in range(PEOPLE)]
    assert {answer.status for answer in (*with_redis, *without)} == {303}
    assert {answer.location.split("/")[2] for answer in without} == {"r"}
    slowest = max(answer.milliseconds for answer in with_redis)
    assert max(answer.milliseconds for answer in without) < slowest + 100
    house.start("redis")
    house.postbox.wait_for(2 * PEOPLE + 1, 120)
    wanted = {f"{kind}-{number}@example.org" for kind in ("with", "without") for number in range(PEOPLE)}
    assert set(house.postbox.recipients) == wanted | {"warm-up@example.org"}
    assert len(house.postbox.accepted) == 2 * PEOPLE + 1


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
