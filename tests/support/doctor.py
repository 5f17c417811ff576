"""An installation for the doctor to examine, and the lines that a check says about it."""

from collections.abc import Callable, Iterator
from pathlib import Path

from shared.command.doctor.examination import Fault, Installation
from shared.config import Settings
from tests.support.processes import environment


def make_installation(
    settings: Settings, folder: Path | None = None, selector: str = "", **variables: str
) -> Installation:
    """Return the installation of these settings, with variables of the test's own."""
    return Installation({**environment(settings), **variables}, folder, selector)


def faults(check: Callable[[Installation], Iterator[Fault]], installation: Installation) -> list[str]:
    """Return the line of each fault that a check finds."""
    return [str(fault) for fault in check(installation)]
