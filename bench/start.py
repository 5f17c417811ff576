"""`python -m bench.start`: the start of `turnout up` until it is ready, on a new folder and again, and its memory."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bench import memory
from shared.command.home import free_port
from shared.command.orphans import orphans

TURNOUT = (sys.executable, "-m", "shared.command", "up")
QUIET_AFTER = 10
"""Seconds after which nothing that the start set off is still running."""


@click.command()
def main() -> None:
    """Start everything twice on a folder of its own, and print seconds and MB."""
    with tempfile.TemporaryDirectory(prefix="turnout-", dir="/var/tmp") as name:
        data = Path(name) / "data"
        for which in ("new folder", "again"):
            with _started(data) as (seconds, supervisor):
                time.sleep(QUIET_AFTER)
                processes = {supervisor, *(orphan.pid for orphan in orphans(data))}
                megabytes = sum(memory.share(process) for process in processes)
            click.echo(f"{which:<12}ready in {seconds:5.1f} s, idle {megabytes:5.0f} MB in {len(processes)} processes")


@contextmanager
def _started(data: Path) -> Iterator[tuple[float, int]]:
    """Run `turnout up`, and yield the seconds until its tour is printed, and the supervisor's process."""
    began = time.monotonic()
    command = [*TURNOUT, "--port", str(free_port()), "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            if not any("ready in" in line for line in process.stdout):
                sys.exit("turnout up ended before it was ready")
            yield time.monotonic() - began, process.pid
        finally:
            process.send_signal(signal.SIGTERM)


if __name__ == "__main__":
    main()
