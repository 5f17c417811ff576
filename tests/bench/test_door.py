"""The door's part of the bench on real parts, with few people: that each measure is taken. Never how fast."""

from bench import door, table
from bench.service import running


def test_every_measure_of_the_door_is_taken() -> None:
    with running() as service:
        taken = list(door.measure(service, people=60, queued=40, shown=5))
    assert [one.measure for one in taken] == [
        "one scan on a phone 6 times slower",
        "search among 10,000",
        "list of 60, paired to ready",
        "list of 60, kB on the wire",
        "decoded frame to verdict",
        "40 queued scans handed in",
    ]
    assert all(0 < one.p50 <= one.p95 for one in taken)
    assert len({len(line) for line in (table.heading_of_limits(), *map(table.line_of_limit, taken))}) == 1
