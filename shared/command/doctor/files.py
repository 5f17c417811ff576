"""Checks of files: the built scanner, and the free space of disks."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import make_url, text

from shared.command.doctor.examination import Fault, Installation
from shared.config import is_loopback

LEAST_FREE = 1_000_000_000
SYSTEM_LOG = Path("/var/log")
_NOT_SOURCES = {"node_modules", "__pycache__", "languages.ts"}


def scanner(installation: Installation) -> Iterator[Fault]:
    """Find a scanner that is not built, or is older than its sources."""
    web = find_spec("web")
    folders = web.submodule_search_locations if web else None
    for folder in folders or ():
        yield from scanner_below(Path(folder))


def scanner_below(web: Path) -> Iterator[Fault]:
    """Find the same in a folder of the web tier, which has sources only in a checkout."""
    built, stamp = web / "static" / "built" / "door.js", web / "door" / "node_modules" / ".built-from"
    if not built.exists():
        yield Fault("the door scanner is not built", "run `make front-end`, or install a wheel that has it")
    elif (web / "door" / "src").exists():
        sources = max(map(_changed, (web / "door", web.parent / "shared" / "locale")))
        # The stamp is newer where a build was asked for and nothing had changed.
        if sources > max(path.stat().st_mtime for path in (built, stamp) if path.exists()):
            yield Fault("the door scanner is older than its sources", "run `make front-end`")


def _changed(folder: Path) -> float:
    """Return when the newest source below a folder was changed."""
    newest = 0.0
    for parent, folders, names in os.walk(folder):
        folders[:] = set(folders) - _NOT_SOURCES
        sources = (Path(parent, name) for name in set(names) - _NOT_SOURCES if not name.endswith(".py"))
        newest = max((path.stat().st_mtime for path in sources), default=newest)
    return newest


def disk(installation: Installation) -> Iterator[Fault]:
    """Find a nearly full disk below the data folder, else below the system's logs."""
    yield from _shortage(installation.folder or SYSTEM_LOG)


def database_disk(installation: Installation) -> Iterator[Fault]:
    """Find a nearly full disk below PostgreSQL's folder, if it is on this machine and PostgreSQL says where."""
    url = make_url(installation.settings.database_url)
    host = str(url.host or url.query.get("host", "/"))
    if host.startswith("/") or is_loopback(host):
        with installation.database() as db:
            folder = db.scalar(text("SELECT setting FROM pg_settings WHERE name = 'data_directory'"))
        if folder:
            yield from _shortage(Path(folder))


def _shortage(folder: Path) -> Iterator[Fault]:
    free = shutil.disk_usage(folder).free if os.path.exists(folder) else LEAST_FREE  # noqa: PTH110 - no error either
    if free < LEAST_FREE:
        yield Fault(f"{free / 1e6:,.0f} MB are free on the disk of {folder}", "free some space, or move it")
