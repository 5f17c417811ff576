"""The limits of a run: met, missed, and not judged on a busy machine."""

from dataclasses import replace

import pytest

from bench.limits import FULL, HOT, LIMITS, QUIET, SPREAD, SURGE, judge
from bench.measures import MEASURES
from bench.table import Cost, Row

NAMES = (*(measure.name for measure in MEASURES), "emails", *SURGE)
FAST = [Row(name, 16, 900, 5, 50, 1000, Cost(web=1, postgres=0.2)) for name in NAMES]
SMALL = {"web": 200.0, "worker": 200.0}


def verdicts(megabytes: dict[str, float] = SMALL, **changed: Row) -> dict[str, str]:
    rows = [changed.get(row.measure, row) for row in FAST]
    return {verdict.limit: verdict.verdict for verdict in judge(rows, megabytes)}


def test_a_fast_service_meets_every_limit() -> None:
    assert set(verdicts().values()) == {"met"}
    assert len(verdicts()) == len(LIMITS) + 1


@pytest.mark.parametrize(
    ("measure", "changes", "missed"),
    [
        (HOT, {"per_second": 240.0}, f"{HOT}: ratio"),
        (HOT, {"p99_ms": 151.0}, f"{HOT}: p99 ms"),
        (SPREAD, {"per_second": 800.0}, f"{SPREAD}: of the hot"),
        (FULL, {"cost": Cost(web=1.1, postgres=0.2)}, f"{FULL}: CPU of a seat's"),
        ("scans, one at a time", {"per_second": 10.0}, "scans, one at a time: ratio"),
        ("scans, batches of 100", {"per_second": 10.0}, "scans, batches of 100: ratio"),
        ("event page", {"per_second": 690.0}, "event page: ratio"),
        ("event page, unchanged", {"per_second": 840.0}, "event page, unchanged: ratio"),
        ("list of events", {"per_second": 490.0}, "list of events: ratio"),
        ("emails", {"per_second": 99.0}, "emails: per second"),
        (SURGE[0], {"p99_ms": 1001.0}, "surge: p99 ms"),
        (SURGE[1], {"p99_ms": 1001.0}, "surge: p99 ms"),
    ],
)
def test_each_limit_is_missed_alone(measure: str, changes: dict[str, object], missed: str) -> None:
    [row] = [row for row in FAST if row.measure == measure]
    taken = verdicts(**{measure: replace(row, **changes)})  # type: ignore[arg-type]  # fields by name
    assert [limit for limit, verdict in taken.items() if verdict != "met"] == [missed]


def test_memory_has_a_limit() -> None:
    taken = verdicts({"web": 231.0, "worker": 200.0})
    assert [limit for limit, verdict in taken.items() if verdict == "missed"] == ["web and worker: MB (PSS)"]


def test_what_was_measured_beside_other_programs_is_not_judged() -> None:
    [row] = [row for row in FAST if row.measure == "emails"]
    busy = replace(row, per_second=1, cost=replace(row.cost, foreign=QUIET + 0.01))
    assert verdicts(emails=busy)["emails: per second"] == "not judged (foreign 0.21)"
