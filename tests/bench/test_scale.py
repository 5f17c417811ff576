"""The work with one, two and four processes, and behind PgBouncer, for a moment. No test asks how fast."""

import json
from itertools import product
from pathlib import Path
from subprocess import run
from sys import executable

import pytest

from bench.scale import NUMBERS, TAKEN

pytestmark = pytest.mark.scale

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("option", [(), ("--pgbouncer",)])
def test_every_row_is_measured_with_each_number_of_processes(tmp_path: Path, option: tuple[str, ...]) -> None:
    results = tmp_path / "scale.json"
    asked = [executable, "-m", "bench.scale", "--seconds", "0.3", "--results", str(results), *option]
    done = run(asked, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    stored = json.loads(results.read_text())
    assert stored["pgbouncer"] == bool(option)
    expected = [f"{name} | {number}" for number, name in product(NUMBERS, (*TAKEN, "emails"))]
    assert sorted(row["measure"] for row in stored["scale"]) == sorted(expected)
    assert all(row["per_second"] > 0 for row in stored["scale"])
