"""`turnout web`, `worker`, `scheduler`: start the real servers, with settings that were checked first.

Named as programs, not imported: shared knows neither Flask nor Celery, and the web process never loads Celery.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

import click

from shared.command import first_account
from shared.command.front import Listening
from shared.command.logs import Screen, say
from shared.command.supervisor import Stopped, Supervisor
from shared.command.web import web_processes
from shared.config import read_settings

FILE = click.Path(exists=True, path_type=Path, resolve_path=True)


def _become(module: str, *arguments: object) -> NoReturn:
    os.execv(sys.executable, [sys.executable, "-m", module, *map(str, arguments)])  # noqa: S606 - that is what it is for


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--threads", default=4, show_default=True, help="Threads in each.")
@click.option("--certificate", type=FILE, help="TLS: a PEM file, with --key.")
@click.option("--key", type=FILE, help="TLS: the certificate's PKCS#8 key.")
def web(host: str, port: int, workers: int, threads: int, certificate: Path | None, key: Path | None) -> None:
    """Serve the pages and the doors' API; a process that hangs is replaced, and SIGHUP replaces each in turn."""
    settings = read_settings()
    if bool(certificate) != bool(key):
        raise click.UsageError("--certificate and --key go together")
    if sentence := first_account.sentence(settings):
        say(sentence)
    listening = Listening(host, port, certificate, key, settings.turnout_trusted_proxies)
    supervisor = Supervisor(Screen, lambda line: None, name="web")
    supervisor.stop_on_signals()
    if not sys.stderr.isatty():  # else a hangup is the terminal's end
        supervisor.renew_on_hangup()
    with tempfile.TemporaryDirectory(prefix="turnout-web-") as folder:
        processes = web_processes(listening, Path(folder), os.environ, workers=workers, threads=threads)
        try:
            supervisor.start(*processes)
            supervisor.watch()
        except Stopped:
            pass
        finally:
            supervisor.stop()


@click.command()
@click.option("--concurrency", default=2, show_default=True, help="Processes.")
def worker(concurrency: int) -> None:
    """Send queued emails and compile the reports of events that are over."""
    settings = read_settings()
    _become(
        "celery",
        *("--quiet", "-A", "worker.app", "worker", "--pool", "prefork"),
        *("--concurrency", concurrency),
        # They cost messages and start-up time, and nothing here listens to them.
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        # A name of its own, so that several workers on one machine can be distinguished.
        *("--hostname", f"worker-{os.getpid()}@%h", "--loglevel", settings.turnout_log_level.upper()),
    )


@click.command()
def scheduler() -> None:
    """Send the workers their ticks. Two at once are harmless."""
    settings = read_settings()
    _become(
        "celery",
        # It has no memory between starts: the work of a missed tick is done at the next.
        *("--quiet", "-A", "worker.app", "beat", "--scheduler", "worker.scheduler:Scheduler"),
        *("--loglevel", settings.turnout_log_level.upper()),
    )
