"""The settings of a `turnout up` that runs on a data folder, as its parts have them."""

import os
from contextlib import suppress
from pathlib import Path

from shared.command.orphans import orphans
from shared.command.parts import CannotStart
from shared.config import Settings, read_settings


def settings_of(data: Path) -> Settings:
    """The settings of the environment where it names a database, else those of what runs on the folder.

    Raises CannotStart where nothing does. Needs /proc.
    """
    if "DATABASE_URL" in os.environ:
        return read_settings()
    for part in orphans(data.absolute()):
        with suppress(OSError):
            words = Path("/proc", str(part.pid), "environ").read_text().split("\0")
            environment = {name: value for name, _, value in (word.partition("=") for word in words)}
            if "DATABASE_URL" in environment:
                return read_settings(environment)
    raise CannotStart(f"no Turnout runs on {data}: start it with `turnout up`, or name its folder with --data")
