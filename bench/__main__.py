"""`make bench`: take every measure, show the table, store the numbers; fail on a wrong answer and on a missed limit."""

import signal
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import click

from bench import desk, door, emails, growth, limits, parts, surge, table
from bench.measures import FLOOR, MEASURES, Floors, take
from bench.service import Service, running, working
from bench.table import Limited, Row
from shared.command.processes import CannotStart

LATEST = Path(__file__).parent / "results" / "latest.json"
COUNTED, RUNS = 10.0, 3
SURGE = 6
"""Times the duration of another measure."""
SHARES = len(MEASURES) + SURGE + 10
"""Parts of a run as long as a measure counts: with warm-ups, floors and emails."""

Measure = Callable[[Service], Iterator[Limited]]
PARTS: Mapping[str, tuple[str, Measure]] = {
    "door": ("at the door", door.measure),
    "desk": ("at the organizer's desk", desk.measure),
}
"""Measures with limits instead of a floor."""


@dataclass
class Run:
    """The rows of one run, the memory of the parts after it, and what was wrong."""

    rows: list[Row] = field(default_factory=list)
    megabytes: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, rows: Sequence[Row], faults: Sequence[str]) -> None:
        """Add a measure and show it."""
        self.rows += rows
        self.faults += faults
        for row in rows:
            click.echo(table.line(row))


@click.command()
@click.option("--seconds", type=click.FloatRange(min=1), help="A short run of about so long, once, not judged.")
@click.option("--runs", default=RUNS, show_default=True, type=click.IntRange(min=1), help="Of which the middle counts.")
@click.option("--results", default=LATEST, show_default=True, type=click.Path(path_type=Path), help="Where JSON goes.")
@click.option("--door/--no-door", default=True, help="Measure the scanner in a browser too (a minute).")
@click.option("--desk/--no-desk", default=True, help="Measure the organizer's pages at 100,000 people too (a minute).")
@click.option("--growth", "grows", is_flag=True, help="Measure at up to 1,000,000 registrations, and nothing else.")
def bench(seconds: float | None, runs: int, results: Path, grows: bool, **choices: bool) -> None:
    """Measure the service beside the floor of the same run, and judge it by its limits on a quiet machine."""
    # Terminated from outside, it must still stop the servers and delete their files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # A file that exists afterwards is of this run.
    results.unlink(missing_ok=True)
    counted = seconds / SHARES if seconds else COUNTED
    try:
        stored = _grow(counted) if grows else _measure(counted, 1 if seconds else runs, choices)
    except CannotStart as error:
        raise click.ClickException(str(error)) from None
    table.store(stored, results)
    if not seconds and any(verdict.verdict == "missed" for verdict in stored.get("limits", [])):
        raise click.ClickException("a limit is missed")


def _measure(counted: float, runs: int, choices: Mapping[str, bool]) -> dict[str, Any]:
    taken = [_run(counted, f"run {number} of {runs}") for number in range(1, runs + 1)]
    rows, megabytes = _middle([run.rows for run in taken]), _medians([run.megabytes for run in taken])
    click.echo(f"\nthe middle of {runs} by rate\n{table.heading()}")
    for row in rows:
        click.echo(table.line(row))
    verdicts = limits.judge(rows, megabytes)
    click.echo(f"\nMB: {', '.join(f'{part} {size:.0f}' for part, size in megabytes.items())}\n\n{limits.heading()}")
    for verdict in verdicts:
        click.echo(limits.line(verdict))
    results: dict[str, Any] = {
        "rows": [row for row in rows if row.floor_per_second],
        "without_floor": [row for row in rows if not row.floor_per_second],
        "megabytes": megabytes,
        "limits": verdicts,
        "counted_seconds": counted,
        "runs": runs,
    }
    chosen = [name for name in PARTS if choices[name]]
    return {**results, **_take_limited(chosen)}


def _run(counted: float, title: str) -> Run:
    """Take all measures on a service of their own. Raises CannotStart, ClickException for wrong answers."""
    run, floors = Run(), Floors(counted * FLOOR)
    click.echo(f"\n{title}\n{table.heading()}")
    with running() as service:
        for measure in MEASURES:
            row, faults = take(service, measure, counted, floors)
            run.add([row], faults)
        _require_right(run.faults)
        with working(service) as mailbox:
            row, faults = emails.measure(service, mailbox, counted)
            run.add([row], faults)
            run.add(*surge.measure(service, counted * SURGE))
            run.megabytes = parts.megabytes()
    _require_right(run.faults)
    return run


def _grow(counted: float) -> dict[str, Any]:
    run = Run()
    click.echo(table.heading())
    with running() as service:
        for row, faults in growth.measure(service, counted):
            run.add([row], faults)
    _require_right(run.faults)
    return {"growth": run.rows}


def _require_right(faults: Sequence[str]) -> None:
    if faults:
        raise click.ClickException("\n".join(("wrong answers, nothing is stored", *faults)))


def _middle(runs: Sequence[Sequence[Row]]) -> list[Row]:
    """Return, of each measure, the row of the run with the middle rate."""
    return [sorted(rows, key=lambda row: row.per_second)[len(rows) // 2] for rows in zip(*runs, strict=True)]


def _medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: median(run[name] for run in runs) for name in runs[0]}


def _take_limited(names: Collection[str]) -> dict[str, list[Limited]]:
    if not names:
        return {}
    with running() as service:
        return {name: list(_shown(service, *PARTS[name])) for name in names}


def _shown(service: Service, title: str, measure: Measure) -> Iterator[Limited]:
    click.echo(f"\n{table.heading_of_limits(title)}")
    for limited in measure(service):
        click.echo(table.line_of_limit(limited))
        yield limited


if __name__ == "__main__":
    bench()
