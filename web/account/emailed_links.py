"""Links by email: one that signs in, and one to choose another password.

A link shows on GET and acts on POST, so that email scanners do not use it up. A request for a link is answered alike
whether or not the address has an account.
"""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links, tokens
from shared.accounts import accounts, members, sign_ins
from shared.errors import DomainError, Invalid, Unidentified
from shared.models import Account
from shared.outbox.kinds import MessageKind
from web.access import VISITOR, Visitor, may_sign_in
from web.account.steps import EMAIL_LIMITS, LINK_LIMIT, ORGANIZE, enter, typed_again
from web.current import settings
from web.forms.typed import Typed
from web.organizer.routes import OrganizerRoutes

pages = OrganizerRoutes("account_links", __name__, url_prefix="/account")


def ask_address_again(db: Session, by: Visitor, error: DomainError) -> ResponseReturnValue:
    """Show the form for the address with its error."""
    return _address_page(typed_again(error))


@pages.get("/sign-in/link", access=VISITOR, endpoint="ask_link")
@pages.get("/reset", access=VISITOR, endpoint="ask_reset")
def ask_address(db: Session, by: Visitor) -> ResponseReturnValue:
    """Show the form for the address."""
    return _address_page()


@pages.post("/sign-in/link", access=VISITOR, refused=ask_address_again, limits=EMAIL_LIMITS, endpoint="send_link")
@pages.post("/reset", access=VISITOR, refused=ask_address_again, limits=EMAIL_LIMITS, endpoint="send_reset")
def send(db: Session, by: Visitor) -> ResponseReturnValue:
    """Send a link that signs in, or one to choose another password."""
    kind = MessageKind.PASSWORD_RESET if _is_reset() else MessageKind.SIGN_IN_LINK
    sign_ins.ask_link(db, email=accounts.address(request.form.get("email", "")), kind=kind)
    return redirect("/account/sent", 303)


@pages.get("/sent", access=VISITOR)
def sent(db: Session, by: Visitor) -> ResponseReturnValue:
    """Say that the link was sent: the same for everyone."""
    return render_template("account/sent.html")


def expired(db: Session, by: Visitor, token: str, error: DomainError) -> ResponseReturnValue:
    """Say that a link has expired, and where to get a new one."""
    if not isinstance(error, Unidentified):
        raise error
    return render_template("account/link_expired.html", again=request.path.rpartition("/")[0])


@pages.get("/sign-in/link/<token>", access=VISITOR, refused=expired, limits=(LINK_LIMIT,))
def show_link(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Show one button; the link is not used up yet."""
    account = _account(db, "sign_in_link", token)
    return render_template("account/link.html", email=account.email)


@pages.post("/sign-in/link/<token>", access=VISITOR, refused=expired, limits=(LINK_LIMIT,))
def use_link(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Use up the link, and sign this browser in or ask for the second factor."""
    account = _account(db, "sign_in_link", token)
    entering = sign_ins.use_link(db, account_id=account.id, version=account.version)
    return enter(db, entering, _next_page(db, account))


def choose_again(db: Session, by: Visitor, token: str, error: DomainError) -> ResponseReturnValue:
    """Show the form for the new password with its error, or that the link has expired."""
    if not isinstance(error, Invalid):
        return expired(db, by, token, error)
    return _password_page(_account(db, "reset", token), typed_again(error))


@pages.get("/reset/<token>", access=VISITOR, refused=expired, limits=(LINK_LIMIT,))
def show_reset(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Show the form for the new password."""
    return _password_page(_account(db, "reset", token))


@pages.post("/reset/<token>", access=VISITOR, refused=choose_again, limits=(LINK_LIMIT,))
def reset(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Set another password, and have the person sign in anew."""
    account = _account(db, "reset", token)
    new = request.form.get("password", "")
    accounts.reset_password(db, account_id=account.id, version=account.version, new=new)
    return redirect(f"/account/sign-in?said=reset&next={_next_page(db, account)}", 303)


def _account(db: Session, purpose: str, token: str) -> Account:
    subject = tokens.verify_until(settings().secrets, purpose, token, now=clock.now())
    account = accounts.get(db, account_id=subject.id) if subject else None
    if subject is None or account is None or account.version != subject.version or not may_sign_in(account):
        raise Unidentified("link")
    return account


def _next_page(db: Session, account: Account) -> str:
    """Return the open invitation for this address, else the organizer's pages. An invited person without a password
    arrives by a second email, perhaps in another browser, which has no way back to the invitation.
    """
    invitation = members.invitation_to(db, address=account.email, now=clock.now())
    if invitation is None:
        return ORGANIZE
    return links.invitation(
        tokens.make(settings().secrets[0], "invitation", id=invitation.id, version=invitation.version)
    )


def _is_reset() -> bool:
    return request.path.endswith("/reset")


def _address_page(typed: Typed | None = None) -> str:
    return render_template("account/ask_email.html", is_reset=_is_reset(), typed=typed or Typed())


def _password_page(account: Account, typed: Typed | None = None) -> str:
    return render_template("account/reset.html", email=account.email, typed=typed or Typed())
