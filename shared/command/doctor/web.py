"""Checks of the web tier from outside, as people reach it: its address, its certificate, and the mailbox page."""

import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from shared import clock, links
from shared.command.doctor.examination import Fault, Installation
from shared.command.home import lan_address
from shared.command.processes import CannotStart

PATIENCE = 5
RENEWED_BEFORE = timedelta(days=14)
PORTS = {"http": 80, "https": 443}
OURS = 8000
"""The port of `turnout web` behind a proxy, unless another one is chosen."""


@dataclass(frozen=True)
class Answer:
    """An answer to a request."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_ours(self) -> bool:
        """Return whether it is what /healthz says."""
        try:
            return self.status == http.HTTPStatus.OK and json.loads(self.body) == {"status": "alive"}
        except ValueError:
            return False


def answers(installation: Installation) -> Iterator[Fault]:
    """Find an address at which no Turnout answers, or not as people's browsers need it."""
    base_url = installation.settings.base_url
    try:
        health = _ask(installation, "/healthz")
        start = _ask(installation, "/")
    except ssl.SSLError:
        return  # which the next check explains
    except (OSError, http.client.HTTPException) as error:
        yield Fault(f"{base_url} does not answer this machine ({_reason(error)})", _cause(installation))
        return
    if not health.is_ours:
        yield Fault(f"another program answers at {base_url}", _cause(installation))
    elif start.status == http.HTTPStatus.MISDIRECTED_REQUEST:
        yield Fault(f"the proxy at {base_url} hides the requested name", "let it pass `Host` on")
    elif not installation.settings.turnout_trusted_proxies and (name := _proxy(health)):
        wrong = f"a proxy ({name}) stands in front, so all visitors share one rate limit"
        yield Fault(wrong, "set TURNOUT_TRUSTED_PROXIES=1")


def _proxy(answer: Answer) -> str:
    """Return what a proxy calls itself; our own front deletes both headers."""
    return answer.headers.get("server", "") or answer.headers.get("via", "")


def _cause(installation: Installation) -> str:
    """Return what to do about a web tier that does not answer, by what listens at its port of this machine."""
    base = urlsplit(installation.settings.base_url)
    port = (base.port or PORTS[base.scheme]) if installation.settings.is_local else OURS
    try:
        health = _request(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE), "/healthz")
    except OSError:
        return f"start `turnout web`, since nothing answers at port {port} here either"
    except http.client.HTTPException:
        return f"stop the other program at port {port}, or choose another with --port"
    if not health.is_ours:
        return f"stop the other program at port {port}, or choose another with --port"
    return f"correct its DNS record or the proxy, since `turnout web` answers at port {port} here"


def certificate(installation: Installation) -> Iterator[Fault]:
    """Find a certificate that browsers refuse, or will refuse soon."""
    base = urlsplit(installation.settings.base_url)
    if base.scheme != "https":
        return
    host = base.hostname or ""
    try:
        with (
            socket.create_connection((host, base.port or PORTS["https"]), PATIENCE) as connection,
            _trusting(installation).wrap_socket(connection, server_hostname=host) as line,
        ):
            ends = _end(line)
    except ssl.SSLCertVerificationError as error:
        yield Fault(f"browsers refuse the certificate of {host} ({error.verify_message})", "renew it")
    except ssl.SSLError as error:
        yield Fault(f"{host} does not speak https ({error.reason})", "give the proxy a certificate")
    except OSError:
        return  # which the check before explains
    else:
        if ends - clock.now() < RENEWED_BEFORE:
            yield Fault(f"the certificate of {host} ends on {ends:%Y-%m-%d}", "renew it, and find out why nothing did")


def _end(line: ssl.SSLSocket) -> datetime:
    end = (line.getpeercert() or {})["notAfter"]
    return clock.from_milliseconds(ssl.cert_time_to_seconds(str(end)) * 1000)


def mailbox(installation: Installation) -> Iterator[Fault]:
    """Find a page with everyone's emails that is open to the network of this machine."""
    base = urlsplit(installation.settings.base_url)
    if not (installation.settings.turnout_mailbox and installation.settings.is_local):
        return  # there is no such page
    try:
        port = base.port or PORTS["http"]
        connection = http.client.HTTPConnection(lan_address(), port, timeout=PATIENCE)
        answer = _request(connection, links.mailbox(), {"Host": f"localhost:{port}"})
    except (OSError, http.client.HTTPException, CannotStart):
        return
    if answer.status == http.HTTPStatus.OK:
        wrong = f"everyone in this network reads all emails at {links.mailbox()}"
        yield Fault(wrong, "unset TURNOUT_MAILBOX, or listen on 127.0.0.1 only")


def _ask(installation: Installation, path: str) -> Answer:
    base = urlsplit(installation.settings.base_url)
    host, port = base.hostname or "", base.port or PORTS[base.scheme]
    if base.scheme == "http":
        return _request(http.client.HTTPConnection(host, port, timeout=PATIENCE), path)
    context = _trusting(installation)
    return _request(http.client.HTTPSConnection(host, port, timeout=PATIENCE, context=context), path)


def _request(connection: http.client.HTTPConnection, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    with closing(connection):
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


def _trusting(installation: Installation) -> ssl.SSLContext:
    """Return a context that also trusts the certificate that `turnout up --lan` made itself."""
    context = ssl.create_default_context()
    own = installation.folder / "certificate.pem" if installation.folder else None
    if own and own.exists():
        context.load_verify_locations(own)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", "") or str(error) or type(error).__name__
