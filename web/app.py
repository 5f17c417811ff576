"""The web tier: create_app() lists everything that is plugged in."""

import re
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from jinja2 import BaseLoader, FileSystemLoader
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from shared import i18n
from shared.config import LANGUAGES, Settings
from shared.database import make_engine, make_sessions
from web import bounds, compression, errors, metrics, routes, security, templating
from web.blueprints import BLUEPRINTS
from web.current import Resources
from web.limits import Limiter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HERE = Path(__file__).parent
YEAR_SECONDS = 31_536_000
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

log = structlog.get_logger()


class Web(Flask):
    """Flask, with errors logged without the path, static files cached where their address changes with their content,
    and templates beside the views that show them.
    """

    @property
    def jinja_loader(self) -> BaseLoader:
        """Return the loader of templates: a name is a path below web/templates, else below web."""
        return FileSystemLoader([HERE / "templates", HERE])

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        return YEAR_SECONDS if "v" in request.args or (filename or "").endswith(".woff2") else None

    def log_exception(
        self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None] | None
    ) -> None:
        log.error("failed", route=_route(), exc_info=exc_info)


def create_app(settings: Settings, *, resources: Resources | None = None) -> Flask:
    """Create the application; tests pass their own resources."""
    app = Web("web")
    app.extensions["turnout"] = resources or make_resources(settings, make_engine(settings))
    app.before_request(_begin)
    bounds.plug_into(app)
    compression.plug_into(app)
    templating.plug_into(app)
    security.plug_into(app)
    errors.plug_into(app)
    routes.plug_into(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.after_request(_log)
    metrics.plug_into(app)
    _trust(app, settings)
    return app


def make_resources(settings: Settings, engine: Engine) -> Resources:
    """Return the resources of an app that runs on an engine."""
    metrics.count_statements(engine)
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    limiter = Limiter(
        settings.redis_url,
        settings.secrets[0],
        on=settings.turnout_rate_limits == "on",
        processes=settings.turnout_processes,
    )
    return Resources(settings, make_sessions(engine), make_sessions(autocommit), limiter)


def _trust(app: Flask, settings: Settings) -> None:
    """Believe the proxies in front of the app: each adds the address of its client; the outermost names the scheme and
    host, which the app's own front passes on.
    """
    outer, front = settings.turnout_trusted_proxies, int(settings.turnout_front)
    if outer or front:
        hops = max(outer, front)
        wsgi = ProxyFix(app.wsgi_app, x_for=outer + front, x_proto=hops, x_host=hops)
        app.wsgi_app = _with_client_address(wsgi) if front else wsgi  # type: ignore[method-assign,assignment]  # as Flask documents


def _with_client_address(wsgi: "WSGIApplication") -> "WSGIApplication":
    """Take the client's address from the front, even where fewer proxies were passed than configured, as by an operator
    who bypasses them. A socket file names no client, and the last address of the list is the front's own.
    """

    def with_client_address(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["REMOTE_ADDR"] = environ.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        return wsgi(environ, start_response)

    return with_client_address


def _begin() -> None:
    i18n.set_language(LANGUAGES[0])  # until the request's own is set: the thread still has that of its last request
    request_id = request.headers.get("X-Request-Id", "")
    g.began = time.perf_counter()
    g.request_id = request_id if _REQUEST_ID.fullmatch(request_id) else uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _log(response: Response) -> Response:
    milliseconds = round((time.perf_counter() - g.began) * 1000, 1)
    log.info("request", method=request.method, route=_route(), status=response.status_code, ms=milliseconds)
    response.headers["X-Request-Id"] = g.request_id
    return response


def _route() -> str | None:
    # Never the path: it may hold a token.
    return request.url_rule.rule if request.url_rule else None
