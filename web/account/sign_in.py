"""Signing in with a password and a second factor, signing out, and choosing a language where the address names none."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import TooManyRequests

from shared import contacts
from shared.accounts import accounts, second_factors, sign_ins
from shared.config import LANGUAGES
from shared.errors import Busy, DomainError, Invalid, Unidentified
from shared.i18n import deferred, gettext, ngettext
from web.access import VISITOR, Visitor, may_sign_in, sign_in_cookie
from web.account.steps import (
    CODE_LIMIT,
    SIGN_IN_LIMITS,
    ask_code,
    destination,
    enter,
    forget_wrong_passwords,
    note_wrong,
    pending,
    start,
    typed_again,
    typed_email,
    with_cookie,
)
from web.current import resources, settings
from web.lanes import BUSY_SECONDS
from web.organizer.routes import OrganizerRoutes
from web.security_events import SecurityEvent, note
from web.templating import LANGUAGE_COOKIE

pages = OrganizerRoutes("account", __name__, url_prefix="/account")

YEAR_SECONDS = 31_536_000
MESSAGES = {"reset": deferred("signin.password_changed")}
BUSY = deferred("signin.busy_error")


@pages.get("/sign-in", access=VISITOR)
def ask(db: Session, by: Visitor) -> ResponseReturnValue:
    """Show the form."""
    return _page(message=gettext(MESSAGES.get(request.args.get("said", ""), "")))


def ask_again(db: Session, by: Visitor, error: DomainError) -> ResponseReturnValue:
    """Show the form with an error that does not reveal whether the address or the password is wrong."""
    if isinstance(error, Busy):
        return _page(fault=gettext(BUSY)), {"Retry-After": str(BUSY_SECONDS)}
    note(SecurityEvent.WRONG_PASSWORD, account_id=_account_typed(db))
    return _page(wrong=True)


@pages.errorhandler(TooManyRequests)
def too_many(error: TooManyRequests) -> ResponseReturnValue:
    """Show the form with the ways to sign in that are not limited."""
    seconds = error.retry_after if isinstance(error.retry_after, int) else 60
    fault = ngettext("signin.attempts_error", seconds // 60)
    return _page(fault=fault), 429, {"Retry-After": str(seconds)}


@pages.post("/sign-in", access=VISITOR, refused=ask_again, limits=SIGN_IN_LIMITS)
def sign_in(db: Session, by: Visitor) -> ResponseReturnValue:
    """Sign this browser in, or ask for the second factor."""
    account = sign_ins.by_password(db, email=typed_email(), password=request.form.get("password", ""))
    if not may_sign_in(account):
        raise Unidentified("sign_in")
    forget_wrong_passwords()
    return enter(db, account, destination())


def ask_code_again(db: Session, by: Visitor, error: DomainError) -> ResponseReturnValue:
    """Ask for the code again, while the first step is still valid."""
    account = pending(db)
    note_wrong(error, account)
    return ask_code(account, destination(), typed_again(error))


@pages.post("/sign-in/code", access=VISITOR, refused=ask_code_again, limits=(CODE_LIMIT,))
def verify_code(db: Session, by: Visitor) -> ResponseReturnValue:
    """Sign this browser in with a code of the app, or with a recovery code."""
    account, form = pending(db), request.form
    if "recovery" in form:
        second_factors.verify_recovery_code(db, account=account, code=form["recovery"])
    else:
        code, secrets = form.get("code", ""), settings().secrets
        second_factors.verify(db, account=account, code=code, secrets=secrets, is_limited=resources().limiter.on)
    return start(db, account, destination())


@pages.post("/sign-out", access=VISITOR)
def sign_out(db: Session, by: Visitor) -> ResponseReturnValue:
    """Revoke this browser's sign-in."""
    sign_ins.sign_out(db, token=request.cookies.get(sign_in_cookie(), ""))
    return with_cookie(redirect("/account/sign-in", 303), sign_in_cookie(), "", 0)


@pages.post("/language", access=VISITOR)
def choose_language(db: Session, by: Visitor) -> ResponseReturnValue:
    """Remember the language for pages whose address does not name one. Raises Invalid for an unknown language."""
    code = request.form.get("language", "")
    if code not in LANGUAGES:
        raise Invalid("language")
    return with_cookie(redirect(destination(), 303), LANGUAGE_COOKIE, code, YEAR_SECONDS)


def _account_typed(db: Session) -> int:
    """Return the id of the account with the submitted address, for the log; 0 if there is none."""
    try:
        account = accounts.of_address(db, address=contacts.address(typed_email()))
    except ValueError:
        return 0
    return account.id if account else 0


def _page(*, wrong: bool = False, fault: str = "", message: str = "") -> str:
    email = request.form.get("email", "")
    next_page = destination()
    return render_template(
        "account/sign_in.html", next=next_page, email=email, wrong=wrong, fault=fault, message=message
    )
