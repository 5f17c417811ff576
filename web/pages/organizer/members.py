"""Who is in an organization: its owners invite, change roles and remove."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links
from shared.errors import Conflicting, DomainError
from shared.i18n import deferred, gettext, language
from shared.operations import members as operations
from shared.queries import accounts
from web.access import OWNER, Member
from web.forms.account import ROLE_NAMES, ROLE_SENTENCES, read_invitation, read_role
from web.pages.account.steps import typed_again
from web.pages.form import Typed
from web.pages.organizer import no_store, organization_of
from web.pages.paging import page_number
from web.routes import Routes

pages = Routes("organizer_members", __name__, url_prefix="/organize/organizations/<int:organization_id>/members")
pages.after_request(no_store)

PAGE = 50
SAID = {
    "invited": deferred("members.invited"),
    "again": deferred("members.reinvited"),
    "withdrawn": deferred("members.invitation_revoked"),
    "changed": deferred("members.role_changed"),
    "removed": deferred("members.removed"),
}
REFUSED = {
    "last_owner": deferred("members.last_owner_error"),
    "invitations_many": deferred("members.invitations_many_error"),
}


@pages.get("", access=OWNER)
def show(db: Session, by: Member, organization_id: int) -> ResponseReturnValue:
    """Members by name, `?page=` turns the list; and who is invited."""
    return _page(db, by)


def again(db: Session, by: Member, error: DomainError, **_: int) -> ResponseReturnValue:
    """The page with the fault at its field, or why it is refused."""
    if isinstance(error, Conflicting):
        return _page(db, by, Typed(_untyped(), refusal=gettext(REFUSED.get(error.reason, ""))))
    return _page(db, by, typed_again(error))


@pages.post("/invitations", access=OWNER, refused=again)
def invite(db: Session, by: Member, organization_id: int) -> ResponseReturnValue:
    """Invite an address by mail."""
    asked = read_invitation(request.form)
    operations.invite(
        db, by=by.account, organization_id=organization_id, email=asked.email, role=asked.role, language=asked.language
    )
    return _back(organization_id, "invited")


@pages.post("/invitations/<int:invitation_id>/again", access=OWNER)
def send_again(db: Session, by: Member, organization_id: int, invitation_id: int) -> ResponseReturnValue:
    """Mail an invitation once more."""
    operations.send_again(db, by=by.account, organization_id=organization_id, invitation_id=invitation_id)
    return _back(organization_id, "again")


@pages.post("/invitations/<int:invitation_id>/withdraw", access=OWNER)
def withdraw(db: Session, by: Member, organization_id: int, invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    operations.revoke_invitation(db, by=by.account, organization_id=organization_id, invitation_id=invitation_id)
    return _back(organization_id, "withdrawn")


@pages.post("/<int:account_id>/role", access=OWNER, refused=again)
def change_role(db: Session, by: Member, organization_id: int, account_id: int) -> ResponseReturnValue:
    """Give a member another role."""
    role = read_role(request.form)
    operations.change_role(db, by=by.account, organization_id=organization_id, account_id=account_id, role=role)
    return _after(by, organization_id, account_id, "changed", stays=role == "owner")


@pages.post("/<int:account_id>/remove", access=OWNER, refused=again)
def remove(db: Session, by: Member, organization_id: int, account_id: int) -> ResponseReturnValue:
    """Take a member out of the organization."""
    operations.remove(db, by=by.account, organization_id=organization_id, account_id=account_id)
    return _after(by, organization_id, account_id, "removed", stays=False)


def _after(by: Member, organization_id: int, account_id: int, word: str, *, stays: bool) -> ResponseReturnValue:
    """Who is an owner no more has this page no more."""
    if by.account.id == account_id and not stays:
        return redirect("/organize/", 303)
    return _back(organization_id, word)


def _back(organization_id: int, word: str) -> ResponseReturnValue:
    return redirect(f"{links.members(organization_id)}?said={word}", 303)


def _untyped() -> dict[str, str]:
    """What the form for an invitation begins with."""
    return {"role": "organizer", "language": language()}


def _page(db: Session, by: Member, typed: Typed | None = None) -> str:
    organization = organization_of(by)
    number = page_number()
    found = accounts.members(db, organization_id=organization.id, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "organizer/members.html",
        by=by,
        organization=organization,
        base=links.members(organization.id),
        members=found[:PAGE],
        number=number,
        has_more=len(found) > PAGE,
        invitations=accounts.open_invitations(db, organization_id=organization.id, limit=operations.MOST_OPEN),
        typed=typed or Typed(_untyped()),
        now=clock.now(),
        role_names=ROLE_NAMES,
        role_sentences=ROLE_SENTENCES,
        message=gettext(SAID.get(request.args.get("said", ""), "")),
    )
