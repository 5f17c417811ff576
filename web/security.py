"""The rules for every response and every unsafe request: the app's own host, the same site, security headers."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden, MisdirectedRequest, NotFound

from shared.config import is_loopback
from web.access import sign_in_cookie
from web.current import settings
from web.security_events import SecurityEvent, note
from web.templating import LANGUAGE_COOKIE
from web.ticket_cookie import COOKIE as TICKETS_COOKIE

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
PROBES = frozenset({"/healthz", "/readyz"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Pages that read codes: the scanner, its worker (whose own response sets its policy), and the scanner's speed test.
SCANNER_PATHS = frozenset({"/door/", "/door/reader.js", "/door/bench"})
# The scanner reads codes with WebAssembly, in a worker, from the camera's pictures, and plays its tones.
_DOOR = {"script-src": "'self' 'wasm-unsafe-eval'", "worker-src": "'self'", "img-src": "'self' data: blob:"}
_DOOR |= {"media-src": "'self' data: blob:"}


def _serialized(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())


PAGE_POLICY = _serialized(_POLICY)
DOOR_POLICY = _serialized(_POLICY | _DOOR)


def plug_into(app: Flask) -> None:
    """Check every request and complete every response of the app."""
    app.before_request(refuse_foreign_hosts)
    app.before_request(refuse_control_characters)
    app.before_request(refuse_other_sites)
    app.after_request(add_headers)


def refuse_foreign_hosts() -> None:
    """Refuse a request for another host: a page must not lead there. Raises MisdirectedRequest.

    The app's hosts are that of BASE_URL and this machine itself, on any port; probes may use any address.
    """
    if request.path in PROBES or _is_ours(_host_name(), settings().base_url):
        return
    note(SecurityEvent.FOREIGN_HOST)
    raise MisdirectedRequest


def _host_name() -> str:
    """Return the requested host without its port; empty if it is not a valid host."""
    # werkzeug leaves request.host empty unless it is a name or an address with a port: for two hosts in one, say.
    return urlsplit(f"//{request.host}").hostname or ""


@lru_cache(maxsize=64)
def _is_ours(name: str, base_url: str) -> bool:
    base = urlsplit(base_url).hostname or ""
    return name == base.encode("idna").decode() or is_loopback(name)


def refuse_control_characters() -> None:
    """Refuse an address with NUL, which no text in the database can hold, or with a line break, which no header can.

    Raises NotFound.
    """
    if _CONTROL.search(request.path):
        raise NotFound


def refuse_other_sites() -> None:
    """Refuse a request that another site makes a browser send. Raises Forbidden.

    Browsers send Sec-Fetch-Site where there is TLS, older ones and the rest Origin; programs send neither, and have no
    cookie of ours that could be abused.
    """
    if request.method not in SAFE and not _is_same_site():
        note(SecurityEvent.CROSS_SITE)
        raise Forbidden


def _is_same_site() -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in {"same-origin", "none"}
    if origin is not None:
        return origin in _own_origins()
    return request.cookies.keys().isdisjoint({sign_in_cookie(), TICKETS_COOKIE, LANGUAGE_COOKIE})


def _own_origins() -> set[str]:
    """Return the origins of BASE_URL and of the requested host: the same one on another port, or this machine."""
    base = urlsplit(settings().base_url)
    # Behind an untrusted proxy it is not known whether there was TLS; BASE_URL says it.
    scheme = request.scheme if is_loopback(_host_name()) else base.scheme
    return {f"{base.scheme}://{base.netloc}", f"{scheme}://{request.host}"}


def add_headers(response: Response) -> Response:
    """Add the headers that restrict what a page may do, and who may embed it, to what it needs."""
    is_door = request.path in SCANNER_PATHS
    headers = {
        "Content-Security-Policy": DOOR_POLICY if is_door else PAGE_POLICY,
        "Permissions-Policy": f"camera=({'self' if is_door else ''}), microphone=(), geolocation=(), payment=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if settings().base_url.startswith("https:"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if response.status_code == 308:
        # werkzeug's own, for a missing slash: a browser may cache it for ever.
        headers["Cache-Control"] = "no-cache"
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response
