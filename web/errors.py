"""The response to each error: the status and words of every domain error, in one table.

Pages get a translated page, the API problem+json (RFC 9457) with a stable `type`; neither ever gets a stack trace or
SQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, NotRequired

import structlog
from flask import Flask, Response, current_app, jsonify, make_response, redirect, render_template, request
from pydantic import Field, ValidationError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from typing_extensions import TypedDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shared import links
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
from web.lanes import BUSY_SECONDS
from web.templating import this_page

log = structlog.get_logger()


class Fault(TypedDict):
    """A field of a request that is invalid, and why: words for programs."""

    field: str
    reason: str


class Problem(TypedDict):
    """An error (RFC 9457). `type` is stable, and `title` is a sentence in the language of the request."""

    type: Annotated[str, Field(pattern="^/problems/[a-z-]+$", examples=["/problems/device-revoked"])]
    title: str
    status: int
    errors: NotRequired[list[Fault]]


@dataclass(frozen=True)
class Answer:
    """A status, a title that says what happened, and advice on what to do; both are message ids."""

    status: int
    title: str
    advice: str


ANSWERS: Mapping[type[DomainError], Answer] = {
    DomainError: Answer(409, deferred("error.not_possible_title"), deferred("error.go_back")),
    Refused: Answer(409, deferred("error.not_possible_now_title"), deferred("error.go_back")),
    Full: Answer(409, deferred("error.no_seats_title"), deferred("email.check_back_later")),
    Crowded: Answer(409, deferred("error.not_possible_now_title"), deferred("error.try_in_30_minutes")),
    NotOpen: Answer(409, deferred("error.registration_closed_title"), deferred("error.see_when_it_opens")),
    Conflicting: Answer(409, deferred("error.changed_title"), deferred("error.open_again")),
    Invalid: Answer(422, deferred("error.invalid_title"), deferred("error.correct_it")),
    Counted: Answer(422, deferred("error.invalid_title"), deferred("error.correct_it")),
    Busy: Answer(503, deferred("error.busy_title"), deferred("error.go_back_in_seconds")),
    Missing: Answer(404, deferred("error.not_found_title"), deferred("error.check_address")),
    NotAllowed: Answer(
        403,
        deferred("error.no_access_title"),
        deferred("error.ask_for_access"),
    ),
    Unidentified: Answer(401, deferred("error.sign_in_title"), deferred("error.sign_in_to_continue")),
}

HTTP_ANSWERS: Mapping[int, Answer] = {
    400: Answer(400, deferred("error.bad_request_title"), deferred("error.go_back")),
    403: Answer(
        403,
        deferred("error.cross_site_title"),
        deferred("error.send_from_here"),
    ),
    404: ANSWERS[Missing],
    405: Answer(405, deferred("error.method_title"), deferred("error.start_from_events")),
    413: Answer(
        413,
        deferred("error.too_large_title"),
        deferred("error.send_at_most"),
    ),
    414: Answer(414, deferred("error.address_too_long_title"), deferred("error.start_from_events")),
    415: Answer(415, deferred("error.format_title"), deferred("error.send_json")),
    421: Answer(421, deferred("error.misdirected_title"), deferred("error.open_instead")),
    422: ANSWERS[Invalid],
    429: Answer(429, deferred("error.too_many_title"), deferred("error.wait_a_minute")),
    431: Answer(
        431,
        deferred("error.headers_title"),
        deferred("error.delete_cookies"),
    ),
    500: Answer(
        500,
        deferred("error.internal_title"),
        deferred("error.internal_advice"),
    ),
    503: Answer(503, deferred("error.unavailable_title"), deferred("error.try_in_a_minute")),
}
LONGER_WAITS = (
    (900, deferred("error.try_in_an_hour")),
    (60, deferred("error.try_in_15_minutes")),
)
"""The advice when a limit is reached whose window is longer than so many seconds."""
_NAMES = {400: "not-understood", 403: "cross-site", 404: "missing", 405: "method", 413: "too-large", 415: "format"}
_NAMES |= {414: "address-too-long", 421: "misdirected", 431: "headers-too-large"}
_NAMES |= {422: "invalid", 429: "too-many", 500: "internal", 503: "unavailable"}


def answer_to(error: DomainError) -> Answer:
    """Return the answer to a domain error: its own, else that of its nearest base class."""
    return next(ANSWERS[error_class] for error_class in type(error).__mro__ if error_class in ANSWERS)


def plug_into(app: Flask) -> None:
    """Register the error handlers of the app."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(ValidationError, _validation_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DataError, _no_such_value)
    app.register_error_handler(RecursionError, _no_such_value)
    for error_class in (OperationalError, NoConnection):
        app.register_error_handler(error_class, _database_away)


def _domain_error(error: DomainError) -> Response:
    answer = answer_to(error)
    faults: list[Fault] | None = None
    if isinstance(error, Invalid):
        faults = [{"field": error.field, "reason": error.reason}]
    response = _respond(answer, error.reason.replace("_", "-"), faults)
    if answer.status == 503:
        response.headers["Retry-After"] = str(BUSY_SECONDS)
    if answer.status == 401 and answers_in_json(request.path):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _validation_error(error: ValidationError) -> Response:
    faults: list[Fault] = [
        {"field": ".".join(map(str, fault["loc"])), "reason": fault["type"]}
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return _respond(HTTP_ANSWERS[422], _NAMES[422], faults)


def _http_error(error: HTTPException) -> Response:
    original = error.get_response()
    if error.code is None or error.code < 400:
        return make_response(original)
    if isinstance(error, MethodNotAllowed) and request.method == "GET" and not answers_in_json(request.path):
        return make_response(redirect(_page_above(request.path), 303))
    status = error.code if error.code in HTTP_ANSWERS else 500 if error.code > 500 else 400
    response = _respond(_in_time(HTTP_ANSWERS[status], error), _NAMES[status])
    for header in ("Allow", "Retry-After"):
        if header in original.headers:
            response.headers[header] = original.headers[header]
    return response


def _in_time(answer: Answer, error: HTTPException) -> Answer:
    """Return the answer with advice on how long to wait, where a minute is not enough."""
    seconds = getattr(error, "retry_after", None)
    if not isinstance(seconds, int):
        return answer
    return next((replace(answer, advice=advice) for longer, advice in LONGER_WAITS if seconds > longer), answer)


def _page_above(path: str) -> str:
    """Return the nearest page above the address of a form: the target of a reload after a POST."""
    pages = current_app.create_url_adapter(request)
    above = path
    while pages and above != "/":
        above = above.rstrip("/").rpartition("/")[0] or "/"
        for page in (above.rstrip("/") + "/", above):
            if pages.test(page, "GET"):
                return page
    return "/"


def _no_such_value(error: Exception) -> Response:
    """Answer 404 or 422 to a number or text that no column can hold, and to JSON nested too deeply to parse."""
    log.warning("no such value", error=type(error).__name__)
    status = 404 if request.method in {"GET", "HEAD"} else 422
    return _respond(HTTP_ANSWERS[status], _NAMES[status])


def _database_away(error: Exception) -> Response:
    log.error("database", error=type(error).__name__, reason=str(getattr(error, "orig", error)).splitlines()[:1])
    response = _respond(HTTP_ANSWERS[503], _NAMES[503])
    response.headers["Retry-After"] = "5"
    return response


def answers_in_json(path: str) -> bool:
    """Return whether an error at this path is problem+json, and not a page."""
    return path.startswith("/api/") or path.endswith(".json")


def _figures() -> dict[str, str]:
    """Return the values that advice may name: the bounds of this request, and the site's address."""
    return {
        "kilobytes": format_number((request.max_content_length or 0) // 1024),
        "fields": format_number(request.max_form_parts or 0),
        "address": settings().base_url,
    }


def _respond(answer: Answer, name: str, faults: list[Fault] | None = None) -> Response:
    if not answers_in_json(request.path):
        # A form is not sent again by opening its address, so signing in leads to the organizer's pages.
        after = this_page() if request.method == "GET" else links.organizer("my_events")
        words = {
            "advice": gettext(answer.advice) % _figures(),
            "site": settings().base_url if answer.status == 421 else "",
        }
        page = render_template("errors/error.html", answer=answer, next=after, email="", wrong=False, **words)
        response = make_response(page, answer.status)
    else:
        problem: Problem = {"type": f"/problems/{name}", "title": gettext(answer.title), "status": answer.status}
        response = jsonify({**problem, "errors": faults} if faults else problem)
        response.status_code = answer.status
        response.mimetype = "application/problem+json"
    response.headers["Cache-Control"] = "no-store"
    return response
