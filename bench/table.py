"""The results: a table on the screen, JSON in a file."""

import json
from collections.abc import Sequence
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
        """Which part of the floor is reached."""
        return self.per_second / self.floor_per_second


def heading() -> str:
    """The names of the columns."""
    return _FORM.format(*(name for name, _ in _COLUMNS))


def line(row: Row) -> str:
    """A measure as a line below the heading."""
    rates = (f"{row.per_second:,.0f}", f"{row.p50_ms:,.1f}", f"{row.p99_ms:,.1f}", f"{row.floor_per_second:,.0f}")
    return _FORM.format(row.measure, row.clients, *rates, f"{row.ratio:.3f}")


def store(rows: Sequence[Row], path: Path) -> None:
    """Write the results where other programs read them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = [{name: _rounded(value) for name, value in {**asdict(row), "ratio": row.ratio}.items()} for row in rows]
    path.write_text(json.dumps({"rows": written}, indent=2) + "\n")


def _rounded(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value
