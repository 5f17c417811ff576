"""Rate limits per contact, network, event and installation. Redis counts for all processes: all limits of a request in
one round trip, under keyed hashes that reveal neither an address nor a number.

If Redis is away, each process counts alone for 30 s, and no request waits longer than 50 ms or fails. Alone it allows
only its share. So in one window, which starts at the first count, at most twice the limit is allowed, however often
Redis comes and goes: once the limit counted in Redis, and once in shares. (A limit must not be smaller than the number
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

# KEYS are the limits' in order; ARGV three for each: the amount, the window in seconds, the limit or -1 for none.
# The first limit that is exceeded ends it: a flood refused at one limit does not use up the next, which others share.
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


TALLY_LIFETIME = timedelta(days=30)


def single() -> int:
    """Return 1, the amount of most requests."""
    return 1


@dataclass(frozen=True)
class Limit:
    """At most `count` requests in `seconds` for each key; `key` returns the key of the current request, None for no
    limit.

    Without a `count` nothing is refused: the view reads counted(). `amount` returns how much the request counts.
    """

    name: str
    count: int | None
    seconds: int
    key: Callable[[], str | None]
    amount: Callable[[], int] = single


@dataclass
class _Window:
    ends: float
    count: int = 0


@dataclass
class Memory:
    """The counts of this process while Redis is away. Bounded, and no flood of keys evicts another: each limit has
    8,192 slots, and keys that share a slot count together. The keys are keyed hashes, so no one can aim at a slot.
    """

    windows: dict[tuple[str, int], _Window] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def count(self, limit: Limit, key: bytes, amount: int, now: float) -> int:
        """Add an amount and return the count of the window."""
        slot = _slot(limit, key)
        with self.lock:
            window = self.windows.get(slot)
            if window is None or window.ends <= now:
                window = self.windows[slot] = _Window(now + limit.seconds)
            window.count += amount
            return window.count

    def forget(self, limit: Limit, key: bytes) -> None:
        """Reset a count."""
        with self.lock:
            self.windows.pop(_slot(limit, key), None)


def _slot(limit: Limit, key: bytes) -> tuple[str, int]:
    return limit.name, int.from_bytes(key[:4]) % SLOTS


@dataclass(frozen=True)
class Counts:
    """The counts of a request's limits by name, and the first limit that is exceeded. A process alone knows only its
    own count, and assumes that those of the others are alike.
    """

    counts: Mapping[str, int]
    over: Limit | None = None


class Limiter:
    """The counter of one process out of `processes`."""

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
        # redis-py would retry with growing pauses: 50 ms would become seconds.
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._script = self._redis.register_script(_COUNT)

    def allows(self, limit: Limit, key: str) -> bool:
        """Count one request and return whether it is within the limit."""
        return self.count([(limit, key, 1)]).over is None

    def count(self, acts: Sequence[tuple[Limit, str, int]]) -> Counts:
        """Add an amount for each limit and key, in order, up to the first limit that is exceeded."""
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
        keys = [_redis_key(limit, key) for limit, key, _ in acts]
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
        """Reset a count."""
        hashed = self._hash(limit, key)
        self._memory.forget(limit, hashed)
        if self._seconds() >= self._alone_until:
            with contextlib.suppress(RedisError):
                self._redis.delete(_redis_key(limit, hashed))

    def tallies(self, day: date) -> dict[str, int]:
        """Return the tallies of a day (UTC) by name; empty while Redis is away."""
        try:
            counts = cast(dict[bytes, bytes], self._redis.hgetall(f"tally:{day:%Y-%m-%d}"))
        except RedisError:
            return {}
        return {name.decode(): int(count) for name, count in counts.items()}

    def tally(self, name: str) -> None:
        """Add one to a tally of today (UTC). Lost while Redis is away."""
        if self._seconds() < self._alone_until:
            return
        key = f"tally:{clock.now():%Y-%m-%d}"
        with contextlib.suppress(RedisError), self._redis.pipeline() as pipeline:
            pipeline.hincrby(key, name, 1)
            pipeline.expire(key, TALLY_LIFETIME)
            pipeline.execute()

    def is_connected(self) -> bool:
        """Return whether Redis answers now."""
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False


def counted(limit: Limit) -> int:
    """Return the count of a limit in its window, this request included; 0 where the limit does not apply."""
    counts: Mapping[str, int] = g.get("counts", {})
    return counts.get(limit.name, 0)


def _redis_key(limit: Limit, key: bytes) -> str:
    return f"limit:{limit.name}:{key.hex()}"


def _by_name(acts: Sequence[tuple[Limit, bytes, int]], counts: Sequence[int]) -> dict[str, int]:
    return {limit.name: count for (limit, _, _), count in zip(acts, counts, strict=False)}
