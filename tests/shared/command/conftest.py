"""A folder for an installation, and `turnout up` on it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from shared.command.embedded import temporary_directory
from shared.command.home import free_port
from shared.command.orphans import stop_orphans
from tests.conftest import Committed
from tests.support.backups import Operator, operator_of
from tests.support.turnout_up import TURNOUT, Start, Up


@pytest.fixture
def home() -> Iterator[Path]:
    """Return a folder for the files of one installation."""
    with temporary_directory() as folder:
        yield folder


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Return a function that starts `turnout up`; stop every process of it after the test."""
    runs: list[Up] = []

    def begin(*options: str, data: Path = home / "data", port: int = 0) -> Up:
        port = port or free_port()
        screen = home / f"screen-{len(runs)}"
        with screen.open("w") as output:
            command = [*TURNOUT, "up", "--port", str(port), "--data", str(data), *options]
            process = psutil.Popen(command, stdout=output, stderr=subprocess.STDOUT, text=True)
        runs.append(Up(data, port, process, screen))
        return runs[-1]

    yield begin
    for run in runs:
        if run.runs():
            run.process.kill()
        run.process.wait()
        stop_orphans(run.data, seconds=1)


@pytest.fixture
def operator(committed: Committed, tmp_path: Path) -> Operator:
    """Return an operator of the test's own database."""
    return operator_of(committed, tmp_path)
