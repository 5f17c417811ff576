"""An invitation, for whoever holds the mailed link: join as who is signed in, or with a new account."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.errors import DomainError, Invalid, Missing
from shared.i18n import language
from shared.models import Invitation
from shared.operations import accounts as operations
from shared.operations import members
from shared.queries import accounts
from web.access import GUEST, Member, Visitor
from web.current import settings
from web.forms.account import ROLE_NAMES, ROLE_SENTENCES, read_name
from web.pages.account.steps import LINK_LIMIT, ORGANIZE, start, typed_again
from web.pages.form import Typed
from web.pages.organizer import no_store
from web.routes import Routes

pages = Routes("account_invitation", __name__, url_prefix="/account/invitation")
pages.after_request(no_store)


def again(db: Session, by: Member | Visitor, token: str, error: DomainError) -> ResponseReturnValue:
    """The form with the fault at its field, or that the invitation is good no more."""
    if isinstance(error, Missing):
        return render_template("account/not_invited.html")
    return _page(db, by, token, typed_again(error))


@pages.get("/<token>", access=GUEST, refused=again, limits=(LINK_LIMIT,))
def show(db: Session, by: Member | Visitor, token: str) -> ResponseReturnValue:
    """Who invites, and to what."""
    return _page(db, by, token)


@pages.post("/<token>", access=GUEST, refused=again, limits=(LINK_LIMIT,))
def accept(db: Session, by: Member | Visitor, token: str) -> ResponseReturnValue:
    """Join as who is signed in, or make the account and sign this browser in."""
    asked = _invitation(db, token)
    if isinstance(by, Member):
        members.accept(db, invitation=asked, account=by.account)
        return redirect(ORGANIZE, 303)
    if accounts.of_address(db, address=asked.email):
        raise Invalid("email", "account_exists")
    name, password = read_name(request.form), request.form.get("password", "")
    named = asked.organization.name.values()
    account = operations.create(
        db, email=asked.email, name=name, password=password, language=language(), organization=named
    )
    members.accept(db, invitation=asked, account=account)
    return start(db, account, ORGANIZE)


def _invitation(db: Session, token: str) -> Invitation:
    subject = tokens.verify(settings().secrets, "invitation", token)
    now = clock.now()
    asked = subject and accounts.invitation(db, invitation_id=subject.id, version=subject.version, now=now)
    if not asked:
        raise Missing("invitation")
    return asked


def _page(db: Session, by: Member | Visitor, token: str, typed: Typed | None = None) -> str:
    asked = _invitation(db, token)
    has_account = not isinstance(by, Member) and accounts.of_address(db, address=asked.email) is not None
    shown = {"by": by} if isinstance(by, Member) else {}
    return render_template(
        "account/invitation.html",
        invitation=asked,
        has_account=has_account,
        typed=typed or Typed(),
        role=ROLE_NAMES[asked.role],
        may=ROLE_SENTENCES[asked.role],
        inviter=accounts.get(db, account_id=asked.invited_by) if asked.invited_by else None,
        **shown,
    )
