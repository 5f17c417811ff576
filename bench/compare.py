"""`make bench-compare A=rev B=rev`: the same measures on two revisions in turn, and what became faster.

Each revision is checked out into a folder of its own, with an environment of its own. Both are measured by this bench,
not by theirs: A, B, A, B, so that a machine that becomes busier disturbs both alike.
"""

import contextlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import click

ROOT = Path(__file__).parents[1]
FORM = "{:<27} {:<13} {:>10} {:>10} {:>7}"
CPU = ("web", "worker", "postgres")
FIGURES = ("per second", "p99 ms", *(f"ms {part}" for part in CPU), "foreign")

Figures = Mapping[tuple[str, str], float]


@dataclass
class Side:
    """A revision, the folder of its checkout, and the figures of its runs by measure and name."""

    revision: str
    folder: Path
    runs: list[Figures] = field(default_factory=list)

    def medians(self) -> Figures:
        """Return the median of each figure."""
        return {key: median(run[key] for run in self.runs) for key in self.runs[0]}


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--seconds", type=click.FloatRange(min=1), help="A short run of about so long each time.")
@click.option("--rounds", default=2, show_default=True, type=click.IntRange(min=1), help="Runs of each.")
def compare(a: str, b: str, seconds: float | None, rounds: int) -> None:
    """Measure revisions A and B in turn, and print the median of each figure and B's share of A's."""
    with tempfile.TemporaryDirectory(prefix="turnout-compare-", dir="/var/tmp") as name:
        # PostgreSQL's own user runs programs in the environments.
        Path(name).chmod(0o755)
        with _checkout(a, Path(name) / "a") as first, _checkout(b, Path(name) / "b") as second:
            for number, side in enumerate((first, second) * rounds):
                click.echo(f"run {number + 1} of {2 * rounds}: {side.revision}")
                side.runs.append(_measure(side, seconds))
            for line in lines(first, second):
                click.echo(line)


def lines(first: Side, second: Side) -> Iterator[str]:
    """Yield the table: the medians of both sides, and the second as a share of the first; without what is always 0."""
    yield FORM.format("measure", "median", first.revision[:10], second.revision[:10], "B / A")
    before, after = first.medians(), second.medians()
    for (measure, figure), value in before.items():
        other = after[measure, figure]
        if value or other:
            ratio = f"{other / value:.2f}" if value else "-"
            yield FORM.format(measure, figure, f"{value:,.2f}", f"{other:,.2f}", ratio)


def figures(results: Mapping[str, Sequence[Mapping[str, Any]]]) -> Figures:
    """Return the figures of a run that are compared, by measure and name."""
    compared: dict[tuple[str, str], float] = {}
    for row in (*results["rows"], *results["without_floor"]):
        values = (row["per_second"], row["p99_ms"], *map(row["cpu_ms"].get, CPU), row["foreign"])
        compared |= {(row["measure"], name): value for name, value in zip(FIGURES, values, strict=True)}
    return compared


@contextlib.contextmanager
def _checkout(revision: str, folder: Path) -> Iterator[Side]:
    """Check out a revision with our bench and an environment of its own."""
    _call(ROOT, "git", "worktree", "add", "--quiet", "--detach", folder, revision)
    try:
        shutil.rmtree(folder / "bench", ignore_errors=True)
        shutil.copytree(ROOT / "bench", folder / "bench", ignore=shutil.ignore_patterns("results", "__pycache__"))
        click.echo(f"preparing {revision}")
        _call(folder, "scripts/environment")
        _call(folder, "scripts/front-end")
        yield Side(revision, folder)
    finally:
        _call(ROOT, "git", "worktree", "remove", "--force", folder)


def _measure(side: Side, seconds: float | None) -> Figures:
    """Measure once. A missed limit fails a run too, but has its results."""
    results = side.folder / "results.json"
    length = ("--seconds", str(seconds)) if seconds else ("--runs", "1")
    command = (".venv/bin/python", "-m", "bench", "--no-door", "--no-desk", *length, "--results", results)
    done = subprocess.run(command, cwd=side.folder, capture_output=True, text=True, check=False)
    if not results.exists():
        raise click.ClickException(f"{side.revision}: {done.stderr.strip() or done.stdout.strip()}")
    return figures(json.loads(results.read_text()))


def _call(folder: Path, *command: str | Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.stdout.strip()}")


if __name__ == "__main__":
    compare()
