"""The supervisor's check of a process answers, whatever its threads wait for."""

import socket
from pathlib import Path
from uuid import uuid4

from shared.command.front import answers
from web import alive


def test_it_answers_each_time_even_after_a_killed_process() -> None:
    path = Path(f"/tmp/turnout-test-{uuid4().hex[:12]}.alive")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    assert not answers(path)
    alive.answer_at(path)
    assert [answers(path) for _ in range(3)] == [True] * 3
    path.unlink()
