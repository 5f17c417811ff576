"""The plan of `turnout up`: each part's program, and the environment that all of them get."""

import os
import socket
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from shared.command.front import Listening
from shared.command.home import Home
from shared.command.orphans import MARK
from shared.command.processes import Process
from shared.command.sockets import folder_for
from shared.command.web import web_processes

# Settings that an operator may still choose; everything else is ours.
PASSED_ON = ("TURNOUT_LOG_LEVEL", "TURNOUT_RATE_LIMITS", "TURNOUT_POOL")

FILLED = "  The demo's sample evenings are complete."


@dataclass(frozen=True)
class Endpoint:
    """The endpoint of an installation: this machine only, or its network with TLS."""

    address: str
    port: int
    lan: bool = False

    @property
    def host(self) -> str:
        """Return the address to listen on."""
        return "0.0.0.0" if self.lan else "127.0.0.1"  # noqa: S104 - that is what --lan asks for

    @property
    def base_url(self) -> str:
        """Return the address that people open."""
        return f"{'https' if self.lan else 'http'}://{self.address}:{self.port}"


@dataclass(frozen=True)
class Plan:
    """The parts of one installation that are written in Python; web and worker have `processes` each."""

    home: Home
    endpoint: Endpoint
    environment: dict[str, str]
    processes: int = 2

    def mailbox(self, port: int) -> Process:
        """Return the mail server that delivers to a folder."""
        arguments = ("shared.command.mailbox", "--port", port, "--directory", self.home.mailbox)
        return self._part("mailbox", *arguments, answers=lambda: listens(port))

    def preparation(self) -> Process:
        """Return the migrations and the demo; it ends by itself and prints the tour."""
        return self._part("preparation", "shared.command.preparation")

    def history(self) -> Process:
        """Return the filling of the demo's sample evenings; it ends by itself."""
        return self._part("history", "shared.command.demo.history", patience=1, done=FILLED)

    def certificate(self) -> Process:
        """Return the making of the certificate where one is needed; it ends by itself and prints the fingerprint."""
        return self._part("certificate", "shared.command.certificate", self.home.path, self.endpoint.address)

    def worker(self) -> Process:
        """Return the worker, which sends queued messages."""
        return self._part("worker", "shared.command", "worker", "--concurrency", self.processes, patience=8)

    def scheduler(self) -> Process:
        """Return the scheduler, which sends the worker its ticks."""
        return self._part("scheduler", "shared.command", "scheduler", patience=3)

    def web(self) -> list[Process]:
        """Return the web tier, which serves pages and doors."""
        listening = Listening(self.endpoint.host, self.endpoint.port, asked_at="/readyz")
        if self.endpoint.lan:
            certificate, key = (self.home.path / name for name in ("certificate.pem", "key.pem"))
            listening = replace(listening, certificate=certificate, key=key)
        folder = folder_for("front.sock", self.home.work)
        return web_processes(listening, folder, self.environment, workers=self.processes)

    def _part(self, name: str, *command: object, **fields: object) -> Process:
        words = (sys.executable, "-m", *map(str, command))
        return Process(name, words, self.home.work, self.environment, **fields)  # type: ignore[arg-type]  # fields of Part


def environment(home: Home, endpoint: Endpoint, **addresses: str) -> dict[str, str]:
    """Return the whole environment of the parts; nothing of ours gets in by accident."""
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    variables = {
        MARK: str(home.path),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",  # glibc's default of 8 a core costs 20 MB a process
        "SECRET_KEY": home.secret(),
        "BASE_URL": endpoint.base_url,
        "MAIL_FROM": "Turnout <turnout@localhost>",
        "TURNOUT_MAILBOX": str(home.mailbox),
    }
    return passed_on | variables | addresses


def listens(port: int) -> bool:
    """Return True if a process listens on this port of this machine."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0
