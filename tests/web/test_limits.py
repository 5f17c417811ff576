"""Rate limits, with Redis and without."""

import contextlib
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis, RedisError

from shared import clock
from shared.config import Settings
from tests.conftest import Committed
from tests.factories import SECRET
from web import limits
from web.limits import ALONE_SECONDS, SLOTS, Limit, Limiter, Memory

AWAY = "unix:///nowhere/redis.sock"


def limit(count: int | None = 2, seconds: int = 60) -> Limit:
    return Limit(f"test_{uuid4().hex}", count, seconds, str)


def test_more_than_the_limit_is_too_much_for_all_processes_together(settings: Settings) -> None:
    first, second, twice = Limiter(settings.redis_url, SECRET), Limiter(settings.redis_url, SECRET), limit(2)
    assert [limiter.allows(twice, "network") for limiter in (first, second, first)] == [True, True, False]
    assert second.allows(twice, "another network")


def test_a_count_ends_with_its_window(settings: Settings) -> None:
    once = limit(1)
    Limiter(settings.redis_url, SECRET).allows(once, "network")
    redis = Redis.from_url(settings.redis_url)
    (key,) = redis.keys(f"limit:{once.name}:*")
    assert 0 < redis.ttl(key) <= 60


def test_switched_off_no_limit_is_exceeded(settings: Settings) -> None:
    limiter, once = Limiter(settings.redis_url, SECRET, on=False), limit(1)
    assert all(limiter.allows(once, "network") for _ in range(5))


def test_all_limits_of_a_request_are_one_round_trip(settings: Settings) -> None:
    limiter, layers = Limiter(settings.redis_url, SECRET), [limit(), limit(), limit(None), limit()]
    limiter.allows(layers[0], "so that the script is loaded")
    with Redis.from_url(settings.redis_url).monitor() as monitor:
        limiter.count([(layer, "network", 1) for layer in layers])
        limiter.count([(limit(), "the end", 1)])
        commands = []
        for command in monitor.listen():
            if command["client_type"] != "lua":
                commands.append(command["command"].split()[0])
            if len(commands) == 2:
                break
    assert commands == ["EVALSHA", "EVALSHA"]


def test_a_request_refused_at_one_limit_does_not_count_at_the_next(settings: Settings) -> None:
    limiter, network, shared, everyone = Limiter(settings.redis_url, SECRET), limit(2), limit(None), limit(3)
    flood = [(network, "one network", 1), (shared, "an event", 5), (everyone, "all", 1)]
    outcomes = [limiter.count(flood) for _ in range(50)]
    assert [outcome.over for outcome in outcomes] == [None, None, *[network] * 48]
    assert outcomes[1].counts == {network.name: 2, shared.name: 10, everyone.name: 2}
    assert limiter.allows(everyone, "all")


def test_redis_learns_neither_an_address_nor_a_network(settings: Settings) -> None:
    limiter, often = Limiter(settings.redis_url, SECRET), limit(10)
    for key in ("ann@example.org", "192.0.2.17", "+992931234567"):
        limiter.allows(often, key)
    keys = b" ".join(Redis.from_url(settings.redis_url).keys("limit:*"))
    assert keys.count(often.name.encode()) == 3
    assert not any(known in keys for known in (b"ann", b"@", b"192.0.2", b"93123"))
    assert Limiter(settings.redis_url, b"x" * 32).count([(often, "192.0.2.17", 1)]).counts == {often.name: 1}


def test_without_redis_each_process_allows_its_share() -> None:
    limiter, often = Limiter(AWAY, SECRET), limit(4)
    assert [limiter.allows(often, "network") for _ in range(3)] == [True, True, False]
    assert limiter.allows(limit(1), "network")


def test_a_process_alone_assumes_that_the_others_count_like_it() -> None:
    limiter, layer = Limiter(AWAY, SECRET, processes=3), limit(None)
    assert limiter.count([(layer, "network", 5)]).counts == {layer.name: 15}


class Flapping(Limiter):
    """A process that loses Redis when the test says so."""

    is_away = False

    def _count_together(self, acts: Sequence[tuple[Limit, bytes, int]]) -> limits.Counts:
        if self.is_away:
            raise RedisError
        return super()._count_together(acts)


ATTEMPTS = st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 40)), min_size=20, max_size=120)


@given(attempts=ATTEMPTS, count=st.integers(4, 12), processes=st.integers(1, 4))
def test_however_redis_comes_and_goes_a_limit_stays_within_twice_itself(
    settings: Settings, attempts: list[tuple[int, bool, int]], count: int, processes: int
) -> None:
    now, often = [0.0], limit(count, seconds=6000)
    limiters = [
        Flapping(settings.redis_url, SECRET, processes=processes, seconds=lambda: now[0]) for _ in range(processes)
    ]
    allowed = 0
    for process, is_away, pause in attempts:
        limiter = limiters[process % processes]
        limiter.is_away = is_away
        allowed += limiter.allows(often, "network")
        now[0] += pause
    assert allowed <= 2 * count


def test_a_silent_redis_and_one_that_answers_again_are_within_twice(
    silent: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PATIENCE_SECONDS", 0.05)
    now, often = [0.0], limit(10, seconds=600)
    slow = [Limiter(silent, SECRET, seconds=lambda: now[0]) for _ in range(2)]
    allowed = sum(limiter.allows(often, "network") for _ in range(20) for limiter in slow)
    assert allowed == 10
    now[0] = ALONE_SECONDS
    for limiter in slow:
        limiter._script = Limiter(settings.redis_url, SECRET)._script
    allowed += sum(limiter.allows(often, "network") for _ in range(20) for limiter in slow)
    assert allowed == 20


@pytest.fixture
def silent() -> Iterator[str]:
    """A Redis that accepts connections and never answers."""
    with silence() as (url, _):
        yield url


@contextlib.contextmanager
def silence() -> Iterator[tuple[str, socket.socket]]:
    """Yield the address of a Redis that never answers, and the socket with the waiting clients."""
    path = Path(f"/tmp/turnout-test-{uuid4().hex[:12]}.sock")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        yield f"unix://{path}", listening
    path.unlink()


def test_a_redis_that_does_not_answer_costs_its_patience_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PATIENCE_SECONDS", 0.1)
    with silence() as (url, listener):
        limiter, often = Limiter(url, SECRET, seconds=lambda: 0.0), limit(200)
        assert all(limiter.allows(often, "network") for _ in range(100))
        listener.setblocking(False)
        listener.accept()[0].close()
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_redis_is_asked_again_after_a_while(settings: Settings) -> None:
    clock = [0.0]
    limiter, once = Limiter(AWAY, SECRET, seconds=lambda: clock[0]), limit(1)
    assert limiter.allows(once, "network")
    working = Limiter(settings.redis_url, SECRET)
    limiter._script = working._script
    assert not limiter.allows(once, "network")
    clock[0] = ALONE_SECONDS
    assert limiter.allows(once, "network")


def test_memory_forgets_at_the_end_of_a_window() -> None:
    memory, once = Memory(), limit()
    assert [memory.count(once, b"a" * 16, 1, now) for now in (0, 1, 59, 60)] == [1, 2, 3, 1]


def test_no_flood_of_keys_makes_memory_forget_one_or_grow() -> None:
    limiter, often = Limiter(AWAY, SECRET), limit(1000)
    for _ in range(500):
        assert limiter.allows(often, "network")
    for number in range(20_000):
        limiter.allows(often, str(number))
    assert not limiter.allows(often, "network")
    assert len(limiter._memory.windows) <= SLOTS


def test_too_many_attempts_to_sign_in_are_answered_with_words_and_a_time(committed: Committed) -> None:
    client = committed.client(turnout_rate_limits="on")
    wrong = {"email": f"{uuid4().hex}@example.org", "password": "wrong"}
    statuses = [client.post("/account/sign-in", data=wrong).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    answer = client.post("/account/sign-in", data=wrong)
    assert answer.headers["Retry-After"] == "60"
    assert "wait 1 minute." in answer.text


def test_each_refusal_is_tallied_for_the_day(committed: Committed) -> None:
    client = committed.client(turnout_rate_limits="on")
    wrong = {"email": f"{uuid4().hex}@example.org", "password": "wrong"}
    for _ in range(12):
        client.post("/account/sign-in", data=wrong)
    tallies = Redis.from_url(committed.settings.redis_url).hgetall(f"tally:{clock.now():%Y-%m-%d}")
    assert int(tallies[b"limit_reached"]) >= 2


def test_a_tally_is_silently_lost_while_redis_is_away() -> None:
    Limiter(AWAY, SECRET).tally("limit_reached")
