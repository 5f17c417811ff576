"""The Celery app: how it finds Redis, what it refuses, and its clean log."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from kombu import Connection

from shared.config import Settings
from tests.support.processes import environment
from worker.configuration import broker_url

ROOT = Path(__file__).parents[2]
REFUSED = """
from sqlalchemy import text
from worker.app import app, sessions

@app.task(name="refused")
def refused():
    with sessions().begin() as db:
        db.execute(text("INSERT INTO registration (name, email) VALUES ('Secretname', 'secretname@x.example')"))

app.log.setup()
refused.apply()
"""
SHOW = "import json; from worker.app import app; print(json.dumps(dict(app.conf), default=str))"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("unix:///run/redis.sock", "socket:///run/redis.sock?virtual_host=0"),
        ("unix:///run/redis.sock?db=3", "socket:///run/redis.sock?virtual_host=3"),
        ("redis://cache.example:6380/2", "cache.example"),
    ],
)
def test_celery_is_told_the_same_redis(url, host):
    connection = Connection(broker_url(url))
    assert connection.transport_cls == "redis"
    assert connection.hostname == host


def test_a_socket_leads_to_the_running_redis(settings: Settings):
    with Connection(broker_url(settings.redis_url)) as connection:
        assert connection.default_channel.client.ping()


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("words", [("worker", "2"), ("worker.scheduler",)])
def test_a_missing_setting_stops_the_start_with_one_line(words: tuple[str, ...]):
    ended = run(*words)
    assert ended.returncode == 2
    assert ended.stderr == "DATABASE_URL is not set\n"
    assert ended.stdout == ""


def test_a_tick_starts_at_once_has_no_result_and_ends_before_the_lease_of_its_last_email(
    settings: Settings,
):
    ended = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=environment(settings), capture_output=True, text=True, check=True
    )
    task_settings = json.loads(ended.stdout)
    assert task_settings["task_ignore_result"] is True
    assert task_settings["task_acks_late"] is False
    assert task_settings["worker_disable_prefetch"] is True
    assert task_settings["worker_prefetch_multiplier"] == 0
    assert task_settings["task_time_limit"] < 20 + 120


def test_personal_details_of_a_refused_row_are_not_in_the_log(settings: Settings):
    # Celery logs the error twice: with its stack, and as a repr inside a message of its own.
    ended = subprocess.run(
        [sys.executable, "-c", REFUSED], cwd=ROOT, env=environment(settings), capture_output=True, text=True, check=True
    )
    (line,) = map(json.loads, ended.stderr.splitlines())
    assert "Task refused" in line["event"]
    assert "violates not-null constraint" in line["event"]
    assert [error["exc_type"] for error in line["exception"]] == ["IntegrityError", "NotNullViolation"]
    assert "secretname" not in ended.stderr.lower()
