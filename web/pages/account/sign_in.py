"""Signing in with a password and a second factor, signing out, and choosing a language where the address names none."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.config import LANGUAGES
from shared.errors import DomainError, Invalid
from shared.i18n import deferred, gettext
from shared.operations import second_factors, sign_ins
from web.access import VISITOR, Visitor, sign_in_cookie
from web.current import settings
from web.pages.account.steps import (
    CODE_LIMIT,
    SIGN_IN_LIMIT,
    ask_code,
    destination,
    enter,
    pending,
    start,
    typed_again,
    with_cookie,
)
from web.pages.organizer import kept_by_nobody
from web.routes import Routes
from web.templating import LANGUAGE_COOKIE

pages = Routes("account", __name__, url_prefix="/account")
pages.after_request(kept_by_nobody)

YEAR_SECONDS = 31_536_000
SAID = {"reset": deferred("The password is changed. Sign in with the new one.")}


@pages.get("/sign-in", access=VISITOR)
def ask(db: Session, by: Visitor) -> ResponseReturnValue:
    """The form."""
    said = gettext(SAID.get(request.args.get("said", ""), ""))
    return render_template("account/sign_in.html", next=destination(), email="", wrong=False, message=said)


def ask_again(db: Session, by: Visitor, error: DomainError) -> ResponseReturnValue:
    """The form once more; it does not tell whether the address or the password is wrong."""
    email = request.form.get("email", "")
    return render_template("account/sign_in.html", next=destination(), email=email, wrong=True, message="")


@pages.post("/sign-in", access=VISITOR, refused=ask_again, limits=(SIGN_IN_LIMIT,))
def sign_in(db: Session, by: Visitor) -> ResponseReturnValue:
    """Sign this browser in, or ask for the second factor."""
    form = request.form
    account = sign_ins.by_password(db, email=form.get("email", ""), password=form.get("password", ""))
    return enter(db, account, destination())


def ask_code_again(db: Session, by: Visitor, error: DomainError) -> ResponseReturnValue:
    """The second step once more, while the first one still counts."""
    return ask_code(pending(db), destination(), typed_again(error))


@pages.post("/sign-in/code", access=VISITOR, refused=ask_code_again, limits=(CODE_LIMIT,))
def second_step(db: Session, by: Visitor) -> ResponseReturnValue:
    """Sign this browser in with a code of the app, or with a recovery code."""
    account, form = pending(db), request.form
    if "recovery" in form:
        second_factors.show_recovery(db, account=account, code=form["recovery"])
    else:
        second_factors.show(db, account=account, code=form.get("code", ""), secrets=settings().secrets)
    return start(db, account, destination())


@pages.post("/sign-out", access=VISITOR)
def sign_out(db: Session, by: Visitor) -> ResponseReturnValue:
    """End this browser's sign-in."""
    sign_ins.sign_out(db, token=request.cookies.get(sign_in_cookie(), ""))
    return with_cookie(redirect("/account/sign-in", 303), sign_in_cookie(), "", 0)


@pages.post("/language", access=VISITOR)
def choose_language(db: Session, by: Visitor) -> ResponseReturnValue:
    """Remember the language for pages whose address does not name one. Raises Invalid for one that we do not speak."""
    wanted = request.form.get("language", "")
    if wanted not in LANGUAGES:
        raise Invalid("language")
    return with_cookie(redirect(destination(), 303), LANGUAGE_COOKIE, wanted, YEAR_SECONDS)
