"""The doctor's checks of Redis, on a real one that is made wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from shared.command.doctor import redis as checks
from shared.command.doctor.examination import Installation
from shared.command.embedded import redis, temporary_directory
from shared.command.processes import wait_until
from shared.config import Settings
from tests.support.doctor import faults, make_installation


@dataclass(frozen=True)
class Own:
    """A Redis of the test's own."""

    installation: Installation
    client: Redis
    folder: Path


@pytest.fixture
def own(settings: Settings) -> Iterator[Own]:
    """Return a Redis to make wrong."""
    with temporary_directory() as home, redis(home / "redis") as address, Redis.from_url(address) as client:
        yield Own(make_installation(settings, REDIS_URL=address), client, home / "redis")


def test_a_redis_as_it_should_be_has_no_fault(own: Own) -> None:
    every = (checks.answers, checks.writes, checks.memory, checks.persistence)
    assert [fault for check in every for fault in check(own.installation)] == []


def test_a_redis_that_is_away_or_wants_a_password_is_a_fault(settings: Settings, own: Own) -> None:
    [fault] = faults(checks.answers, make_installation(settings, REDIS_URL="redis://127.0.0.1:1"))
    assert fault.startswith("Redis at 127.0.0.1 does not answer, so no email is sent (")
    assert fault.endswith("): start it, or correct REDIS_URL")
    [fault] = faults(checks.answers, make_installation(settings, REDIS_URL="redis://127.0.0.1:1?patience=3"))
    assert "'patience'" in fault
    own.client.config_set("requirepass", "secret")
    [fault] = faults(checks.answers, own.installation)
    assert "authenticate" in fault


def test_a_redis_that_evicts_is_a_fault(own: Own) -> None:
    own.client.config_set("maxmemory-policy", "allkeys-lru")
    assert faults(checks.memory, own.installation) == [
        "Redis forgets ticks and rate limits when it is full (maxmemory-policy allkeys-lru): "
        "set maxmemory-policy noeviction"
    ]


def test_a_redis_whose_memory_is_full_is_a_fault(own: Own) -> None:
    own.client.config_set("maxmemory", own.client.info("memory")["used_memory"])
    [fault] = faults(checks.memory, own.installation)
    assert fault.startswith("Redis uses 1")
    assert fault.endswith("of its memory: raise maxmemory, or find out what else fills it")
    own.client.config_set("maxmemory", 1)
    [fault] = faults(checks.writes, own.installation)
    assert fault.endswith("): raise maxmemory, or find out what else fills it")


def test_a_redis_that_cannot_save_is_a_fault(own: Own) -> None:
    own.client.config_set("save", "3600 1")
    (own.folder / "dump.rdb").mkdir()  # in the way of the file
    own.client.bgsave()
    assert wait_until(lambda: not own.client.info("persistence")["rdb_bgsave_in_progress"], lambda: True, 10)
    assert faults(checks.persistence, own.installation) == [
        "Redis failed to save to its disk: free some space there; its log says what failed"
    ]
    [fault] = faults(checks.writes, own.installation)
    assert fault.endswith("): see its log; its disk may be full")
    own.client.config_set("save", "")  # else it would not end before it has saved


def test_a_redis_that_follows_another_is_a_fault(own: Own) -> None:
    own.client.execute_command("REPLICAOF", "127.0.0.1", "1")
    [fault] = faults(checks.writes, own.installation)
    assert fault.endswith("): let REDIS_URL name the primary")
