"""Clients that take their time: connections that are opened, send little, and stay open until the block ends."""

import contextlib
import http.client
import resource
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MOST_FILES = 8_000


@dataclass(frozen=True)
class Address:
    """The address of a web tier on this machine."""

    port: int
    has_tls: bool = False

    def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None, *, timeout: float = 10, **headers: str
    ) -> tuple[int, float]:
        """Return the status that a new connection is answered with, 0 for none, and the seconds until then."""
        began = time.monotonic()
        body = urlencode(fields) if fields else None
        with self.connection(timeout) as connection:
            try:
                connection.request(method, path, body, (FORM if fields else {}) | headers)
                status = connection.getresponse().status
            except (OSError, http.client.HTTPException):
                status = 0
        return status, time.monotonic() - began

    @contextlib.contextmanager
    def connection(self, timeout: float = 10) -> Iterator[http.client.HTTPConnection]:
        """Open a connection for as long as the block runs."""
        if self.has_tls:
            opened: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=timeout, context=any_certificate()
            )
        else:
            opened = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with contextlib.closing(opened):
            yield opened


@dataclass
class Siege:
    """Open connections to a server."""

    address: Address
    connections: list[socket.socket] = field(default_factory=list)

    def hold(self, count: int, sent: bytes = b"", *, is_answered: bool = False) -> None:
        """Open connections that send this and no more; with `is_answered`, read the answer first."""
        tls = any_certificate() if self.address.has_tls else None
        for _ in range(count):
            opened = socket.create_connection(("127.0.0.1", self.address.port), timeout=10)
            if tls and sent:
                opened = tls.wrap_socket(opened)
            self.connections.append(opened)
            opened.sendall(sent)
            if is_answered:
                assert opened.recv(4096)

    def closed(self) -> int:
        """Return the number of connections that the server has closed."""
        return sum(map(_is_closed, self.connections))


def _is_closed(connection: socket.socket) -> bool:
    connection.settimeout(0)
    try:
        while connection.recv(4096):
            pass
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        pass
    return True


def any_certificate() -> ssl.SSLContext:
    """Return a TLS context that accepts any certificate: this is our own machine."""
    return ssl._create_unverified_context()


@contextlib.contextmanager
def siege(address: Address) -> Iterator[Siege]:
    """Besiege a server for as long as the block runs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, MOST_FILES), hard), hard))
    besieged = Siege(address)
    try:
        yield besieged
    finally:
        for connection in besieged.connections:
            connection.close()
