"""How often a thing may be done, with Redis and without."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from redis import Redis

from shared import clock
from shared.config import Settings
from tests.conftest import Committed
from web import limits
from web.limits import ALONE_SECONDS, Limit, Limiter, Memory

AWAY = "unix:///nowhere/redis.sock"


def limit(count: int = 2) -> Limit:
    return Limit(f"test_{uuid4().hex}", count, 60, str)


def test_more_than_the_limit_is_too_much_for_all_processes_together(settings: Settings) -> None:
    one, other, twice = Limiter(settings.redis_url), Limiter(settings.redis_url), limit(2)
    assert [limiter.allows(twice, "network") for limiter in (one, other, one)] == [True, True, False]
    assert other.allows(twice, "another network")


def test_a_count_ends_with_its_window(settings: Settings) -> None:
    once = limit(1)
    Limiter(settings.redis_url).allows(once, "network")
    assert 0 < Redis.from_url(settings.redis_url).ttl(f"limit:{once.name}:network") <= 60


def test_switched_off_nothing_is_too_much(settings: Settings) -> None:
    limiter, once = Limiter(settings.redis_url, on=False), limit(1)
    assert all(limiter.allows(once, "network") for _ in range(5))


def test_without_redis_the_process_counts_alone() -> None:
    limiter, twice = Limiter(AWAY), limit(2)
    assert [limiter.allows(twice, "network") for _ in range(3)] == [True, True, False]


@pytest.fixture
def silent() -> Iterator[str]:
    """A Redis that takes connections and never answers."""
    path = Path(f"/tmp/turnout-test-{uuid4().hex[:12]}.sock")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        yield f"unix://{path}"
    path.unlink()


def test_a_redis_that_does_not_answer_costs_its_patience_once(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PATIENCE_SECONDS", 0.1)
    limiter, often = Limiter(silent), limit(100)
    began = time.perf_counter()
    assert all(limiter.allows(often, "network") for _ in range(100))
    # Each time it would be ten seconds.
    assert time.perf_counter() - began < 5


def test_redis_is_asked_again_after_a_while(settings: Settings) -> None:
    clock = [0.0]
    limiter, once = Limiter(AWAY, seconds=lambda: clock[0]), limit(1)
    assert limiter.allows(once, "network")
    working = Limiter(settings.redis_url)
    limiter._script = working._script
    assert not limiter.allows(once, "network")
    clock[0] = ALONE_SECONDS
    assert limiter.allows(once, "network")


def test_memory_forgets_at_the_end_of_a_window_and_stays_small() -> None:
    memory = Memory()
    assert [memory.count("a", 60, now) for now in (0, 1, 59, 60)] == [1, 2, 3, 1]
    for number in range(25_000):
        memory.count(str(number), 60, 0)
    assert len(memory.windows) <= 10_000


def test_too_many_attempts_to_sign_in_are_answered_with_words_and_a_time(committed: Committed) -> None:
    client = committed.client(turnout_rate_limits="on")
    wrong = {"email": f"{uuid4().hex}@example.org", "password": "wrong"}
    statuses = [client.post("/account/sign-in", data=wrong).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    answer = client.post("/account/sign-in", data=wrong)
    assert answer.headers["Retry-After"] == "60"
    assert "wait 1 minute." in answer.text


def test_each_refusal_is_counted_for_the_day(committed: Committed) -> None:
    client = committed.client(turnout_rate_limits="on")
    wrong = {"email": f"{uuid4().hex}@example.org", "password": "wrong"}
    for _ in range(12):
        client.post("/account/sign-in", data=wrong)
    tallies = Redis.from_url(committed.settings.redis_url).hgetall(f"tally:{clock.now():%Y-%m-%d}")
    assert int(tallies[b"limit_reached"]) >= 2


def test_a_tally_is_lost_in_silence_while_redis_is_away() -> None:
    Limiter(AWAY).tally("limit_reached")
