"""What every answer and every unsafe request must satisfy: headers, the same site, a bounded body."""

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden, NotFound

from web.current import settings

BODY_LIMIT = 2 * 1024 * 1024
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
# Where codes are read: the scanner, the worker it starts (whose own answer says what it may), and the scanner's bench.
SCANNING = frozenset({"/door/", "/door/reader.js", "/door/bench"})
# The scanner reads codes with WebAssembly, in a worker, from the camera's pictures, and plays its tones.
_DOOR = {"script-src": "'self' 'wasm-unsafe-eval'", "worker-src": "'self'", "img-src": "'self' data: blob:"}
_DOOR |= {"media-src": "'self' data: blob:"}


def _written(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())


PAGE_POLICY = _written(_POLICY)
DOOR_POLICY = _written(_POLICY | _DOOR)


def plug_into(app: Flask) -> None:
    """Check every request and complete every answer of the app."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.config["MAX_FORM_MEMORY_SIZE"] = BODY_LIMIT
    app.before_request(refuse_what_no_page_has)
    app.before_request(refuse_other_sites)
    app.after_request(add_headers)


def refuse_what_no_page_has() -> None:
    """Refuse an address with NUL, which no text in the database can hold. Raises NotFound."""
    if "\0" in request.path:
        raise NotFound


def refuse_other_sites() -> None:
    """Refuse what another site makes a browser send. Raises Forbidden.

    Browsers say Sec-Fetch-Site (older ones Origin); programs say neither, and hold no cookie that could be abused.
    """
    if request.method not in SAFE and not _is_same_site():
        raise Forbidden


def _is_same_site() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.host


def add_headers(response: Response) -> Response:
    """Tell the browser what this page may do: nothing but what it needs."""
    is_door = request.path in SCANNING
    headers = {
        "Content-Security-Policy": DOOR_POLICY if is_door else PAGE_POLICY,
        "Permissions-Policy": f"camera=({'self' if is_door else ''}), microphone=(), geolocation=(), payment=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if settings().base_url.startswith("https:"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response
