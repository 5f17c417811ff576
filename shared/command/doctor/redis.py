"""Checks of Redis: whether it answers, writes, and does not forget."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from redis import Redis
from redis.exceptions import NoPermissionError, OutOfMemoryError, ReadOnlyError, RedisError, ResponseError

from shared.command.doctor.examination import Fault, Installation

PATIENCE = 3
NEARLY_FULL = 0.9
PROBE = "turnout:doctor"
MORE_MEMORY = "raise maxmemory, or find out what else fills it"
REFUSALS: tuple[tuple[type[ResponseError], str], ...] = (
    (OutOfMemoryError, MORE_MEMORY),
    (ReadOnlyError, "let REDIS_URL name the primary"),
    (NoPermissionError, "let its user write all keys"),
    (ResponseError, "see its log; its disk may be full"),
)


def answers(installation: Installation) -> Iterator[Fault]:
    """Find a Redis that is away."""
    try:
        with _client(installation) as client:
            client.ping()
    except (RedisError, ValueError, TypeError) as error:  # the last two are of an option in the address
        host = urlsplit(installation.settings.redis_url).hostname or "its socket"
        wrong = f"Redis at {host} does not answer, so no email is sent ({error})"
        yield Fault(wrong, "start it, or correct REDIS_URL")


def writes(installation: Installation) -> Iterator[Fault]:
    """Find a Redis that refuses to write."""
    with _client(installation) as client:
        try:
            client.set(PROBE, 1, px=1000)
        except ResponseError as error:
            act = next(act for kind, act in REFUSALS if isinstance(error, kind))
            yield Fault(f"Redis writes nothing ({error})", act)


def memory(installation: Installation) -> Iterator[Fault]:
    """Find a Redis that forgets ticks and limits when it is full, or will be full soon."""
    with _client(installation) as client:
        info = client.info("memory")
    limit, policy = info["maxmemory"], info["maxmemory_policy"]
    if limit and policy != "noeviction":
        wrong = f"Redis forgets ticks and rate limits when it is full (maxmemory-policy {policy})"
        yield Fault(wrong, "set maxmemory-policy noeviction")
    if limit and info["used_memory"] > NEARLY_FULL * limit:
        yield Fault(f"Redis uses {info['used_memory'] / limit:.0%} of its memory", MORE_MEMORY)


def persistence(installation: Installation) -> Iterator[Fault]:
    """Find a Redis that failed to save."""
    with _client(installation) as client:
        info = client.info("persistence")
    if "err" in {info["rdb_last_bgsave_status"], info["aof_last_write_status"]}:
        yield Fault("Redis failed to save to its disk", "free some space there; its log says what failed")


def _client(installation: Installation) -> Redis:
    return Redis.from_url(installation.settings.redis_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
