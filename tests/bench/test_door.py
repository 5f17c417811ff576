"""The door's measures on real processes, with few people: each of them is taken. No test asks how fast."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import table
from bench.table import Limited

pytestmark = pytest.mark.scale

TAKE = """
import dataclasses, json
from bench import door
from bench.service import running
with running() as service:
    print(json.dumps([dataclasses.asdict(limit) for limit in door.measure(service, people=60, queued=40, tickets=5)]))
"""


def test_every_measure_of_the_door_is_taken() -> None:
    # A process of its own: only one browser's driver may run in one.
    command = [sys.executable, "-c", TAKE]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    taken = [Limited(**limit) for limit in json.loads(done.stdout.splitlines()[-1])]
    assert [limit.measure for limit in taken] == [
        "one scan on a phone 6 times slower",
        "search among 10,000",
        "list of 60, paired to ready",
        "list of 60, kB on the wire",
        "decoded frame to verdict",
        "40 queued scans handed in",
    ]
    assert all(0 < limit.p50 <= limit.p95 for limit in taken)
    assert len({len(line) for line in (table.heading_of_limits("at the door"), *map(table.line_of_limit, taken))}) == 1
