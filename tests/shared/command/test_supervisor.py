"""A part is replaced by its next process only once that answers."""

import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from shared.command import supervisor
from shared.command.logs import Log
from shared.command.processes import Process, wait_until
from shared.command.supervisor import Supervisor

WAIT = (sys.executable, "-c", "import signal; signal.pause()")


@pytest.mark.parametrize("next_answers", [True, False])
def test_a_part_is_replaced_only_by_a_process_that_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, next_answers: bool
) -> None:
    monkeypatch.setattr(supervisor, "LEAVES_AFTER", 0.0)
    monkeypatch.setattr(supervisor, "_STARTED_AFTER", 1.0)
    acts: list[str] = []
    fresh = Process("part", WAIT, tmp_path, answers=lambda: next_answers, take_over=lambda: acts.append("takes over"))
    first = Process("part", WAIT, tmp_path, renewed=lambda: fresh, leave=lambda: acts.append("leaves"))
    supervised = Supervisor(partial(Log, tmp_path), acts.append)
    supervised.start(first)
    watching = threading.Thread(target=supervised.watch)
    watching.start()
    supervised.renew()
    log = tmp_path / "up.log"
    expected = '"renewed"' if next_answers else '"not renewed"'
    has_ended = wait_until(lambda: expected in log.read_text(), lambda: True, 30)
    supervised.stopping.set()
    watching.join()
    supervised.stop()
    assert has_ended
    assert acts == (["takes over", "leaves"] if next_answers else [])
