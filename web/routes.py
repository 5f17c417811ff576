"""Declares a route: its access, its limit, and the one transaction of the web tier around its view.

    public = Routes("public", __name__)

    @public.get("/<lang>/e/<slug>", access=VISITOR)
    def event(db: Session, by: Visitor, lang: str, slug: str) -> ResponseReturnValue: ...

* A view gets the database's session, who acts, and the values of the address. It holds no `try` and no `with`: what it
  raises rolls back and becomes a page or problem+json in web/errors.py.
* `refused=view` shows a domain error as something other than an error page (a form, say): after the rollback it is
  called like the view, in a transaction of its own, with `error=` the DomainError, and gets that error's status.
* `limit=` a web.limits.Limit: 429 when there is too much.
* `single_statement=True`: the operation is one statement, which runs on AUTOCOMMIT in one round trip.
* `lang` in a rule is one of LANGUAGES, else 404.
* Settings: `from web.current import settings`; addresses are completed with links.absolute(settings().base_url, ...).
* Blueprints are listed in web/app.py.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, make_response
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests
from werkzeug.routing import BaseConverter

from shared.config import LANGUAGES
from shared.errors import DomainError
from web import errors
from web.access import Access
from web.current import held
from web.limits import Limit

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
ACCESS = "access"


class Language(BaseConverter):
    """A language in an address; any other word there is no page of ours."""

    regex = f"(?:{'|'.join(LANGUAGES)})"


class Routes(Blueprint):
    """A blueprint whose routes cannot be declared without their access."""

    def get(self, rule: str, *, access: Access, **options: Any) -> Callable[[View], View]:  # type: ignore[override]  # a route without access is refused
        """Declare a page or a file."""
        return self._declare(rule, "GET", access, **options)

    def post(self, rule: str, *, access: Access, **options: Any) -> Callable[[View], View]:  # type: ignore[override]  # a route without access is refused
        """Declare an act."""
        return self._declare(rule, "POST", access, **options)

    def _declare(
        self,
        rule: str,
        method: str,
        access: Access,
        *,
        refused: Callable[..., ResponseReturnValue] | None = None,
        limit: Limit | None = None,
        single_statement: bool = False,
        **options: Any,
    ) -> Callable[[View], View]:
        def declare(view: View) -> View:
            @wraps(view)
            def answer(**values: Any) -> Response:
                _check(limit)
                try:
                    return _run(view, access, values, single_statement=single_statement)
                except DomainError as error:
                    if refused is None:
                        raise
                    return _run(refused, access, {**values, "error": error}, status=errors.answer_to(error).status)

            setattr(answer, ACCESS, access)
            self.add_url_rule(
                rule.replace("<lang>", "<language:lang>"),
                options.pop("endpoint", view.__name__),
                answer,
                methods=[method],
                **options,
            )
            return view

        return declare


def plug_into(app: Flask) -> None:
    """Teach the app what a language in an address is; before its routes are registered."""
    app.url_map.converters["language"] = Language


def _check(limit: Limit | None) -> None:
    if limit and not held().limiter.allows(limit, limit.key()):
        raise TooManyRequests(retry_after=limit.seconds)


def _run(
    view: Callable[..., ResponseReturnValue],
    access: Access,
    values: dict[str, Any],
    *,
    single_statement: bool = False,
    status: int | None = None,
) -> Response:
    sessions = held().single_statements if single_statement else held().transactions
    with sessions.begin() as db:
        by = access.resolve(db, values)
        response = make_response(view(db, by, **values))
    if status and response.status_code == 200:
        response.status_code = status
    return response
