"""What is done by email: a link that signs in, and one under which another password is chosen.

A link shows on GET and acts on POST, so that what scans mails on their way uses nothing up. Asking for one is answered
alike whether or not the address has an account.
"""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links, tokens
from shared.errors import DomainError, Invalid, Unidentified
from shared.models import Account
from shared.operations import accounts, sign_ins
from shared.queries import accounts as found
from web.access import VISITOR, Visitor, may_sign_in
from web.current import settings
from web.pages.account.steps import LINK_LIMIT, MAIL_LIMITS, ORGANIZE, enter, typed_again
from web.pages.form import Typed
from web.pages.organizer import no_store
from web.routes import Routes

pages = Routes("account_links", __name__, url_prefix="/account")
pages.after_request(no_store)


def ask_address_again(db: Session, by: Visitor, error: DomainError) -> ResponseReturnValue:
    """The address once more."""
    return _address_page(typed_again(error))


@pages.get("/sign-in/link", access=VISITOR, endpoint="ask_link")
@pages.get("/reset", access=VISITOR, endpoint="ask_reset")
def ask_address(db: Session, by: Visitor) -> ResponseReturnValue:
    """Where to send the link."""
    return _address_page()


@pages.post("/sign-in/link", access=VISITOR, refused=ask_address_again, limits=MAIL_LIMITS, endpoint="send_link")
@pages.post("/reset", access=VISITOR, refused=ask_address_again, limits=MAIL_LIMITS, endpoint="send_reset")
def send(db: Session, by: Visitor) -> ResponseReturnValue:
    """Mail a link that signs in, or one under which another password is chosen."""
    kind = "password_reset" if _is_reset() else "sign_in_link"
    sign_ins.ask_link(db, email=accounts.address(request.form.get("email", "")), kind=kind)
    return redirect("/account/sent", 303)


@pages.get("/sent", access=VISITOR)
def sent(db: Session, by: Visitor) -> ResponseReturnValue:
    """The same for everybody."""
    return render_template("account/sent.html")


def used_up(db: Session, by: Visitor, token: str, error: DomainError) -> ResponseReturnValue:
    """Say that a link is good no more, and where there is another one."""
    if not isinstance(error, Unidentified):
        raise error
    return render_template("account/used_up.html", again=request.path.rpartition("/")[0])


@pages.get("/sign-in/link/<token>", access=VISITOR, refused=used_up, limits=(LINK_LIMIT,))
def show_link(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """One button; nothing is used up yet."""
    account = _account(db, "sign_in_link", token)
    return render_template("account/link.html", email=account.email)


@pages.post("/sign-in/link/<token>", access=VISITOR, refused=used_up, limits=(LINK_LIMIT,))
def use_link(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Use the link up, and sign this browser in or ask for the second factor."""
    account = _account(db, "sign_in_link", token)
    entering = sign_ins.use_link(db, account_id=account.id, version=account.version)
    return enter(db, entering, _next_page(db, account))


def choose_again(db: Session, by: Visitor, token: str, error: DomainError) -> ResponseReturnValue:
    """The new password once more, or that the link is good no more."""
    if not isinstance(error, Invalid):
        return used_up(db, by, token, error)
    return _password_page(_account(db, "reset", token), typed_again(error))


@pages.get("/reset/<token>", access=VISITOR, refused=used_up, limits=(LINK_LIMIT,))
def show_reset(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Ask for the new password."""
    return _password_page(_account(db, "reset", token))


@pages.post("/reset/<token>", access=VISITOR, refused=choose_again, limits=(LINK_LIMIT,))
def reset(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Choose another password, and sign in anew."""
    account = _account(db, "reset", token)
    new = request.form.get("password", "")
    accounts.reset_password(db, account_id=account.id, version=account.version, new=new)
    return redirect(f"/account/sign-in?said=reset&next={_next_page(db, account)}", 303)


def _account(db: Session, purpose: str, token: str) -> Account:
    subject = tokens.verify_until(settings().secrets, purpose, token, now=clock.now())
    account = found.get(db, account_id=subject.id) if subject else None
    if subject is None or account is None or account.version != subject.version or not may_sign_in(account):
        raise Unidentified("link")
    return account


def _next_page(db: Session, account: Account) -> str:
    """An invitation that waits for this address: who followed it, and has no password at hand, came by way of a mail,
    perhaps read elsewhere, and that keeps no way back.
    """
    asked = found.invitation_to(db, address=account.email, now=clock.now())
    if asked is None:
        return ORGANIZE
    return links.invitation(tokens.make(settings().secrets[0], "invitation", id=asked.id, version=asked.version))


def _is_reset() -> bool:
    return request.path.endswith("/reset")


def _address_page(typed: Typed | None = None) -> str:
    return render_template("account/ask_mail.html", is_reset=_is_reset(), typed=typed or Typed())


def _password_page(account: Account, typed: Typed | None = None) -> str:
    return render_template("account/reset.html", email=account.email, typed=typed or Typed())
