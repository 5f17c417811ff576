"""The members of an organization: its owners invite, change roles and remove."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links
from shared.accounts import members
from shared.errors import Conflicting, DomainError
from shared.i18n import deferred, gettext, language
from shared.models import Role
from web.access import OWNER, Member
from web.account.form import ROLE_NAMES, ROLE_SENTENCES, read_invitation, read_role
from web.account.steps import typed_again
from web.forms.typed import Typed
from web.organizer.routes import OrganizerRoutes, done, organization_of
from web.paging import page_number

PAGE = 50
RESULTS = {
    "invited": deferred("members.invited"),
    "again": deferred("members.reinvited"),
    "withdrawn": deferred("members.invitation_revoked"),
    "changed": deferred("members.role_changed"),
    "removed": deferred("members.removed"),
}
pages = OrganizerRoutes(
    "organizer_members", __name__, url_prefix="/organize/organizations/<int:organization_id>/members", results=RESULTS
)
REFUSALS = {
    "last_owner": deferred("members.last_owner_error"),
    "invitations_many": deferred("members.invitations_many_error"),
}


@pages.get("", access=OWNER)
def show(db: Session, by: Member, organization_id: int) -> ResponseReturnValue:
    """List the members by name, `?page=` turns the list, and the open invitations."""
    return _page(db, by)


def refused(db: Session, by: Member, error: DomainError, **_: int) -> ResponseReturnValue:
    """Return the page with the error at its field, or with the reason of a refusal."""
    if isinstance(error, Conflicting):
        return _page(db, by, Typed(_default_values(), refusal=gettext(REFUSALS.get(error.reason, ""))))
    return _page(db, by, typed_again(error))


@pages.post("/invitations", access=OWNER, refused=refused)
def invite(db: Session, by: Member, organization_id: int) -> ResponseReturnValue:
    """Invite an address by email."""
    invitation = read_invitation(request.form)
    members.invite(
        db,
        by=by.account,
        organization_id=organization_id,
        email=invitation.email,
        role=invitation.role,
        language=invitation.language,
    )
    return _back(organization_id, "invited")


@pages.post("/invitations/<int:invitation_id>/again", access=OWNER)
def resend_invitation(db: Session, by: Member, organization_id: int, invitation_id: int) -> ResponseReturnValue:
    """Resend an invitation."""
    members.send_again(db, by=by.account, organization_id=organization_id, invitation_id=invitation_id)
    return _back(organization_id, "again")


@pages.post("/invitations/<int:invitation_id>/withdraw", access=OWNER)
def revoke_invitation(db: Session, by: Member, organization_id: int, invitation_id: int) -> ResponseReturnValue:
    """Revoke an invitation."""
    members.revoke_invitation(db, by=by.account, organization_id=organization_id, invitation_id=invitation_id)
    return _back(organization_id, "withdrawn")


@pages.post("/<int:account_id>/role", access=OWNER, refused=refused)
def change_role(db: Session, by: Member, organization_id: int, account_id: int) -> ResponseReturnValue:
    """Change the role of a member."""
    role = read_role(request.form)
    members.change_role(db, by=by.account, organization_id=organization_id, account_id=account_id, role=role)
    return _after(by, organization_id, account_id, "changed", is_owner=role == Role.OWNER)


@pages.post("/<int:account_id>/remove", access=OWNER, refused=refused)
def remove(db: Session, by: Member, organization_id: int, account_id: int) -> ResponseReturnValue:
    """Remove a member from the organization."""
    members.remove(db, by=by.account, organization_id=organization_id, account_id=account_id)
    return _after(by, organization_id, account_id, "removed", is_owner=False)


def _after(by: Member, organization_id: int, account_id: int, result: str, *, is_owner: bool) -> ResponseReturnValue:
    """Redirect to the page, or to the events for an account that has just lost its own access to it."""
    if by.account.id == account_id and not is_owner:
        return redirect(links.organizer("my_events"), 303)
    return _back(organization_id, result)


def _back(organization_id: int, result: str) -> ResponseReturnValue:
    return done(links.members(organization_id), result)


def _default_values() -> dict[str, str]:
    """Return the values that the form of an invitation begins with."""
    return {"role": Role.ORGANIZER, "language": language()}


def _page(db: Session, by: Member, typed: Typed | None = None) -> str:
    organization = organization_of(by)
    number = page_number()
    rows = members.of_organization(db, organization_id=organization.id, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "organizer/members/members.html",
        organization=organization,
        base=links.members(organization.id),
        members=rows[:PAGE],
        number=number,
        has_more=len(rows) > PAGE,
        invitations=members.open_invitations(db, organization_id=organization.id, limit=members.MOST_OPEN),
        typed=typed or Typed(_default_values()),
        now=clock.now(),
        role_names=ROLE_NAMES,
        role_sentences=ROLE_SENTENCES,
    )
