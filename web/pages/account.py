"""Signing in and out, and choosing a language where the address does not name one."""

import re

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug import Response

from shared.config import LANGUAGES
from shared.errors import DomainError, Invalid
from shared.operations import accounts
from web.access import VISITOR, Visitor, network, sign_in_cookie
from web.current import settings
from web.limits import Limit
from web.routes import Routes
from web.templating import LANGUAGE_COOKIE

pages = Routes("account", __name__, url_prefix="/account")

ORGANIZE = "/organize/"
_OURS = re.compile(r"/[A-Za-z][A-Za-z0-9._/?=&-]*")
"""A second slash, a backslash or a tab at the start would lead to another site."""
YEAR_SECONDS = 31_536_000


def _address_and_account() -> str:
    return f"{network()}:{request.form.get('email', '').strip().casefold()[:200]}"


SIGN_IN_LIMIT = Limit("sign_in", 10, 60, _address_and_account)


def destination() -> str:
    """Where to go afterwards: a page of ours, never another site."""
    wanted = request.values.get("next", "")
    return wanted if _OURS.fullmatch(wanted) else ORGANIZE


@pages.get("/sign-in", access=VISITOR)
def ask(db: Session, by: Visitor) -> ResponseReturnValue:
    """The form."""
    return render_template("account/sign_in.html", next=destination(), email="", wrong=False)


def ask_again(db: Session, by: Visitor, error: DomainError) -> ResponseReturnValue:
    """The form once more; it does not tell whether the address or the password is wrong."""
    email = request.form.get("email", "")
    return render_template("account/sign_in.html", next=destination(), email=email, wrong=True)


@pages.post("/sign-in", access=VISITOR, refused=ask_again, limit=SIGN_IN_LIMIT)
def sign_in(db: Session, by: Visitor) -> ResponseReturnValue:
    """Sign this browser in."""
    form = request.form
    browser = request.headers.get("User-Agent", "")[:200]
    token = accounts.sign_in(db, email=form.get("email", ""), password=form.get("password", ""), browser=browser)
    response = redirect(destination(), 303)
    return _with_cookie(response, sign_in_cookie(), token, int(accounts.SIGNED_IN_FOR.total_seconds()))


@pages.post("/sign-out", access=VISITOR)
def sign_out(db: Session, by: Visitor) -> ResponseReturnValue:
    """End this browser's sign-in."""
    accounts.sign_out(db, token=request.cookies.get(sign_in_cookie(), ""))
    return _with_cookie(redirect("/account/sign-in", 303), sign_in_cookie(), "", 0)


@pages.post("/language", access=VISITOR)
def choose_language(db: Session, by: Visitor) -> ResponseReturnValue:
    """Remember the language for pages whose address does not name one. Raises Invalid for one that we do not speak."""
    wanted = request.form.get("language", "")
    if wanted not in LANGUAGES:
        raise Invalid("language")
    return _with_cookie(redirect(destination(), 303), LANGUAGE_COOKIE, wanted, YEAR_SECONDS)


def _with_cookie(response: Response, name: str, value: str, seconds: int) -> Response:
    secure = settings().base_url.startswith("https:")
    response.set_cookie(name, value, max_age=seconds, secure=secure, httponly=True, samesite="Lax")
    return response
