"""Faults in any order during registrations: everyone who read that they are registered gets the ticket.

TURNOUT_CHAOS_SECONDS says how long (make chaos: ten minutes), TURNOUT_CHAOS_SEED which faults, to see them again.
"""

import os
import random
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.support.processes import House

pytestmark = pytest.mark.chaos

SECONDS = float(os.environ.get("TURNOUT_CHAOS_SECONDS", "10"))
SEED = int(os.environ.get("TURNOUT_CHAOS_SEED", secrets.randbits(32)))

People = Callable[[int], None]
Fault = Callable[[House, People], None]


def redis_goes_away(house: House, people: People) -> None:
    house.stop("redis")
    people(5)
    house.start("redis")


def redis_forgets_everything(house: House, people: People) -> None:
    house.kill("redis")
    people(2)
    shutil.rmtree(house.parts["redis"].directory)
    house.parts["redis"].directory.mkdir(mode=0o700)
    house.start("redis")


def the_worker_dies(house: House, people: People) -> None:
    people(3)
    house.kill("worker")
    people(2)
    house.start("worker")


def the_scheduler_dies(house: House, people: People) -> None:
    house.kill("scheduler")
    people(2)
    house.start("scheduler")


def the_web_tier_restarts(house: House, people: People) -> None:
    house.stop("web")
    house.start("web")
    people(2)


def mail_is_refused(house: House, people: People) -> None:
    house.postbox.refuse("451 4.3.2 not now")
    people(5)
    house.postbox.refuse(None)


FAULTS: tuple[Fault, ...] = (
    redis_goes_away,
    redis_forgets_everything,
    the_worker_dies,
    the_scheduler_dies,
    the_web_tier_restarts,
    mail_is_refused,
)


def faults(seed: int) -> Iterator[Fault]:
    """Yield each fault once in random order, then any."""
    chance = random.Random(seed)
    yield from chance.sample(FAULTS, len(FAULTS))
    while True:
        yield chance.choice(FAULTS)


def test_everyone_confirmed_on_the_page_gets_the_ticket(house: House) -> None:
    print(f"TURNOUT_CHAOS_SEED={SEED}")  # noqa: T201 - how to see it again
    numbers, enqueued = count(1), set[str]()

    def people(number: int) -> None:
        for name in (f"guest-{next(numbers)}" for _ in range(number)):
            answer = house.register(name)
            assert answer.status == 303
            enqueued.add(f"{name}@example.org")

    house.start("redis", "worker", "scheduler", "web")
    met = Counter(fault.__name__ for fault in suffer(house, people))
    house.stop("worker")
    house.let_time_pass()
    house.start("worker")
    house.until(house.has_sent_all, 120)
    print(f"{len(enqueued)} people; {dict(met)}")  # noqa: T201 - what ten minutes were spent on
    assert set(house.postbox.recipients) == enqueued
    # Each of the two processes that die with a worker may have sent one email that is not recorded.
    assert len(house.postbox.message_ids) - len(enqueued) <= 2 * met["the_worker_dies"]
    assert len(set(house.postbox.message_ids)) == len(enqueued)


def suffer(house: House, people: People) -> Iterator[Fault]:
    """Cause one fault after the other, until the time is over and each one happened."""
    ends = time.monotonic() + SECONDS
    for number, fault in enumerate(faults(SEED)):
        if number >= len(FAULTS) and time.monotonic() > ends:
            return
        people(2)
        fault(house, people)
        yield fault
