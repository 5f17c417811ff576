"""The doctor's checks of the built scanner and of disks."""

import os
from pathlib import Path

import pytest

from shared.command.doctor import files
from shared.config import Settings
from tests.support.doctor import faults, make_installation


def lines(web: Path) -> list[str]:
    """Return what is wrong with the scanner of a web tier."""
    return [str(fault) for fault in files.scanner_below(web)]


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """Return a folder of the web tier as the package has it: with a built scanner, and no sources."""
    built = tmp_path / "web" / "static" / "built" / "door.js"
    built.parent.mkdir(parents=True)
    built.touch()
    return tmp_path / "web"


def write(path: Path, seconds: float) -> None:
    """Write a file as if so many seconds after the build."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    built = next(path.parents[-number] for number in range(1, 99) if (path.parents[-number] / "web").exists())
    moment = (built / "web/static/built/door.js").stat().st_mtime + seconds
    os.utime(path, (moment, moment))


def test_a_scanner_that_is_not_built_is_a_fault(web: Path) -> None:
    assert lines(web) == []
    (web / "static/built/door.js").unlink()
    assert lines(web) == ["the door scanner is not built: run `make front-end`, or install a wheel that has it"]


@pytest.mark.parametrize("source", ["web/door/src/lib/ticket.ts", "shared/locale/tg/LC_MESSAGES/messages.po"])
def test_a_scanner_older_than_its_sources_is_a_fault_until_it_is_built_anew(web: Path, source: str) -> None:
    write(web / "door/src/main.ts", -9)
    write(web / "door/src/lib/languages.ts", 9)  # which the build makes
    write(web / "door/node_modules/esbuild/index.js", 9)
    assert lines(web) == []
    write(web.parent / source, 5)
    assert lines(web) == ["the door scanner is older than its sources: run `make front-end`"]
    write(web / "door/node_modules/.built-from", 6)
    assert lines(web) == []


def test_a_disk_with_little_space_is_a_fault(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = make_installation(settings, tmp_path)
    monkeypatch.setattr(files, "LEAST_FREE", 0)
    assert [*faults(files.disk, installation), *faults(files.database_disk, installation)] == []
    monkeypatch.setattr(files, "LEAST_FREE", 10**18)
    [fault] = faults(files.disk, installation)
    assert fault.endswith(f" MB are free on the disk of {tmp_path}: free some space, or move it")
    [fault] = faults(files.database_disk, installation)
    assert "/postgres/data: free some space, or move it" in fault
