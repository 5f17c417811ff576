"""`python -m bench.sizing`: writes the tables of docs/scaling.md anew from the first table of docs/performance.md."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
PARTS = ("web", "worker", "pg")
COLUMNS = {"web": -6, "worker": -5, "pg": -4}
"""Where the measured table has the milliseconds of each part, from its end."""
DAYS = (1_000, 10_000, 100_000, 1_000_000)
BUSIEST_HOUR = 1 / 5
"""The share of a day's registrations that comes in its busiest hour."""
BUSY = 0.5
"""The share of a processor that may be busy: a surge must find the rest free."""


@dataclass(frozen=True)
class Unit:
    """A piece of work, the row that measured it, and how often it is done for each registration."""

    name: str
    row: str
    times: int


UNITS = (
    Unit("look at an event page, which others read in the same second", "event page", 8),
    Unit("look at an event page that no one else reads", "event page, first look", 2),
    Unit("registration", "registration, one hot event", 1),
    Unit("email with ticket, or a reminder", "emails", 2),
    Unit("scan, uploaded alone", "scans, one at a time", 1),
    Unit("poll of a phone", "polls, nothing new", 12),
)

Costs = Mapping[str, Mapping[str, float]]
Table = Sequence[Sequence[str]]


def measured(page: str) -> Costs:
    """Return the milliseconds of each part, by row, of the first table under "Measured"."""
    table = page.partition("\n## Measured\n")[2].partition("\n\n| row |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {row[0]: {part: _number(row[column]) for part, column in COLUMNS.items()} for row in rows}


def costs_of_units(costs: Costs) -> Table:
    """Return what each unit costs, and their sum for one registration."""
    lines = [
        [unit.name, str(unit.times), *(f"{costs[unit.row][part]:.2f}" for part in PARTS), unit.row] for unit in UNITS
    ]
    return [
        ["unit", "for each registration", "web", "worker", "PostgreSQL", "row"],
        *lines,
        ["**all of it**", "", *(f"**{_each(costs, part):.0f}**" for part in PARTS), ""],
    ]


def processors_of_days(costs: Costs) -> Table:
    """Return how many processors each part keeps busy in a day's busiest hour, and how many to have."""
    head = ["registrations a day", "a second, then", "web", "worker", "PostgreSQL", "processes of web", "of worker"]
    return [head, *(_day(costs, registrations) for registrations in DAYS)]


def _day(costs: Costs, registrations: int) -> list[str]:
    rate = registrations * BUSIEST_HOUR / 3600
    busy = {part: rate * _each(costs, part) / 1000 for part in PARTS}
    processes = [str(max(2, ceil(busy[part] / BUSY))) for part in ("web", "worker")]
    return [f"{registrations:,}", f"{rate:.2f}", *(f"{busy[part]:.2f}" for part in PARTS), *processes]


def _each(costs: Costs, part: str) -> float:
    return sum(unit.times * costs[unit.row][part] for unit in UNITS)


def _number(cell: str) -> float:
    return 0.0 if cell == "-" else float(cell.replace(",", ""))


def renewed(page: str, *tables: Table) -> str:
    """Return a page with its tables, each known by its first line, written anew."""
    for table in tables:
        lines = [*_lines(table)]
        page = re.sub(rf"{re.escape(lines[0])}\n(\|.*\n)+", "\n".join(lines) + "\n", page)
    return page


def _lines(table: Table) -> Iterator[str]:
    head, *rows = (f"| {' | '.join(row)} |".replace("|  |", "| |") for row in table)
    yield head
    yield "|" + "---|" * len(table[0])
    yield from rows


def main() -> None:
    """Write the tables of docs/scaling.md."""
    costs = measured((DOCS / "performance.md").read_text(encoding="utf-8"))
    page = DOCS / "scaling.md"
    tables = costs_of_units(costs), processors_of_days(costs)
    page.write_text(renewed(page.read_text(encoding="utf-8"), *tables), encoding="utf-8")


if __name__ == "__main__":
    main()
