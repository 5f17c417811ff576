"""The results: a table on the screen, JSON in a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.parts import Usage

_COLUMNS = (
    ("measure", "{:<34}"),
    ("clients", "{:>7}"),
    ("per second", "{:>10}"),
    ("p50 ms", "{:>8}"),
    ("p99 ms", "{:>8}"),
    ("floor", "{:>7}"),
    ("ratio", "{:>6}"),
    ("web", "{:>6}"),
    ("worker", "{:>6}"),
    ("pg", "{:>6}"),
    ("redis", "{:>6}"),
    ("sql", "{:>5}"),
    ("trips", "{:>5}"),
    ("kB", "{:>6}"),
    ("foreign", "{:>7}"),
)
_LIMITED = "{:<37} {:>9} {:>9} {:>9}"
_FORM = " ".join(width for _, width in _COLUMNS)


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time that a unit costs each part; how many processors all other programs used."""

    web: float = 0
    worker: float = 0
    postgres: float = 0
    redis: float = 0
    foreign: float = 0

    @classmethod
    def of(cls, usage: Usage, units: int) -> "Cost":
        """Share the processor time among so many units."""
        parts = ("web", "worker", "postgres", "redis")
        return cls(**{part: usage.parts.get(part, 0) * 1000 / max(1, units) for part in parts}, foreign=usage.foreign)


@dataclass(frozen=True)
class Row:
    """One measure, and the floor of the same run. What it does not have is 0: emails are not waited for."""

    measure: str
    clients: int
    per_second: float
    p50_ms: float = 0
    p99_ms: float = 0
    floor_per_second: float = 0
    cost: Cost = Cost()
    statements: float = 0
    round_trips: float = 0
    kb: float = 0

    @property
    def ratio(self) -> float:
        """Return the share of the floor that is reached; 0 without a floor."""
        return self.per_second / self.floor_per_second if self.floor_per_second else 0.0


@dataclass(frozen=True)
class Limited:
    """A measure that has a limit which a person would notice, and no floor."""

    measure: str
    p50: float
    p95: float
    limit: float


def heading() -> str:
    """Return the names of the columns."""
    return _FORM.format(*(name for name, _ in _COLUMNS))


def line(row: Row) -> str:
    """Return a measure as a line below the heading."""
    rates = (_number(row.per_second, 0), _number(row.p50_ms, 1), _number(row.p99_ms, 1))
    floor = (_number(row.floor_per_second, 0), _number(row.ratio, 3))
    cost = (_number(cost, 2) for cost in (row.cost.web, row.cost.worker, row.cost.postgres, row.cost.redis))
    requests = (_number(number, 1) for number in (row.statements, row.round_trips, row.kb))
    return _FORM.format(row.measure, row.clients, *rates, *floor, *cost, *requests, f"{row.cost.foreign:.2f}")


def _number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}" if value else "-"


def heading_of_limits(title: str) -> str:
    """Return the names of the columns where there is a limit."""
    return _LIMITED.format(title, "p50", "p95", "limit")


def line_of_limit(limited: Limited) -> str:
    """Return a measure as a line below such a heading."""
    numbers = (f"{number:,.1f}" for number in (limited.p50, limited.p95, limited.limit))
    return _LIMITED.format(limited.measure, *numbers)


def store(results: Mapping[str, Any], path: Path) -> None:
    """Write the results to a file for other programs: lists of rows and other dataclasses, and plain values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({name: _plain(value) for name, value in results.items()}, indent=2) + "\n")


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it: numbers rounded, a row with its ratio, its processor time by part."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Row):
        columns = asdict(value)
        cpu_ms = columns.pop("cost")
        return _plain({**columns, "ratio": value.ratio, "foreign": cpu_ms.pop("foreign"), "cpu_ms": cpu_ms})
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return value if isinstance(value, str | int | bool | None) else _plain(asdict(value))
