"""The whole bench on real processes, for a few seconds: its output, and its failure when a measure is wrong.

Never how fast it is: that depends on who else uses the machine.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import bench.__main__ as command
from bench.limits import Verdict
from bench.measures import MEASURES
from bench.table import Row

ROOT = Path(__file__).parents[2]
NUMBERS = {"per_second", "p50_ms", "p99_ms", "floor_per_second", "ratio"}
MORE = {"statements", "round_trips", "kb", "foreign", "cpu_ms"}
CLIENTS = {
    "registration, 8 people": 8,
    "registration, one hot event": 64,
    "registration, 100 events": 64,
    "registration, refused: full": 64,
    "scans, one at a time": 16,
    "scans, batches of 10": 16,
    "scans, batches of 100": 16,
    "event page": 16,
    "event page, unchanged": 16,
    "list of events": 16,
    "polls, nothing new": 16,
    "event page, first look": 16,
}
WITHOUT_FLOOR = ["emails", "surge: event page", "surge: registrations"]
ONLY = ("--no-door", "--no-desk")


@pytest.fixture
def _own_signals() -> Iterator[None]:
    """Restore the signals of the test run afterwards: the command takes SIGTERM for itself."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.scale
def test_it_shows_and_stores_every_measure_beside_its_floor(tmp_path: Path) -> None:
    results = tmp_path / "results" / "latest.json"
    asked = [sys.executable, "-m", "bench", *ONLY, "--seconds", "6", "--results", str(results)]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    stored = json.loads(results.read_text())
    rows = stored["rows"]
    assert {row["measure"]: row["clients"] for row in rows} == CLIENTS
    for row in rows:
        assert row.keys() == {"measure", "clients", *NUMBERS, *MORE}
        assert all(row[name] > 0 for name in NUMBERS)
        assert row["p50_ms"] <= row["p99_ms"]
        assert row["ratio"] == pytest.approx(row["per_second"] / row["floor_per_second"], rel=0.01, abs=1e-4)
        assert 0 <= row["statements"] <= row["round_trips"]
        assert row["cpu_ms"]["web"] > 0
    assert [row["measure"] for row in stored["without_floor"]] == WITHOUT_FLOOR
    assert all(row["per_second"] > 0 for row in stored["without_floor"])
    assert stored["without_floor"][0]["cpu_ms"]["worker"] > 0
    assert {"web", "worker", "scheduler", "postgres", "redis"} <= stored["megabytes"].keys()
    named = (*CLIENTS, *WITHOUT_FLOOR, *(verdict["limit"] for verdict in stored["limits"]))
    assert all(name in done.stdout for name in named)


@pytest.mark.scale
@pytest.mark.usefixtures("_own_signals")
def test_tables_that_hold_less_than_was_acknowledged_fail_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = tmp_path / "latest.json"
    results.write_text("of an earlier run")
    lost = replace(MEASURES[0], facts=f"SELECT seats_taken - 1 AS seats_taken FROM ({MEASURES[0].facts}) AS facts")
    monkeypatch.setattr(command, "MEASURES", (lost,))
    done = CliRunner().invoke(command.bench, [*ONLY, "--seconds", "3", "--results", str(results)])
    assert done.exit_code == 1
    assert "registration, 8 people: " in done.stderr
    assert "were acknowledged, seats taken: " in done.stderr
    assert not results.exists()


@pytest.mark.usefixtures("_own_signals")
@pytest.mark.parametrize(("options", "status"), [((), 1), (("--seconds", "3"), 0)])
def test_a_missed_limit_fails_a_whole_run_whose_results_are_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], status: int
) -> None:
    results = tmp_path / "latest.json"
    missed = {"rows": [], "limits": [Verdict("emails: per second", 30, ">= 100", "missed")]}
    monkeypatch.setattr(command, "_measure", lambda *_: missed)
    assert CliRunner().invoke(command.bench, [*options, "--results", str(results)]).exit_code == status
    assert json.loads(results.read_text())["limits"][0]["verdict"] == "missed"


def test_of_three_runs_the_one_with_the_middle_rate_counts() -> None:
    runs = [[Row("event page", 16, rate, p50, p50, 900)] for rate, p50 in ((30, 1), (10, 2), (20, 3))]
    assert command._middle(runs) == runs[2]
