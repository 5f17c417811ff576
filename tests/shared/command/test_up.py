"""`turnout up`: one command, everything, and nothing left when it ends."""

import json
import re
import signal
import socket
import stat
import subprocess
from contextlib import closing

import psutil
import pytest

from shared.command.orphans import orphans
from tests.shared.command.running import PATIENCE, TURNOUT, Start


def test_everything_starts_is_kept_running_and_stops(start: Start) -> None:
    up = start("--no-demo").ready()
    assert up.answers()
    assert f"http://127.0.0.1:{up.port}" in up.said()

    for words in ("web-1.sock", "front.json", "worker.app worker", "worker.app beat", "redis", "mailbox"):
        victim = up.part(words)
        assert victim, words
        victim.kill()
        up.until(lambda: (found := up.part(words)) and found != victim)  # noqa: B023 - used before the next round
    up.until(up.answers)
    log = [json.loads(line) for line in (up.data / "logs" / "up.log").read_text().splitlines()]
    assert {line["died"] for line in log if line["event"] == "died"} >= {
        "web-1",
        "front",
        "worker",
        "scheduler",
        "redis",
        "mailbox",
    }

    assert up.stop(signal.SIGINT) == 0
    assert orphans(up.data) == []
    assert not up.answers()


def test_a_second_start_finds_the_data_and_the_same_secret(start: Start) -> None:
    first = start("--no-demo").ready()
    secret = (first.data / "secret").read_text()
    born = (first.data / "postgres" / "data" / "PG_VERSION").stat().st_mtime_ns
    assert stat.S_IMODE((first.data / "secret").stat().st_mode) == 0o600
    assert first.stop() == 0

    second = start("--no-demo", data=first.data, port=first.port).ready()
    assert (second.data / "secret").read_text() == secret
    assert (second.data / "postgres" / "data" / "PG_VERSION").stat().st_mtime_ns == born


@pytest.mark.parametrize(
    "also",
    [pytest.param((), marks=pytest.mark.scale), ("postgres", "redis", "granian", "worker.app worker")],
    ids=["alone", "with its parts"],
)
def test_a_killed_run_does_not_hinder_the_next(start: Start, also: tuple[str, ...]) -> None:
    first = start("--no-demo").ready()
    victims = [victim for words in also if (victim := first.part(words))]
    assert len(victims) == len(also)
    first.process.kill()
    for victim in victims:
        victim.kill()
    first.process.wait()

    second = start("--no-demo", data=first.data, port=first.port).ready()
    assert second.answers()
    assert second.stop() == 0
    assert orphans(second.data) == []


def test_a_process_that_outlived_its_supervisor_is_stopped_by_the_next(start: Start) -> None:
    first = start("--no-demo").ready()
    redis = first.part("redis")
    assert redis
    redis.suspend()  # so that it does not hear that its parent died
    first.process.kill()
    first.process.wait()
    start("--no-demo", data=first.data, port=first.port).ready()
    assert not redis.is_running() or redis.status() == psutil.STATUS_ZOMBIE


def test_a_second_run_on_the_same_data_says_where_the_first_is(start: Start) -> None:
    first = start("--no-demo").ready()
    second = start("--no-demo", data=first.data)
    assert second.process.wait(PATIENCE) == 2
    assert second.said().count("\n") == 1
    assert f"http://127.0.0.1:{first.port} (process {first.process.pid})" in second.said()
    assert first.answers()


def test_a_port_in_use_is_reported_in_one_line(start: Start) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        up = start(port=taken.getsockname()[1])
        assert up.process.wait(PATIENCE) == 2
    assert up.said().count("\n") == 1
    assert f"port {up.port} cannot be used" in up.said()


def test_it_can_be_stopped_before_it_is_ready(start: Start) -> None:
    up = start("--no-demo")
    up.until(lambda: up.part("postgres"))
    assert up.stop(signal.SIGINT) == 0
    assert orphans(up.data) == []


def test_the_network_gets_tls_and_a_fingerprint(start: Start) -> None:
    up = start("--no-demo", "--lan").ready()
    printed = up.said()
    address = re.search(r"https://([\d.]+):(\d+)", printed)
    assert address
    host, port = address.groups()
    shown = subprocess.run(
        ["openssl", "s_client", "-connect", f"{host}:{port}", "-CAfile", up.data / "certificate.pem"],
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Verify return code: 0 (ok)" in shown.stdout
    assert (up.data / "key.pem").stat().st_mode & 0o077 == 0


def test_a_wrong_setting_stops_a_part_with_one_line() -> None:
    for part in ("web", "worker", "scheduler", "migrate"):
        asked = subprocess.run(
            [*TURNOUT, part], env={"SECRET_KEY": "short"}, capture_output=True, text=True, check=False
        )
        assert asked.returncode == 2
        assert asked.stderr == "turnout: DATABASE_URL is not set\n"
