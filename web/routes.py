"""Declares a route: its access, its limits, and the web tier's one transaction around its view.

    public = Routes("public", __name__)

    @public.get("/<lang>/e/<slug>", access=VISITOR)
    def event(db: Session, by: Visitor, lang: str, slug: str) -> ResponseReturnValue: ...

* A view gets the database session, the actor, and the values of the address. It contains no `try` and no `with`: an
  error that it raises rolls back and becomes a page or problem+json in web/errors.py.
* Counted is the one error after which the transaction is committed: what was counted before it was raised stays.
* `refused=view` answers a domain error with something other than an error page (a form, say): after the rollback it is
  called like the view, in a transaction of its own, with `error=` the DomainError, and gets that error's status.
* `body=` a web.bounds.Body, where the default of its access does not fit.
* `limits=` the web.limits.Limits that every request counts against, in order: 429 when one of them is reached.
* `single_statement=True`: the operation is one statement, which runs on AUTOCOMMIT in one round trip.
* `kept=` a function of the address alone, tried first: it answers with what this process keeps, without the database,
  or returns None.
* `at_once=view`: tried first, as a single statement on AUTOCOMMIT; the view itself is called if it returns None, or if
  the statement breaks a constraint. `at_once_access=` its own access, where that of the route costs a statement more.
* `reads_only=True`: nothing is written, so there is no transaction: two round trips less. At READ COMMITTED each
  statement sees what is committed when it begins, in a transaction or not.
* `takes=` a model that validates the JSON of a POST or the query of a GET; the view gets it as `received`.
* `answers=` the type of the JSON of each status, None for no body, and `raises=` the view's own domain errors: what
  docs/openapi.json is made from. Errors of the access, the limits and the body follow from those.
* `lang` in a rule is one of LANGUAGES, else 404.
* Settings: `from web.current import settings`; addresses are completed with links.absolute(settings().base_url, ...).
* Blueprints are listed in web/blueprints.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, Response, g, make_response, request
from flask.typing import ResponseReturnValue
from psycopg.errors import DeadlockDetected
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from werkzeug.exceptions import TooManyRequests
from werkzeug.routing import BaseConverter

from shared.config import LANGUAGES
from shared.errors import Counted, DomainError
from web import bounds, errors
from web.access import DEVICE, DEVICE_LATE, OPTIONAL_SIGN_IN, VISITOR, Access
from web.bounds import Body
from web.current import resources
from web.limits import Limit
from web.security_events import SecurityEvent, note

View = Callable[..., ResponseReturnValue]

BODIES: Mapping[Access, Body] = {
    VISITOR: bounds.PUBLIC,
    OPTIONAL_SIGN_IN: bounds.PUBLIC,
    DEVICE: bounds.DOOR,
    DEVICE_LATE: bounds.DOOR,
}
"""The bounds on a body by access; members, who are not listed, have bounds.MEMBER. What they change is read anew."""
TRIES = 3
"""Calls of a view before a database error counts: after a lost connection, or a deadlock."""


class Language(BaseConverter):
    """A language in an address; any other word there is 404."""

    regex = f"(?:{'|'.join(LANGUAGES)})"


class Interrupted(Exception):
    """The database ended the transaction while the view ran: nothing was committed."""


@dataclass(frozen=True)
class Route:
    """A view and its declaration; called with the values of the address."""

    view: View
    access: Access
    refused: View | None = None
    body: Body | None = None
    limits: Sequence[Limit] = ()
    single_statement: bool = False
    reads_only: bool = False
    kept: View | None = None
    at_once: View | None = None
    at_once_access: Access | None = None
    takes: type[BaseModel] | None = None
    answers: Mapping[int, Any] = field(default_factory=dict)
    raises: Sequence[type[DomainError]] = ()

    def __call__(self, **values: Any) -> Response:
        """Answer one request."""
        bounds.set_body(self.body or BODIES.get(self.access, bounds.MEMBER))
        self._count()
        try:
            response = self._answer_kept(values) or self._answer_at_once(values) or self._answer(self.view, values)
            if request.method == "POST" and self.access not in BODIES:
                resources().forget()
            return response
        except DomainError as error:
            if self.refused is None:
                raise
            response = self._answer(self.refused, {**values, "error": error})
            if response.status_code == 200:
                response.status_code = errors.answer_to(error).status
            return response

    def _count(self) -> None:
        """Count the request. Raises TooManyRequests."""
        if not resources().limiter.on:
            return
        keys = [(limit, limit.key()) for limit in self.limits]
        counted = resources().limiter.count([(limit, key, limit.amount()) for limit, key in keys if key is not None])
        g.counts = counted.counts
        if counted.over:
            note(SecurityEvent.LIMIT_REACHED, limit=counted.over.name)
            raise TooManyRequests(retry_after=counted.over.seconds)

    def _answer_kept(self, values: dict[str, Any]) -> Response | None:
        response = self.kept(**values) if self.kept else None
        return None if response is None else make_response(response)

    def _answer_at_once(self, values: dict[str, Any]) -> Response | None:
        if self.at_once is None:
            return None
        # A broken constraint gets the closer look too: someone else was a moment faster.
        with suppress(Interrupted, IntegrityError), resources().single_statements.begin() as db, _interruptible():
            answer = self._call(self.at_once, self.at_once_access or self.access, db, values)
            return None if answer is None else make_response(answer)
        return None

    def _answer(self, view: View, values: dict[str, Any]) -> Response:
        if self.single_statement:
            with resources().single_statements.begin() as db:
                return make_response(self._call(view, self.access, db, values))
        for _ in range(TRIES - 1):
            with suppress(Interrupted):
                return self._in_transaction(view, values)
        return self._in_transaction(view, values)

    def _in_transaction(self, view: View, values: dict[str, Any]) -> Response:
        sessions = resources().single_statements if self.reads_only else resources().transactions
        with sessions.begin() as db:
            try:
                with _interruptible():
                    return make_response(self._call(view, self.access, db, values))
            except Counted as error:
                # Leaving the block without raising commits the count: a rollback would make every guess the first.
                failed = error
        raise failed

    def _call(self, view: View, access: Access, db: Session, values: dict[str, Any]) -> ResponseReturnValue | None:
        by = access.resolve(db, values)
        g.db, g.by = db, by  # for what templates of a blueprint show, while the transaction is open
        try:
            with resources().lanes.for_body(request):
                return view(db, by, **values, **self._received())
        finally:
            del g.db, g.by

    def _received(self) -> dict[str, BaseModel]:
        """Return the model of the request. Raises ValidationError, or the HTTPException of a body that is not JSON."""
        if self.takes is None:
            return {}
        sent = request.args.to_dict() if request.method == "GET" else request.get_json()
        return {"received": self.takes.model_validate(sent)}


@contextmanager
def _interruptible() -> Iterator[None]:
    """Raise Interrupted for an error of the database after which the same may succeed."""
    try:
        yield
    except OperationalError as error:
        # After a restart of PostgreSQL the pool has dead connections, and each is noticed only by an error.
        if error.connection_invalidated or isinstance(error.orig, DeadlockDetected):
            raise Interrupted from error
        raise


class Routes(Blueprint):
    """A blueprint whose routes cannot be declared without an access."""

    def get(self, rule: str, *, access: Access, **options: Any) -> Callable[[View], View]:  # type: ignore[override]  # a route without access is refused
        """Declare a page or a file."""
        return self._declare(rule, "GET", access, options)

    def post(self, rule: str, *, access: Access, **options: Any) -> Callable[[View], View]:  # type: ignore[override]  # a route without access is refused
        """Declare an action."""
        return self._declare(rule, "POST", access, options)

    def _declare(self, rule: str, method: str, access: Access, options: dict[str, Any]) -> Callable[[View], View]:
        endpoint = options.pop("endpoint", None)

        def declare(view: View) -> View:
            route = Route(view, access, **options)
            named = rule.replace("<lang>", "<language:lang>")
            self.add_url_rule(named, endpoint or view.__name__, route, methods=[method])
            return view

        return declare


def plug_into(app: Flask) -> None:
    """Register the converter of languages in addresses; call it before the routes are registered."""
    app.url_map.converters["language"] = Language
