"""What `turnout up` runs: each part's program, and the environment that all of them get."""

import http.client
import os
import socket
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path

from shared.command.home import Home
from shared.command.orphans import MARK
from shared.command.parts import Part

# Settings that an operator may still choose; everything else is ours.
PASSED_ON = ("TURNOUT_LOG_LEVEL", "TURNOUT_RATE_LIMITS", "TURNOUT_POOL")


@dataclass(frozen=True)
class Place:
    """Where the service is reached: by this machine only, or by its network with TLS."""

    address: str
    port: int
    lan: bool = False

    @property
    def host(self) -> str:
        """What to listen on."""
        return "0.0.0.0" if self.lan else "127.0.0.1"  # noqa: S104 - that is what --lan asks for

    @property
    def base_url(self) -> str:
        """The address that people open."""
        return f"{'https' if self.lan else 'http'}://{self.address}:{self.port}"


@dataclass(frozen=True)
class Plan:
    """The parts of one installation that are written in Python."""

    home: Home
    place: Place
    environment: dict[str, str]

    def mailbox(self, port: int) -> Part:
        """The mail server that delivers to a folder."""
        arguments = ("shared.command.mailbox", "--port", port, "--directory", self.home.mailbox)
        return self._part("mailbox", *arguments, answers=lambda: listens(port))

    def preparation(self) -> Part:
        """Migrations and demo; ends by itself and prints the tour."""
        return self._part("preparation", "shared.command.preparation")

    def certificate(self) -> Part:
        """Makes the certificate where it is needed; ends by itself and prints the fingerprint."""
        return self._part("certificate", "shared.command.certificate", self.home.path, self.place.address)

    def worker(self) -> Part:
        """Sends what was promised."""
        return self._part("worker", "shared.command", "worker", patience=8)

    def scheduler(self) -> Part:
        """Sends the worker its ticks."""
        return self._part("scheduler", "shared.command", "scheduler", patience=3)

    def web(self) -> Part:
        """Serves pages and doors."""
        files = ("--certificate", self.home.path / "certificate.pem", "--key", self.home.path / "key.pem")
        arguments = ("--host", self.place.host, "--port", self.place.port, *(files if self.place.lan else ()))
        return self._part("web", "shared.command", "web", *arguments, patience=6, answers=lambda: is_ready(self.place))

    def _part(self, name: str, *command: object, **more: object) -> Part:
        words = (sys.executable, "-m", *map(str, command))
        return Part(name, words, self.home.work, self.environment, **more)  # type: ignore[arg-type]  # fields of Part


def environment(home: Home, place: Place, **addresses: str) -> dict[str, str]:
    """Everything that the parts are told; nothing of ours gets in by accident."""
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    ours = {
        MARK: str(home.path),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",  # glibc's default of 8 a core costs 20 MB a process
        "SECRET_KEY": home.secret(),
        "BASE_URL": place.base_url,
        "MAIL_FROM": "Turnout <turnout@localhost>",
        "TURNOUT_MAILBOX": str(home.mailbox),
    }
    return passed_on | ours | addresses


def is_ready(place: Place) -> bool:
    """Whether the web tier and what it needs answer."""
    if not place.lan:
        return _asked(http.client.HTTPConnection("127.0.0.1", place.port, timeout=5))
    # The certificate is our own and this is our own machine: there is nobody to be sure of.
    unverified = ssl._create_unverified_context()  # noqa: S323 - see above
    return _asked(http.client.HTTPSConnection("127.0.0.1", place.port, timeout=5, context=unverified))


def _asked(connection: http.client.HTTPConnection) -> bool:
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def listens(port: int) -> bool:
    """Whether somebody listens on this port of this machine."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0
