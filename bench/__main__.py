"""`make bench`: take every measure, show the table, keep the numbers, or fail on the first thing that is not right."""

import signal
import sys
from pathlib import Path

import click

from bench import door, table
from bench.measures import MEASURES, take
from bench.service import running
from bench.table import Limited, Row
from shared.command.parts import CannotStart

LATEST = Path(__file__).parent / "results" / "latest.json"


@click.command()
@click.option("--seconds", default=30.0, show_default=True, type=click.FloatRange(min=1), help="For all measures.")
@click.option("--results", default=LATEST, show_default=True, type=click.Path(path_type=Path), help="Where JSON goes.")
@click.option("--door/--no-door", "with_door", default=True, help="Measure the scanner in a browser too (a minute).")
def bench(seconds: float, results: Path, with_door: bool) -> None:
    """Measure the service beside the raw PostgreSQL floor, and the door beside its limits."""
    # An end from outside must still stop the servers and take their files away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Whatever is found there afterwards is of this run.
    results.unlink(missing_ok=True)
    try:
        rows, faults, limited = _measure(seconds, with_door)
    except CannotStart as error:
        raise click.ClickException(str(error)) from None
    if faults:
        raise click.ClickException("\n".join(("wrong answers, nothing is stored", *faults)))
    table.store(rows, results, limited)


def _measure(seconds: float, with_door: bool) -> tuple[list[Row], list[str], list[Limited]]:
    rows, faults, limited = [], [], []
    with running() as service:
        click.echo(table.heading())
        for measure in MEASURES:
            row, wrong = take(service, measure, seconds / len(MEASURES))
            rows.append(row)
            faults += wrong
            click.echo(table.line(row))
        if with_door:
            click.echo(f"\n{table.heading_of_limits()}")
            for one in door.measure(service):
                limited.append(one)
                click.echo(table.line_of_limit(one))
    return rows, faults, limited


if __name__ == "__main__":
    bench()
