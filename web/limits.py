"""How often one network or account may do a thing. Counted in Redis, so that all processes count together.

Redis may be away: then this process counts alone for 30 s, and nobody waits longer than 50 ms or sees an error. Limits
per network are generous, since thousands of people share one address behind a carrier or a venue's Wi-Fi.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import cast

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared import clock

PATIENCE_SECONDS = 0.05
ALONE_SECONDS = 30
REMEMBERED = 10_000

_COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""


TALLIES_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Limit:
    """At most `count` times in `seconds` for each key; `key` tells from the request whom to count, None for no one."""

    name: str
    count: int
    seconds: int
    key: Callable[[], str | None]


@dataclass
class _Window:
    ends: float
    count: int = 0


@dataclass
class Memory:
    """Counts of this process, for as long as Redis is away. Bounded: past 10,000 keys it forgets and starts again."""

    windows: dict[str, _Window] = field(default_factory=dict)

    def count(self, key: str, seconds: int, now: float) -> int:
        """Count one more."""
        if len(self.windows) >= REMEMBERED:
            self.windows.clear()
        window = self.windows.get(key)
        if window is None or window.ends <= now:
            window = self.windows[key] = _Window(now + seconds)
        window.count += 1
        return window.count


class Limiter:
    """Counts what happens; one for each process."""

    def __init__(self, redis_url: str, *, on: bool = True, seconds: Callable[[], float] = time.monotonic) -> None:
        self.on = on
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
        return not self.on or self._count(f"limit:{limit.name}:{key}", limit.seconds) <= limit.count

    def _count(self, key: str, seconds: int) -> int:
        now = self._seconds()
        if now >= self._alone_until:
            try:
                return int(self._script(keys=[key], args=[seconds]))
            except RedisError:
                self._alone_until = now + ALONE_SECONDS
        return self._memory.count(key, seconds, now)

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
