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
from bench.measures import MEASURES

ROOT = Path(__file__).parents[2]
NUMBERS = {"per_second", "p50_ms", "p99_ms", "floor_per_second", "ratio"}
CLIENTS = {
    "registration, one hot event": 64,
    "scans, one at a time": 16,
    "scans, batches of 10": 16,
    "scans, batches of 100": 16,
    "event page": 16,
}


@pytest.fixture
def _own_signals() -> Iterator[None]:
    """Restore the signals of the test run afterwards: the command takes SIGTERM for itself."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.scale
def test_it_shows_and_stores_every_measure_beside_its_floor(tmp_path: Path) -> None:
    results = tmp_path / "results" / "latest.json"
    asked = [sys.executable, "-m", "bench", "--no-door", "--no-desk", "--seconds", "8", "--results", str(results)]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(results.read_text())["rows"]
    assert {row["measure"]: row["clients"] for row in rows} == CLIENTS
    for row in rows:
        assert row.keys() == {"measure", "clients", *NUMBERS}
        assert all(row[name] > 0 for name in NUMBERS)
        assert row["p50_ms"] <= row["p99_ms"]
        assert row["ratio"] == pytest.approx(row["per_second"] / row["floor_per_second"], rel=0.01, abs=1e-4)
    lines = done.stdout.splitlines()
    assert [line.rpartition("  ")[0][:29].strip() for line in lines[1:]] == list(CLIENTS)


@pytest.mark.usefixtures("_own_signals")
def test_tables_that_hold_less_than_was_acknowledged_fail_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = tmp_path / "latest.json"
    results.write_text("of an earlier run")
    lost = replace(MEASURES[0], facts=f"SELECT seats_taken - 1 AS seats_taken FROM ({MEASURES[0].facts}) AS facts")
    monkeypatch.setattr(command, "MEASURES", (lost,))
    done = CliRunner().invoke(command.bench, ["--no-door", "--no-desk", "--seconds", "1.5", "--results", str(results)])
    assert done.exit_code == 1
    assert "registration, one hot event: " in done.stderr
    assert "were acknowledged, seats taken: " in done.stderr
    assert not results.exists()
