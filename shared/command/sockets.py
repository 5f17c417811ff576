"""The folder of a socket's file: its path has at most 107 bytes, 103 where sun_path is as in BSD (macOS)."""

import contextlib
import hashlib
import os
import sys
from pathlib import Path

from shared.command.processes import CannotStart
from shared.command.users import give, owner_of

PATH_BYTES = 107 if sys.platform == "linux" else 103


def folder_for(name: str, home: Path, user: str = "") -> Path:
    """Return `home` where the path fits, else a short folder below /tmp that is ours alone. Raises CannotStart."""
    if len(os.fsencode(home / name)) <= PATH_BYTES and '"' not in str(home):
        return home
    short = Path("/tmp") / f"turnout-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"  # noqa: S108 - owner and mode are checked
    with contextlib.suppress(FileExistsError):
        short.mkdir(mode=0o700)
        give(short, user)
    status = short.lstat()
    if status.st_uid != owner_of(user) or status.st_mode & 0o077:
        raise CannotStart(f"{short} belongs to someone else: move the data to a shorter path")
    return short
