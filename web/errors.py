"""What a refusal looks like from outside: each domain error's status and words, in one table.

Pages get a translated page, the API problem+json (RFC 9457) with a stable `type`; neither ever gets a stack or SQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from flask import Flask, Response, current_app, jsonify, make_response, redirect, render_template, request
from pydantic import ValidationError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shared.errors import (
    Busy,
    Conflicting,
    Counted,
    Crowded,
    DomainError,
    Full,
    Invalid,
    Missing,
    NotAllowed,
    NotOpen,
    Refused,
    Unidentified,
)
from shared.i18n import deferred, format_number, gettext
from web.current import settings
from web.templating import this_page

log = structlog.get_logger()


@dataclass(frozen=True)
class Answer:
    """A status, what happened, and what to do next; both are messages to translate."""

    status: int
    title: str
    advice: str


ANSWERS: Mapping[type[DomainError], Answer] = {
    DomainError: Answer(409, deferred("This is not possible"), deferred("Go back and try again.")),
    Refused: Answer(409, deferred("This is not possible now"), deferred("Go back and try again.")),
    Full: Answer(409, deferred("No seats left"), deferred("You can come back later: seats become free again.")),
    Crowded: Answer(409, deferred("This is not possible now"), deferred("Try again in half an hour.")),
    NotOpen: Answer(409, deferred("Registration is closed"), deferred("See the event's page for when it opens.")),
    Conflicting: Answer(
        409, deferred("This has changed meanwhile"), deferred("Open the page again and see how it is now.")
    ),
    Invalid: Answer(422, deferred("Something is not filled in right"), deferred("Go back and correct it.")),
    Counted: Answer(422, deferred("Something is not filled in right"), deferred("Go back and correct it.")),
    Busy: Answer(503, deferred("Many people are signing in"), deferred("Go back and try again in a few seconds.")),
    Missing: Answer(
        404, deferred("There is no such page"), deferred("Check the address, or start from the list of events.")
    ),
    NotAllowed: Answer(
        403,
        deferred("This is not yours to see"),
        deferred("Ask for access, or sign in with another account."),
    ),
    Unidentified: Answer(401, deferred("Please sign in"), deferred("Sign in to go on.")),
}

HTTP_ANSWERS: Mapping[int, Answer] = {
    400: Answer(400, deferred("This request is not understood"), deferred("Go back and try again.")),
    403: Answer(
        403,
        deferred("This came from another site"),
        deferred("Open the page here and send the form again."),
    ),
    404: ANSWERS[Missing],
    405: Answer(405, deferred("This address does something else"), deferred("Start from the list of events.")),
    413: Answer(
        413,
        deferred("This is too large"),
        deferred("Send at most %(kilobytes)s kB and %(fields)s fields."),
    ),
    414: Answer(414, deferred("This address is too long"), deferred("Start from the list of events.")),
    415: Answer(415, deferred("This format is not understood"), deferred("Send JSON.")),
    421: Answer(421, deferred("This is not our address"), deferred("Open %(address)s instead.")),
    422: ANSWERS[Invalid],
    429: Answer(429, deferred("Too many at once"), deferred("Wait a minute and try again.")),
    431: Answer(
        431,
        deferred("Your browser sends too much with each page"),
        deferred("Delete the cookies of this site and open the page again."),
    ),
    500: Answer(
        500,
        deferred("Something went wrong here"),
        deferred("It is our mistake, and it is noted. Try again later."),
    ),
    503: Answer(503, deferred("Not available at the moment"), deferred("Try again in a minute.")),
}
LATER = (
    (900, deferred("Try again in an hour.")),
    (60, deferred("Try again in a quarter of an hour.")),
)
"""What to do when a limit is reached that counts for longer than so many seconds."""
_NAMES = {400: "not-understood", 403: "cross-site", 404: "missing", 405: "method", 413: "too-large", 415: "format"}
_NAMES |= {414: "address-too-long", 421: "misdirected", 431: "headers-too-large"}
_NAMES |= {422: "invalid", 429: "too-many", 500: "internal", 503: "unavailable"}


BUSY_SECONDS = 3
"""After how long who came while too much was going on may come again."""


def answer_to(error: DomainError) -> Answer:
    """The answer to a domain error: its own, else that of the nearest class above it."""
    return next(ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS)


def plug_into(app: Flask) -> None:
    """Have every error of the app answered here."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(ValidationError, _validation_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DataError, _no_such_value)
    app.register_error_handler(RecursionError, _no_such_value)
    for kind in (OperationalError, NoConnection):
        app.register_error_handler(kind, _database_away)


def _domain_error(error: DomainError) -> Response:
    answer = answer_to(error)
    faults = [{"field": error.field, "reason": error.reason}] if isinstance(error, Invalid) else None
    response = _respond(answer, error.reason.replace("_", "-"), faults)
    if answer.status == 503:
        response.headers["Retry-After"] = str(BUSY_SECONDS)
    if answer.status == 401 and _wants_json():
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _validation_error(error: ValidationError) -> Response:
    faults = [
        {"field": ".".join(map(str, fault["loc"])), "reason": fault["type"]}
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return _respond(HTTP_ANSWERS[422], _NAMES[422], faults)


def _http_error(error: HTTPException) -> Response:
    given = error.get_response()
    if error.code is None or error.code < 400:
        return make_response(given)
    if isinstance(error, MethodNotAllowed) and request.method == "GET" and not _wants_json():
        return make_response(redirect(_page_above(request.path), 303))
    status = error.code if error.code in HTTP_ANSWERS else 500 if error.code > 500 else 400
    response = _respond(_in_time(HTTP_ANSWERS[status], error), _NAMES[status])
    for header in ("Allow", "Retry-After"):
        if header in given.headers:
            response.headers[header] = given.headers[header]
    return response


def _in_time(answer: Answer, error: HTTPException) -> Answer:
    """The answer with how long to wait, where a minute is not enough."""
    seconds = getattr(error, "retry_after", None)
    if not isinstance(seconds, int):
        return answer
    return next((replace(answer, advice=advice) for longer, advice in LATER if seconds > longer), answer)


def _page_above(path: str) -> str:
    """The nearest page above the address that a form is sent to: where a reload after its answer leads."""
    pages = current_app.create_url_adapter(request)
    above = path
    while pages and above != "/":
        above = above.rstrip("/").rpartition("/")[0] or "/"
        for page in (above.rstrip("/") + "/", above):
            if pages.test(page, "GET"):
                return page
    return "/"


def _no_such_value(error: Exception) -> Response:
    """A number or text that no column can hold, or JSON too deep to read: there is no such thing."""
    log.warning("no such value", error=type(error).__name__)
    status = 404 if request.method in {"GET", "HEAD"} else 422
    return _respond(HTTP_ANSWERS[status], _NAMES[status])


def _database_away(error: Exception) -> Response:
    log.error("database", error=type(error).__name__, reason=str(getattr(error, "orig", error)).splitlines()[:1])
    response = _respond(HTTP_ANSWERS[503], _NAMES[503])
    response.headers["Retry-After"] = "5"
    return response


def _wants_json() -> bool:
    return request.path.startswith("/api/") or request.path.endswith(".json")


def _figures() -> dict[str, str]:
    """What an advice may name: how much this request could hold, and where we are."""
    return {
        "kilobytes": format_number((request.max_content_length or 0) // 1024),
        "fields": format_number(request.max_form_parts or 0),
        "address": settings().base_url,
    }


def _respond(answer: Answer, name: str, faults: list[dict[str, Any]] | None = None) -> Response:
    if not _wants_json():
        # A form cannot be sent again by opening its address, so signing in leads elsewhere.
        after = this_page() if request.method == "GET" else "/organize/"
        words = {
            "advice": gettext(answer.advice) % _figures(),
            "site": settings().base_url if answer.status == 421 else "",
        }
        page = render_template("errors/error.html", answer=answer, next=after, email="", wrong=False, **words)
        response = make_response(page, answer.status)
    else:
        problem = {"type": f"/problems/{name}", "title": gettext(answer.title), "status": answer.status}
        response = jsonify({**problem, **({"errors": faults} if faults else {})})
        response.status_code = answer.status
        response.mimetype = "application/problem+json"
    response.headers["Cache-Control"] = "no-store"
    return response
