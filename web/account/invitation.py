"""An invitation, for anyone who has the link in the email: join with the account that is signed in, or with
a new one.
"""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.accounts import accounts, members
from shared.errors import DomainError, Invalid, Missing
from shared.i18n import language
from shared.models import Invitation
from web.access import OPTIONAL_SIGN_IN, Member, Visitor
from web.account.form import ROLE_NAMES, ROLE_SENTENCES, read_name
from web.account.steps import LINK_LIMIT, ORGANIZE, start, typed_again
from web.current import settings
from web.forms.typed import Typed
from web.organizer.routes import OrganizerRoutes

pages = OrganizerRoutes("account_invitation", __name__, url_prefix="/account/invitation")


def again(db: Session, by: Member | Visitor, token: str, error: DomainError) -> ResponseReturnValue:
    """Show the form with the error at its field, or that the invitation is no longer valid."""
    if isinstance(error, Missing):
        return render_template("account/not_invited.html", by=None)  # without the navigation, signed in or not
    return _page(db, by, token, typed_again(error))


@pages.get("/<token>", access=OPTIONAL_SIGN_IN, refused=again, limits=(LINK_LIMIT,))
def show(db: Session, by: Member | Visitor, token: str) -> ResponseReturnValue:
    """Show who invites, and to which role."""
    return _page(db, by, token)


@pages.post("/<token>", access=OPTIONAL_SIGN_IN, refused=again, limits=(LINK_LIMIT,))
def accept(db: Session, by: Member | Visitor, token: str) -> ResponseReturnValue:
    """Join with the account that is signed in, or create an account and sign this browser in."""
    invitation = _invitation(db, token)
    if isinstance(by, Member):
        members.accept(db, invitation=invitation, account=by.account)
        return redirect(ORGANIZE, 303)
    if accounts.of_address(db, address=invitation.email):
        raise Invalid("email", "account_exists")
    name, password = read_name(request.form), request.form.get("password", "")
    organization_names = invitation.organization.name.values()
    account = accounts.create(
        db, email=invitation.email, name=name, password=password, language=language(), organization=organization_names
    )
    members.accept(db, invitation=invitation, account=account)
    return start(db, account, ORGANIZE)


def _invitation(db: Session, token: str) -> Invitation:
    subject = tokens.verify(settings().secrets, "invitation", token)
    now = clock.now()
    invitation = subject and members.invitation(db, invitation_id=subject.id, version=subject.version, now=now)
    if not invitation:
        raise Missing("invitation")
    return invitation


def _page(db: Session, by: Member | Visitor, token: str, typed: Typed | None = None) -> str:
    invitation = _invitation(db, token)
    has_account = not isinstance(by, Member) and accounts.of_address(db, address=invitation.email) is not None
    return render_template(
        "account/invitation.html",
        invitation=invitation,
        has_account=has_account,
        typed=typed or Typed(),
        role=ROLE_NAMES[invitation.role],
        may=ROLE_SENTENCES[invitation.role],
        inviter=accounts.get(db, account_id=invitation.invited_by) if invitation.invited_by else None,
    )
