"""`make bench`: take every measure, show the table, store the numbers, or fail on the first error."""

import signal
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

import click

from bench import desk, door, table
from bench.measures import MEASURES, take
from bench.service import Service, running
from bench.table import Limited, Row
from shared.command.processes import CannotStart

LATEST = Path(__file__).parent / "results" / "latest.json"


Measure = Callable[[Service], Iterator[Limited]]
PARTS: Mapping[str, tuple[str, Measure]] = {
    "door": ("at the door", door.measure),
    "desk": ("at the organizer's desk", desk.measure),
}
"""Measures with limits instead of a floor."""


@click.command()
@click.option("--seconds", default=30.0, show_default=True, type=click.FloatRange(min=1), help="For what has a floor.")
@click.option("--results", default=LATEST, show_default=True, type=click.Path(path_type=Path), help="Where JSON goes.")
@click.option("--door/--no-door", default=True, help="Measure the scanner in a browser too (a minute).")
@click.option(
    "--desk/--no-desk", default=True, help="Measure the organizer's pages at 100,000 people too (a minute or two)."
)
def bench(seconds: float, results: Path, **choices: bool) -> None:
    """Measure the service beside the raw PostgreSQL floor, and door and desk beside their limits."""
    # Terminated from outside, it must still stop the servers and delete their files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # A file that exists afterwards is of this run.
    results.unlink(missing_ok=True)
    try:
        rows, faults, limited = _measure(seconds, [name for name in PARTS if choices[name]])
    except CannotStart as error:
        raise click.ClickException(str(error)) from None
    if faults:
        raise click.ClickException("\n".join(("wrong answers, nothing is stored", *faults)))
    table.store(rows, results, limited)


def _measure(seconds: float, names: Collection[str]) -> tuple[list[Row], list[str], dict[str, list[Limited]]]:
    rows, faults = [], []
    with running() as service:
        click.echo(table.heading())
        for measure in MEASURES:
            row, wrong = take(service, measure, seconds / len(MEASURES))
            rows.append(row)
            faults += wrong
            click.echo(table.line(row))
        return rows, faults, {name: _take_limited(service, *PARTS[name]) for name in names}


def _take_limited(service: Service, title: str, measure: Measure) -> list[Limited]:
    click.echo(f"\n{table.heading_of_limits(title)}")
    results = []
    for limited in measure(service):
        results.append(limited)
        click.echo(table.line_of_limit(limited))
    return results


if __name__ == "__main__":
    bench()
