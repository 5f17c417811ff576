"""The scheduler's ticks: no clock makes one void or late, and no more than one of each name waits."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shared.config import Settings
from shared.heartbeats import SCHEDULER
from shared.models import Heartbeat
from shared.outbox import system_status
from tests.conftest import Committed
from tests.support.processes import environment
from worker.schedule import PERIODS
from worker.scheduler import record_heartbeat

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, time
from datetime import timedelta
from worker import scheduler as module
from worker.app import app
from worker.scheduler import Scheduler

module.record_heartbeat = lambda database: None  # which other tests share
scheduler, clock, sent = Scheduler(app), app.now, []
redis = scheduler.producer.channel.client

def ring():
    for entry in list(scheduler.schedule.values()):
        scheduler.apply_entry(entry, producer=scheduler.producer)
    return [json.loads(message)["headers"] for message in redis.lrange("turnout", 0, -1)]

def wait_for_a_tick():
    sent.clear()
    while "outbox.deliver_due" not in sent and time.monotonic() - began < 3:
        scheduler.tick()
    return list(sent)

redis.delete("turnout")
waiting = [ring(), ring(), ring()][-1]
redis.rpop("turnout")
after_fetch = ring()
redis.delete("turnout")
scheduler.apply_async = lambda entry, **_: sent.append(entry.task)
began = time.monotonic()
wait_for_a_tick()
app.now = lambda: clock() - timedelta(hours=1)
for entry in scheduler.schedule.values():
    entry.default_now = app.now
print(json.dumps({"waiting": waiting, "after_fetch": after_fetch, "set_back": wait_for_a_tick()}))
"""


@pytest.fixture(scope="module")
def outcome(settings: Settings) -> dict[str, Any]:
    """Return what a scheduler of its own process sent, while no worker fetched any tick."""
    command = [sys.executable, "-c", SCRIPT]
    ended = subprocess.run(command, cwd=ROOT, env=environment(settings), capture_output=True, check=True)
    result: dict[str, Any] = json.loads(ended.stdout)
    return result


def test_without_a_worker_one_tick_of_each_name_waits(outcome: dict[str, Any]) -> None:
    assert Counter(headers["task"] for headers in outcome["waiting"]) == dict.fromkeys(PERIODS, 1)


def test_a_tick_that_was_fetched_is_sent_again(outcome: dict[str, Any]) -> None:
    assert Counter(headers["task"] for headers in outcome["after_fetch"]) == dict.fromkeys(PERIODS, 1)


def test_no_tick_expires_by_the_clock_of_the_scheduler(outcome: dict[str, Any]) -> None:
    assert {headers["expires"] for headers in outcome["waiting"]} == {None}


def test_a_clock_that_is_set_back_stops_no_tick(outcome: dict[str, Any]) -> None:
    assert "outbox.deliver_due" in outcome["set_back"]


def test_its_heartbeat_is_recorded_and_not_again_within_ten_seconds(committed: Committed) -> None:
    times = []
    for _ in range(2):
        record_heartbeat(committed.settings.postgresql_url)
        with committed.sessions.begin() as db:
            times.append(db.scalars(select(Heartbeat.at).where(Heartbeat.part == SCHEDULER)).one())
            assert system_status.heartbeats(db)[SCHEDULER] < 10
    assert times[0] == times[1]
