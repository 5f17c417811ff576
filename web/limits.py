"""How often a contact, a network, an event or the installation may do a thing. Counted in Redis, so that all processes
count together: all layers of a request in one round trip, under keyed hashes that tell neither an address nor a number.

Redis may be away: then this process counts alone for 30 s, and no one waits longer than 50 ms or sees an error. Alone
it allows only its share. So in one window, from the first count on, at most twice the limit is allowed, however often
Redis comes and goes: once the limit counted there, and once in shares. (A limit must not be smaller than the number
of processes for that: each process allows at least one.)

Limits per network are generous, since thousands of people share one address behind a carrier or a venue's Wi-Fi.
"""

import contextlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from threading import Lock
from typing import cast

from flask import g
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared import clock

PATIENCE_SECONDS = 0.05
ALONE_SECONDS = 30
SLOTS = 8192

# KEYS are the layers' in order; ARGV three for each: how many more, the window in seconds, the limit or -1 for none.
# A layer that is over ends it: a flood that is refused at one layer does not fill the next, which others share.
_COUNT = """
local counts = {}
for i, key in ipairs(KEYS) do
  local amount, seconds, limit = tonumber(ARGV[3 * i - 2]), ARGV[3 * i - 1], tonumber(ARGV[3 * i])
  counts[i] = redis.call('INCRBY', key, amount)
  if counts[i] == amount then redis.call('EXPIRE', key, seconds) end
  if limit >= 0 and counts[i] > limit then break end
end
return counts
"""


TALLIES_KEPT = timedelta(days=30)


def one() -> int:
    """What most requests count for."""
    return 1


@dataclass(frozen=True)
class Limit:
    """At most `count` times in `seconds` for each key; `key` tells from the request whom to count, None for no one.

    Without a `count` nothing is refused: the view asks counted(). `amount` is what the request counts for.
    """

    name: str
    count: int | None
    seconds: int
    key: Callable[[], str | None]
    amount: Callable[[], int] = one


@dataclass
class _Window:
    ends: float
    count: int = 0


@dataclass
class Memory:
    """Counts of this process, for as long as Redis is away. Bounded, and no flood of keys makes it forget one: each
    limit has 8,192 slots, and keys that meet in a slot count together. The keys are keyed hashes, so none is aimed.
    """

    windows: dict[tuple[str, int], _Window] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def count(self, limit: Limit, key: bytes, amount: int, now: float) -> int:
        """Count so many more."""
        slot = _slot(limit, key)
        with self.lock:
            window = self.windows.get(slot)
            if window is None or window.ends <= now:
                window = self.windows[slot] = _Window(now + limit.seconds)
            window.count += amount
            return window.count

    def forget(self, limit: Limit, key: bytes) -> None:
        """Begin a count anew."""
        with self.lock:
            self.windows.pop(_slot(limit, key), None)


def _slot(limit: Limit, key: bytes) -> tuple[str, int]:
    return limit.name, int.from_bytes(key[:4]) % SLOTS


@dataclass(frozen=True)
class Counts:
    """What a request's limits have counted, by name, and the first that it is over. A process alone knows only its own
    count, and takes those of all to be like it.
    """

    counts: Mapping[str, int]
    over: Limit | None = None


class Limiter:
    """Counts what happens; one for each process, of `processes`."""

    def __init__(
        self,
        redis_url: str,
        secret: bytes,
        *,
        on: bool = True,
        processes: int = 2,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.on = on
        self._processes = processes
        self._key = hmac.digest(secret, b"turnout limits", sha256)
        self._seconds = seconds
        self._memory = Memory()
        self._alone_until = 0.0
        # redis-py would try again with growing pauses: 50 ms would become seconds.
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._script = self._redis.register_script(_COUNT)

    def allows(self, limit: Limit, key: str) -> bool:
        """Count one more, and say whether it is still within the limit."""
        return self.count([(limit, key, 1)]).over is None

    def count(self, acts: Sequence[tuple[Limit, str, int]]) -> Counts:
        """Count so many more for each limit and key, in order, up to the first limit that they are over."""
        if not self.on or not acts:
            return Counts({})
        hashed = [(limit, self._hash(limit, key), amount) for limit, key, amount in acts]
        now = self._seconds()
        if now >= self._alone_until:
            try:
                return self._count_together(hashed)
            except RedisError:
                self._alone_until = now + ALONE_SECONDS
        return self._count_alone(hashed, now)

    def _hash(self, limit: Limit, key: str) -> bytes:
        return hmac.digest(self._key, f"{limit.name}\0{key}".encode("utf-8", "surrogatepass"), sha256)[:16]

    def _count_together(self, acts: Sequence[tuple[Limit, bytes, int]]) -> Counts:
        keys = [_named(limit, key) for limit, key, _ in acts]
        args = [
            number
            for limit, _, amount in acts
            for number in (amount, limit.seconds, -1 if limit.count is None else limit.count)
        ]
        counts: list[int] = self._script(keys=keys, args=args)
        limit, count = acts[len(counts) - 1][0], counts[-1]
        is_over = limit.count is not None and count > limit.count
        return Counts(_by_name(acts, counts), limit if is_over else None)

    def _count_alone(self, acts: Sequence[tuple[Limit, bytes, int]], now: float) -> Counts:
        counts: list[int] = []
        for limit, key, amount in acts:
            count = self._memory.count(limit, key, amount, now)
            counts.append(count * self._processes)
            if limit.count is not None and count > max(1, limit.count // self._processes):
                return Counts(_by_name(acts, counts), limit)
        return Counts(_by_name(acts, counts))

    def forget(self, limit: Limit, key: str) -> None:
        """Begin a count anew."""
        hashed = self._hash(limit, key)
        self._memory.forget(limit, hashed)
        if self._seconds() >= self._alone_until:
            with contextlib.suppress(RedisError):
                self._redis.delete(_named(limit, hashed))

    def tallies(self, day: date) -> dict[str, int]:
        """What was counted on a day (UTC), by name; nothing while Redis is away."""
        try:
            counts = cast(dict[bytes, bytes], self._redis.hgetall(f"tally:{day:%Y-%m-%d}"))
        except RedisError:
            return {}
        return {name.decode(): int(count) for name, count in counts.items()}

    def tally(self, name: str) -> None:
        """Count one more of something for today (UTC). Lost while Redis is away."""
        if self._seconds() < self._alone_until:
            return
        key = f"tally:{clock.now():%Y-%m-%d}"
        with contextlib.suppress(RedisError), self._redis.pipeline() as pipeline:
            pipeline.hincrby(key, name, 1)
            pipeline.expire(key, TALLIES_KEPT)
            pipeline.execute()

    def pong(self) -> bool:
        """Whether Redis answers now."""
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False


def counted(limit: Limit) -> int:
    """How often the limit has counted in its window, this request included; 0 where it does not count it."""
    counts: Mapping[str, int] = g.get("counts", {})
    return counts.get(limit.name, 0)


def _named(limit: Limit, key: bytes) -> str:
    return f"limit:{limit.name}:{key.hex()}"


def _by_name(acts: Sequence[tuple[Limit, bytes, int]], counts: Sequence[int]) -> dict[str, int]:
    return {limit.name: count for (limit, _, _), count in zip(acts, counts, strict=False)}
