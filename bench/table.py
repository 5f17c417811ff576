"""The results: a table on the screen, JSON in a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_COLUMNS = (
    ("measure", "{:<29}"),
    ("clients", "{:>7}"),
    ("per second", "{:>11}"),
    ("p50 ms", "{:>8}"),
    ("p99 ms", "{:>8}"),
    ("floor per second", "{:>17}"),
    ("ratio", "{:>6}"),
)
_LIMITED = "{:<37} {:>9} {:>9} {:>9}"
_FORM = " ".join(width for _, width in _COLUMNS)


@dataclass(frozen=True)
class Row:
    """One measure, and the floor of the same run."""

    measure: str
    clients: int
    per_second: float
    p50_ms: float
    p99_ms: float
    floor_per_second: float

    @property
    def ratio(self) -> float:
        """Return the share of the floor that is reached."""
        return self.per_second / self.floor_per_second


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
    rates = (f"{row.per_second:,.0f}", f"{row.p50_ms:,.1f}", f"{row.p99_ms:,.1f}", f"{row.floor_per_second:,.0f}")
    return _FORM.format(row.measure, row.clients, *rates, f"{row.ratio:.3f}")


def heading_of_limits(title: str) -> str:
    """Return the names of the columns where there is a limit."""
    return _LIMITED.format(title, "p50", "p95", "limit")


def line_of_limit(limited: Limited) -> str:
    """Return a measure as a line below such a heading."""
    numbers = (f"{number:,.1f}" for number in (limited.p50, limited.p95, limited.limit))
    return _LIMITED.format(limited.measure, *numbers)


def store(rows: Sequence[Row], path: Path, limited: Mapping[str, Sequence[Limited]]) -> None:
    """Write the results to a file for other programs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    measured = [_rounded({**asdict(row), "ratio": row.ratio}) for row in rows]
    limits = {name: [_rounded(asdict(limited_row)) for limited_row in results] for name, results in limited.items()}
    path.write_text(json.dumps({"rows": measured, **limits}, indent=2) + "\n")


def _rounded(row: Mapping[str, object]) -> dict[str, object]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()}
