"""The processor time of our own children, by part."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench import parts

# Works for a while, then answers and waits.
WORK = """
import time
while time.process_time() < 0.3: pass
print("done", flush=True)
input()
"""


@contextmanager
def worked(*words: str) -> Iterator[None]:
    command = [sys.executable, "-c", WORK, *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        yield
        process.communicate("\n")


def test_a_part_has_the_time_of_its_processes_and_nothing_of_what_else_we_start() -> None:
    before = parts.sample()
    with worked("granian"), worked("something else"):
        usage = parts.used(before)
        assert 0.25 < usage.parts["web"] < 0.6
        assert parts.megabytes()["web"] > 1


def test_what_we_start_is_ours_also_when_it_has_ended() -> None:
    before = parts.sample()
    with worked():
        pass
    assert parts.sample().ours - before.ours > 0.25


def test_only_other_programs_are_foreign() -> None:
    before = parts.Sample(0, {}, ours=1, machine=10)
    now = parts.Sample(2, {}, ours=2, machine=14)
    assert parts.between(before, now).foreign == 1.5
