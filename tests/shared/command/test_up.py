"""`turnout up`: one command, everything, and nothing left when it ends."""

import json
import re
import signal
import socket
import stat
import subprocess
import urllib.request
from contextlib import closing
from typing import Any

import psutil

from shared.command.orphans import orphans
from tests.support.turnout_up import PATIENCE, TURNOUT, Start, Up


def test_everything_starts_is_kept_running_and_stops(start: Start) -> None:
    up = start("--no-demo").ready()
    assert up.answers()
    assert f"http://127.0.0.1:{up.port}" in up.said()
    _says_to_a_second_run_where_it_is(up, start("--no-demo", data=up.data))

    for words in ("web-1.sock", "front.json", "-m worker ", "worker.scheduler", "redis", "mailbox"):
        victim = up.part(words)
        assert victim, words
        victim.kill()
        up.until(lambda: (process := up.part(words)) and process != victim)  # noqa: B023 - used before the next round
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

    up.until(lambda: _readiness(up)["database"]["seen"]["worker_seconds_ago"] is not None)
    _is_well_to_the_doctor(up)

    assert up.stop(signal.SIGINT) == 0
    assert orphans(up.data) == []
    assert not up.answers()


def _readiness(up: Up) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{up.port}/readyz", timeout=PATIENCE) as answer:
        return json.load(answer)


def _is_well_to_the_doctor(up: Up) -> None:
    command = [*TURNOUT, "doctor", "--json", "--data", str(up.data)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    unwell = [outcome for outcome in map(json.loads, asked.stdout.splitlines()) if not outcome["is_well"]]
    # A source of the scanner may be newer than the build while someone works on it.
    assert [outcome for outcome in unwell if outcome["name"] != "scanner"] == []
    assert (asked.returncode, asked.stderr) == (int(bool(unwell)), "")


def _says_to_a_second_run_where_it_is(first: Up, second: Up) -> None:
    assert second.process.wait(PATIENCE) == 2
    assert second.said().count("\n") == 1
    assert f"http://127.0.0.1:{first.port} (process {first.process.pid})" in second.said()
    assert first.answers()


def test_a_start_finds_what_the_run_before_left_whether_it_was_stopped_or_killed(start: Start) -> None:
    first = start("--no-demo").ready()
    remains = _what_stays(first)
    assert first.stop() == 0

    second = start("--no-demo", data=first.data, port=first.port).ready()
    assert _what_stays(second) == remains
    outlives = _kill_with_its_parts(second)

    third = start("--no-demo", "--lan", data=first.data, port=first.port).ready()
    assert not outlives.is_running() or outlives.status() == psutil.STATUS_ZOMBIE
    assert _what_stays(third) == remains
    _has_tls_and_a_fingerprint(third)
    assert third.stop() == 0
    assert orphans(third.data) == []


def _what_stays(up: Up) -> tuple[str, int]:
    """Return the secret, which no one else may read, and the time when the cluster of the database was made."""
    assert stat.S_IMODE((up.data / "secret").stat().st_mode) == 0o600
    return (up.data / "secret").read_text(), (up.data / "postgres" / "data" / "PG_VERSION").stat().st_mtime_ns


def _kill_with_its_parts(up: Up) -> psutil.Process:
    """Kill a run except its Redis, which does not notice that its parent died."""
    redis, *victims = (up.part(words) for words in ("redis", "postgres", "granian", "-m worker "))
    assert redis
    redis.suspend()
    up.process.kill()
    for victim in victims:
        assert victim
        victim.kill()
    up.process.wait()
    return redis


def _has_tls_and_a_fingerprint(up: Up) -> None:
    address = re.search(r"https://([\d.]+):(\d+)", up.said())
    assert address
    host, port = address.groups()
    client = subprocess.run(
        ["openssl", "s_client", "-connect", f"{host}:{port}", "-CAfile", up.data / "certificate.pem"],
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Verify return code: 0 (ok)" in client.stdout
    assert (up.data / "key.pem").stat().st_mode & 0o077 == 0


def test_a_port_that_is_taken_is_told_in_one_line(start: Start) -> None:
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


def test_a_wrong_setting_stops_a_part_with_one_line() -> None:
    for part in ("web", "worker", "scheduler", "migrate"):
        asked = subprocess.run(
            [*TURNOUT, part], env={"SECRET_KEY": "short"}, capture_output=True, text=True, check=False
        )
        assert asked.returncode == 2
        assert asked.stderr == "turnout: DATABASE_URL is not set\n"
