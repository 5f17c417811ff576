"""`python -m bench.scale`: the same work with one, two and four processes of the web tier and of the worker.

On a machine with fewer processors than that it shows what more processes cost there. What they would bring elsewhere
follows from the milliseconds of processor time for each unit: see docs/scaling.md.
"""

import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from bench import emails, table
from bench.measures import FLOOR, MEASURES, Floors, take
from bench.service import running, working
from bench.table import Row
from shared.command.processes import CannotStart

LATEST = Path(__file__).parent / "results" / "scale.json"
NUMBERS = (1, 2, 4)
TAKEN = ("registration, one hot event", "scans, one at a time", "polls, nothing new", "event page")


@click.command()
@click.option("--seconds", default=10.0, show_default=True, type=click.FloatRange(min=0.2), help="That count, a row.")
@click.option("--pgbouncer", is_flag=True, help="Behind PgBouncer; its processor time counts as PostgreSQL's.")
@click.option("--results", default=LATEST, show_default=True, type=click.Path(path_type=Path), help="Where JSON goes.")
def scale(seconds: float, pgbouncer: bool, results: Path) -> None:
    """Measure with one, two and four processes; fail on a wrong answer."""
    # Terminated from outside, it must still stop the servers and delete their files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results.unlink(missing_ok=True)
    click.echo(table.heading())
    rows = []
    try:
        for number in NUMBERS:
            for row, faults in _measure(number, seconds, pooled=pgbouncer):
                if faults:
                    raise click.ClickException("\n".join(("wrong answers, nothing is stored", *faults)))
                click.echo(table.line(row))
                rows.append(row)
    except CannotStart as error:
        raise click.ClickException(str(error)) from None
    table.store({"scale": rows, "counted_seconds": seconds, "pgbouncer": pgbouncer}, results)


def _measure(number: int, seconds: float, *, pooled: bool) -> Iterator[tuple[Row, list[str]]]:
    """Yield the rows with so many processes, each with its errors. Raises CannotStart."""
    floors = Floors(seconds * FLOOR)
    with running(number, pooled=pooled) as service:
        for measure in (measure for measure in MEASURES if measure.name in TAKEN):
            row, faults = take(service, measure, seconds, floors)
            yield _named(row, number), faults
        with working(service) as mailbox:
            row, faults = emails.measure(service, mailbox, seconds)
            yield _named(row, number), faults


def _named(row: Row, number: int) -> Row:
    return replace(row, measure=f"{row.measure} | {number}")


if __name__ == "__main__":
    scale()
