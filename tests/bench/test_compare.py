"""Two revisions of a small repository, measured in turn by the bench of a third."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import compare
from bench.compare import Side

# Shows its revision's own rate, and that its options arrived.
BENCH = """
import json, pathlib, sys
rate = float(pathlib.Path("rate").read_text())
assert sys.argv[1:5] == ["--no-door", "--no-desk", "--seconds", "5.0"]
cpu = {"web": 0, "worker": 0, "postgres": 0}
row = {"measure": "event page", "per_second": rate, "p99_ms": 7, "foreign": 0, "cpu_ms": cpu}
pathlib.Path(sys.argv[-1]).write_text(json.dumps({"rows": [row], "without_floor": []}))
sys.exit(1)
"""
ENVIRONMENT = f"#!/bin/sh\nmkdir -p .venv/bin && ln -sf {sys.executable} .venv/bin/python\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository with the revisions `slow` and `fast`, whose own bench is broken."""
    monkeypatch.setattr(compare, "ROOT", tmp_path)
    for name, content in {"environment": ENVIRONMENT, "front-end": "#!/bin/sh\n"}.items():
        script = tmp_path / "scripts" / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(content)
        script.chmod(0o755)
    bench = tmp_path / "bench" / "__main__.py"
    bench.parent.mkdir()
    bench.write_text("broken")
    git(tmp_path, "init", "--quiet")
    for name, rate in {"slow": "10", "fast": "30"}.items():
        (tmp_path / "rate").write_text(rate)
        git(tmp_path, "add", ".")
        git(tmp_path, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "-m", name)
        git(tmp_path, "tag", name)
    bench.write_text(BENCH)
    return tmp_path


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_revisions_are_measured_in_turn_and_leave_nothing_behind(repository: Path) -> None:
    done = CliRunner().invoke(compare.compare, ["slow", "fast", "--seconds", "5"])
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    assert [line[-1] for line in lines if line[0] == "run"] == ["slow", "fast", "slow", "fast"]
    [rate] = [line for line in lines if line[2:4] == ["per", "second"]]
    assert rate[-3:] == ["10.00", "30.00", "3.00"]
    assert git(repository, "worktree", "list").count("\n") == 1


def test_a_revision_without_results_stops_it(repository: Path) -> None:
    (repository / "bench" / "__main__.py").write_text("raise SystemExit('wrong answers')")
    done = CliRunner().invoke(compare.compare, ["slow", "fast", "--seconds", "5"])
    assert done.exit_code == 1
    assert "slow: wrong answers" in done.output


def test_the_median_of_each_figure_is_compared() -> None:
    first, second = Side("main", Path()), Side("branch", Path())
    first.runs = [{("emails", "per second"): rate, ("emails", "p99 ms"): 0} for rate in (10, 30, 20)]
    second.runs = [{("emails", "per second"): 50, ("emails", "p99 ms"): 0}]
    _, *lines = compare.lines(first, second)
    assert [line.split()[-3:] for line in lines] == [["20.00", "50.00", "2.50"]]
