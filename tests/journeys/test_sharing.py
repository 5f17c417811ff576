"""Several processes of a test run share one installation."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from tests.support.shared_installation import share
from tests.support.turnout_up import Up


class Installations:
    """Counts starts and stops."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.started, self.stopped = folder, 0, threading.Event()

    @contextmanager
    def run(self) -> Iterator[Up]:
        self.started += 1
        yield Up(self.folder / "data", self.started, psutil.Process(), self.folder / "screen")
        self.stopped.set()


def test_the_second_uses_what_the_first_has_started(tmp_path: Path) -> None:
    installations = Installations(tmp_path)
    with share(tmp_path, installations.run) as first, share(tmp_path, installations.run) as second:
        assert first == second
    assert installations.started == 1
    assert installations.stopped.is_set()


def test_the_first_stops_it_when_the_last_has_left(tmp_path: Path) -> None:
    installations, first, second = Installations(tmp_path), ExitStack(), ExitStack()
    first.enter_context(share(tmp_path, installations.run))
    second.enter_context(share(tmp_path, installations.run))
    leaving = threading.Thread(target=first.close)
    leaving.start()
    assert not installations.stopped.wait(0.1)
    second.close()
    leaving.join(10)
    assert installations.stopped.is_set()


def test_after_it_was_stopped_the_next_starts_another(tmp_path: Path) -> None:
    installations = Installations(tmp_path)
    for number in (1, 2):
        with share(tmp_path, installations.run) as up:
            assert up.port == number
