"""`turnout web`, `worker`, `scheduler`: start the real servers, with settings that were checked first.

Named as programs, not imported: shared knows neither Flask nor Celery, and the web process never loads Celery.
"""

import os
import socket
import ssl
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

import click

from shared.command import first_account
from shared.command.arguments import PORT, PROCESSES, WrongInput
from shared.command.front import Listening
from shared.command.logs import Screen
from shared.command.supervisor import Stopped, Supervisor
from shared.command.web import web_processes
from shared.config import read_settings

FILE = click.Path(exists=True, path_type=Path, resolve_path=True)


def _become(module: str, *arguments: object) -> NoReturn:
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *map(str, arguments)])  # noqa: S606 - that is what it is for


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=PORT)
@click.option("--workers", default=2, show_default=True, type=PROCESSES, help="Processes.")
@click.option("--threads", default=4, show_default=True, type=PROCESSES, help="Threads in each.")
@click.option("--certificate", type=FILE, help="TLS: a PEM file, with --key.")
@click.option("--key", type=FILE, help="TLS: the certificate's PKCS#8 key.")
def web(host: str, port: int, workers: int, threads: int, certificate: Path | None, key: Path | None) -> None:
    """Serve the pages and the doors' API; a process that hangs is replaced."""
    settings = read_settings()
    _require_certificate(certificate, key)
    _require_address(host, port)
    if sentence := first_account.sentence(settings):
        click.echo(sentence)
    listening = Listening(host, port, certificate, key, settings.turnout_trusted_proxies)
    supervisor = Supervisor(Screen, lambda line: None, name="web")
    supervisor.stop_on_signals()
    with tempfile.TemporaryDirectory(prefix="turnout-web-") as folder:
        processes = web_processes(listening, Path(folder), os.environ, workers=workers, threads=threads)
        try:
            supervisor.start(*processes)
            supervisor.watch()
        except Stopped:
            pass
        finally:
            supervisor.stop()


def _require_certificate(certificate: Path | None, key: Path | None) -> None:
    if bool(certificate) != bool(key):
        raise click.UsageError("--certificate and --key go together")
    if certificate:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
        except OSError:  # OpenSSL's words for it are "PEM lib"; without a password it would ask for one
            raise WrongInput("--certificate and --key are not PEM files of a certificate and its key") from None


def _require_address(host: str, port: int) -> None:
    try:
        socket.getaddrinfo(host, port, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise WrongInput(f"--host {host}: {error.strerror}") from None


@click.command()
@click.option("--concurrency", default=2, show_default=True, type=PROCESSES, help="Processes.")
def worker(concurrency: int) -> None:
    """Send queued emails and compile the reports of events that are over."""
    read_settings()
    _become("worker", concurrency)


@click.command()
def scheduler() -> None:
    """Send the workers their ticks. Two at once are harmless."""
    read_settings()
    # It has no memory between starts: the work of a missed tick is done at the next.
    _become("worker.scheduler")
