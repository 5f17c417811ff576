"""The users that programs run as. PostgreSQL refuses root, so root gives its files to an ordinary user."""

import contextlib
import os
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path

from shared.command.processes import PLAIN, CannotStart


def ordinary_user() -> str:
    """Return the user of PostgreSQL, "uid:gid"; empty when we are an ordinary user ourselves."""
    if os.geteuid() != 0:
        return ""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return f"{entry.pw_uid}:{entry.pw_gid}"
    return "65534:65534"


def _numbers(user: str) -> tuple[int, int]:
    uid, _, gid = user.partition(":")
    return int(uid), int(gid)


def owner_of(user: str) -> int:
    """Return the number of the user who owns files for `user`."""
    return _numbers(user)[0] if user else os.geteuid()


def give(path: Path, user: str) -> None:
    """Change the owner of everything at `path` to `user`."""
    if not user or path.stat().st_uid == owner_of(user):
        return
    for path_below in (*path.rglob("*"), path):
        os.chown(path_below, *_numbers(user), follow_symlinks=False)


def reaches(user: str, path: Path) -> bool:
    """Return True if `user` may enter this folder or run this program; the system knows about more than modes."""
    uid, gid = _numbers(user)
    ask: list[str | Path] = ["/usr/bin/test", "-x", path]
    return not subprocess.run(ask, user=uid, group=gid, extra_groups=[], env=PLAIN, cwd="/", check=False).returncode


def run_as(user: str, command: Sequence[Path | str], directory: Path, input_text: str = "") -> None:
    """Run a program to its end. Raises CannotStart with the last line of its output."""
    uid, gid = _numbers(user) if user else (None, None)
    groups: list[int] | None = [] if user else None
    outcome = subprocess.run(
        command,
        input=input_text,
        text=True,
        capture_output=True,
        check=False,
        cwd=directory,
        env=PLAIN,
        user=uid,
        group=gid,
        extra_groups=groups,
    )
    if outcome.returncode:
        last = (outcome.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise CannotStart(f"{Path(command[0]).name} failed in {directory}: {last}")
