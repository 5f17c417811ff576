"""The limits of a run, as shares of what was measured beside them, and whether they are met."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.table import Row

QUIET = 0.2
"""The processors that all other programs may use during a measure that is judged."""

Rows = Mapping[str, Row]


@dataclass(frozen=True)
class Limit:
    """A figure of some measures, which must be at least or at most so much."""

    name: str
    measures: tuple[str, ...]
    figure: Callable[[Rows], float]
    least: float = 0
    most: float = float("inf")

    def is_met(self, figure: float) -> bool:
        """Return whether a figure is within the limit."""
        return self.least <= figure <= self.most


@dataclass(frozen=True)
class Verdict:
    """A limit, what was measured, and whether it is "met", "missed", or "not judged", since the machine was busy."""

    limit: str
    measured: float
    allowed: str
    verdict: str


def _ratio(measure: str, least: float) -> Limit:
    return Limit(f"{measure}: ratio", (measure,), lambda rows: rows[measure].ratio, least=least)


def _cpu(row: Row) -> float:
    return row.cost.web + row.cost.postgres


HOT, SPREAD, FULL = "registration, one hot event", "registration, 100 events", "registration, refused: full"
PAGE, REVISIT, LIST = "event page", "event page, unchanged", "list of events"
SINGLE, HUNDREDS = "scans, one at a time", "scans, batches of 100"
SURGE = ("surge: event page", "surge: registrations")

LIMITS = (
    _ratio(HOT, 0.25),
    Limit(f"{HOT}: p99 ms", (HOT,), lambda rows: rows[HOT].p99_ms, most=150),
    # Two medians of the same rate differ by a few percent.
    Limit(f"{SPREAD}: of the hot", (HOT, SPREAD), lambda rows: rows[SPREAD].per_second / rows[HOT].per_second, 0.95),
    Limit(f"{FULL}: CPU of a seat's", (HOT, FULL), lambda rows: _cpu(rows[FULL]) / _cpu(rows[HOT]), most=1),
    # 900 and 18,000 a second where the floors are about 13,000 and 128,000: docs/performance.md.
    _ratio(SINGLE, 0.07),
    _ratio(HUNDREDS, 0.14),
    _ratio(PAGE, 0.7),
    _ratio(REVISIT, 0.85),
    _ratio(LIST, 0.5),
    Limit("emails: per second", ("emails",), lambda rows: rows["emails"].per_second, least=100),
    Limit("surge: p99 ms", SURGE, lambda rows: max(rows[name].p99_ms for name in SURGE), most=1_000),
)


def judge(rows: Sequence[Row], megabytes: Mapping[str, float]) -> list[Verdict]:
    """Return the verdict on each limit; memory is judged on a busy machine too."""
    measured = {row.measure: row for row in rows}
    verdicts = [_verdict(limit, measured) for limit in LIMITS]
    memory = Limit("web and worker: MB (PSS)", (), lambda _: megabytes["web"] + megabytes["worker"], most=430)
    return [*verdicts, _verdict(memory, measured)]


def heading() -> str:
    """Return the names of the columns."""
    return f"{'limit':<46} {'measured':>9} {'allowed':>9}"


def line(verdict: Verdict) -> str:
    """Return a verdict as a line below the heading."""
    return f"{verdict.limit:<46} {verdict.measured:>9,.2f} {verdict.allowed:>9}  {verdict.verdict}"


def _verdict(limit: Limit, rows: Rows) -> Verdict:
    figure = limit.figure(rows)
    allowed = f">= {limit.least:g}" if limit.least else f"<= {limit.most:g}"
    foreign = max((rows[name].cost.foreign for name in limit.measures), default=0.0)
    met = "met" if limit.is_met(figure) else "missed"
    return Verdict(limit.name, figure, allowed, met if foreign <= QUIET else f"not judged (foreign {foreign:.2f})")
