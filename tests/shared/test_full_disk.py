"""A full disk under the logs costs their lines, and no answer, tick or part."""

import subprocess
import sys
from pathlib import Path

from shared.config import Settings
from tests.support.processes import ROOT, environment

FULL = Path("/dev/full")
"""Linux has a device that is always full."""
ANSWER = """
import logging, sys
from shared import logs
from shared.config import read_settings
from web.app import create_app
settings = read_settings()
logs.configure(settings)
logging.getLogger("celery").error("a line of a library")
client = create_app(settings).test_client()
sys.exit({client.get("/healthz").status_code for _ in range(100)} != {200})
"""
SUPERVISE = """
import sys, threading
from pathlib import Path
from shared.command import supervisor
from shared.command.logs import Screen, say
from shared.command.processes import Process
supervisor.FIRST_PAUSE = 0.0
died = Path(sys.argv[1])
script = f"open({str(died)!r}, 'a').write('x'); print('a line')"
part = Process("part", (sys.executable, "-c", script), Path("/tmp"))
supervised = supervisor.Supervisor(Screen, say)
supervised.start(part)
watching = threading.Thread(target=supervised.watch)
watching.start()
while not (died.exists() and len(died.read_text()) >= 3) and watching.is_alive():
    watching.join(0.05)
supervised.stopping.set()
watching.join()
supervised.stop()
died.with_name("ended").touch()
"""


def run(script: str, settings: Settings, *arguments: str) -> int:
    with FULL.open("wb") as full:
        command = [sys.executable, "-c", script, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment(settings), stdout=full, stderr=full, check=False
        ).returncode


def test_every_request_is_answered(settings: Settings) -> None:
    assert run(ANSWER, settings) == 0


def test_parts_that_die_are_started_again(settings: Settings, tmp_path: Path) -> None:
    run(SUPERVISE, settings, str(tmp_path / "died"))
    assert len((tmp_path / "died").read_text()) >= 3
    assert (tmp_path / "ended").exists()
