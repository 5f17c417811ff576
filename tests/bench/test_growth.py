"""The measures of growth on real processes, with few people: each is taken at each stage. No test asks how fast."""

import json
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from bench import growth

pytestmark = pytest.mark.scale

TAKE = """
import json
from bench import growth
from bench.service import running
with running() as service:
    taken = growth.measure(service, 0.2, stages=(100, 300), looks=2)
    print(json.dumps([(row.measure, faults) for row, faults in taken]))
"""
PAGES = ("organizer: its people", "organizer: a name", "organizer: status")


def test_every_measure_is_taken_at_each_stage() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", TAKE]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    taken = dict(json.loads(done.stdout.splitlines()[-1]))
    stages = product((100, 300), (*growth.TAKEN, *PAGES))
    assert taken == {f"{name} | {stage}": [] for stage, name in stages}
