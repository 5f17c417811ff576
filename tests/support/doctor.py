"""An installation for the doctor to examine, and the lines that a check says about it."""

from collections.abc import Callable, Iterator
from pathlib import Path

from shared.command.doctor.site import Fault, Site
from shared.config import Settings
from tests.support.processes import environment


def make_site(settings: Settings, folder: Path | None = None, selector: str = "", **variables: str) -> Site:
    """Return the installation of these settings, with variables of the test's own."""
    return Site({**environment(settings), **variables}, folder, selector)


def faults(check: Callable[[Site], Iterator[Fault]], site: Site) -> list[str]:
    """Return the line of each fault that a check finds."""
    return [str(fault) for fault in check(site)]
