"""Members of an organization: invited by email, given a role, removed. There is always an owner."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from shared import clock
from shared.accounts import accounts
from shared.audit import audit
from shared.database import name_order
from shared.errors import Conflicting, Invalid, Missing, NotAllowed
from shared.models import Account, Invitation, Membership, Role
from shared.outbox import outbox
from shared.outbox.kinds import MessageKind

GOOD_FOR = timedelta(days=7)

MOST_OPEN = 100
"""Open invitations of one organization: enough for any team, too few to email a whole city."""


_OPEN = (Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))


def invite(db: Session, *, by: Account, organization_id: int, email: str, role: Role, language: str) -> Invitation:
    """Invite an address, by an email whose link is valid for 7 days.

    Raises Invalid for text that is not an address, for a member and for an invited address, Conflicting past 100 open
    ones.
    """
    address = accounts.address(email)
    _require_stranger(db, organization_id, address)
    invitation = Invitation(
        organization_id=organization_id, email=address, role=role, language=language, invited_by=by.id
    )
    invitation.expires_at = clock.now() + GOOD_FOR
    try:
        with db.begin_nested():
            db.add(invitation)
    except IntegrityError:
        raise Invalid("email", "invited_already") from None
    db.refresh(invitation)
    outbox.enqueue(db, MessageKind.INVITATION, subject=invitation.id, key=str(invitation.version))
    audit.note(db, by=by, action="member.invited", organization_id=organization_id, invitation=invitation.id, role=role)
    return invitation


def _require_stranger(db: Session, organization_id: int, address: str) -> None:
    members = select(Membership).join(Account, Account.id == Membership.account_id)
    if db.scalar(members.where(Membership.organization_id == organization_id, Account.email == address)):
        raise Invalid("email", "member_already")
    open_count = (
        select(func.count()).select_from(Invitation).where(Invitation.organization_id == organization_id, *_OPEN)
    )
    if db.scalars(open_count).one() >= MOST_OPEN:
        raise Conflicting("invitations_many")


def send_again(db: Session, *, by: Account, organization_id: int, invitation_id: int) -> None:
    """Resend an invitation, valid for another 7 days; the earlier link is revoked.

    Raises Missing when it is not open.
    """
    changed = {"version": Invitation.version + 1, "expires_at": clock.now() + GOOD_FOR}
    invitation = _change(db, organization_id, invitation_id, changed)
    outbox.enqueue(db, MessageKind.INVITATION, subject=invitation.id, key=str(invitation.version))
    audit.note(db, by=by, action="member.invitation_resent", organization_id=organization_id, invitation=invitation.id)


def revoke_invitation(db: Session, *, by: Account, organization_id: int, invitation_id: int) -> None:
    """Revoke an invitation. Raises Missing when it is not open."""
    invitation = _change(db, organization_id, invitation_id, {"withdrawn_at": clock.now()})
    audit.note(db, by=by, action="member.invitation_revoked", organization_id=organization_id, invitation=invitation.id)


def _change(db: Session, organization_id: int, invitation_id: int, values: dict[str, object]) -> Invitation:
    open_invitation = (Invitation.id == invitation_id, Invitation.organization_id == organization_id, *_OPEN)
    changed = update(Invitation).where(*open_invitation).values(values).returning(Invitation)
    invitation = db.scalars(changed.execution_options(populate_existing=True)).one_or_none()
    if invitation is None:
        raise Missing("invitation")
    return invitation


def accept(db: Session, *, invitation: Invitation, account: Account) -> Membership:
    """Join by an invitation, which is used up; a member keeps the higher of both roles.

    Raises Missing when it was used, revoked, resent or has expired.
    """
    current = (Invitation.id == invitation.id, Invitation.version == invitation.version, *_OPEN)
    now = clock.now()
    used = update(Invitation).where(*current, Invitation.expires_at > now).values(accepted_at=now)
    if db.scalar(used.returning(Invitation.id)) is None:
        raise Missing("invitation")
    membership = _joined(db, invitation, account)
    audit.note(
        db,
        by=account,
        action="member.joined",
        organization_id=invitation.organization_id,
        invitation=invitation.id,
        member=account.id,
        role=membership.role,
    )
    return membership


def _joined(db: Session, invitation: Invitation, account: Account) -> Membership:
    membership = select(Membership).where(
        Membership.organization_id == invitation.organization_id, Membership.account_id == account.id
    )
    member = db.scalars(membership.with_for_update()).one_or_none()
    if member is None:
        member = Membership(organization_id=invitation.organization_id, account_id=account.id, role=invitation.role)
        db.add(member)
        db.flush()
        return member
    member.role = min(member.role, invitation.role, key=list(Role).index)
    db.flush()
    return member


def change_role(db: Session, *, by: Account, organization_id: int, account_id: int, role: Role) -> None:
    """Change the role of a member.

    Raises Missing for a person who is none, Conflicting for the last owner, NotAllowed for an account that is no longer
    an owner.
    """
    member = _lock(db, by, organization_id, account_id, stays_owner=role == Role.OWNER)
    role_before, member.role = member.role, role
    db.flush()
    audit.note(
        db,
        by=by,
        action="member.role_changed",
        organization_id=organization_id,
        member=account_id,
        before=role_before,
        role=role,
    )


def remove(db: Session, *, by: Account, organization_id: int, account_id: int) -> None:
    """Remove a member from an organization; the account stays. Raises as change_role does."""
    db.delete(_lock(db, by, organization_id, account_id, stays_owner=False))
    db.flush()
    audit.note(db, by=by, action="member.removed", organization_id=organization_id, member=account_id)


def _lock(db: Session, by: Account, organization_id: int, account_id: int, *, stays_owner: bool) -> Membership:
    """Return the member after locking every row that decides whether an owner is left.

    Two owners who act at once take turns.
    """
    rows = select(Membership).where(Membership.organization_id == organization_id).order_by(Membership.account_id)
    relevant = rows.where((Membership.role == Role.OWNER) | (Membership.account_id == account_id))
    locked = db.scalars(relevant.with_for_update().execution_options(populate_existing=True)).all()
    owners = {member.account_id for member in locked if member.role == Role.OWNER}
    if by.id not in owners:
        raise NotAllowed
    member = next((member for member in locked if member.account_id == account_id), None)
    if member is None:
        raise Missing("member")
    _require_owner(owners, account_id, stays_owner=stays_owner)
    return member


def _require_owner(owners: Sequence[int] | set[int], account_id: int, *, stays_owner: bool) -> None:
    if not stays_owner and owners == {account_id}:
        raise Conflicting("last_owner")


def of_organization(
    db: Session, *, organization_id: int, limit: int, offset: int = 0
) -> Sequence[tuple[Account, Role]]:
    """Return an organization's members by name, each with a role."""
    query = select(Account, Membership.role).join(Membership, Membership.account_id == Account.id)
    ordered = query.where(Membership.organization_id == organization_id).order_by(name_order(Account.name), Account.id)
    return [(account, role) for account, role in db.execute(ordered.limit(limit).offset(offset))]


def open_invitations(db: Session, *, organization_id: int, limit: int) -> Sequence[Invitation]:
    """Return an organization's unanswered invitations, the latest first; expired ones too."""
    unanswered = (Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
    query = select(Invitation).where(Invitation.organization_id == organization_id, *unanswered)
    return db.scalars(query.order_by(Invitation.created_at.desc(), Invitation.id).limit(limit)).all()


def invitation(db: Session, *, invitation_id: int, version: int, now: datetime) -> Invitation | None:
    """Return the invitation that this version of its link still accepts, with its organization."""
    query = select(Invitation).where(Invitation.id == invitation_id, Invitation.version == version, *_open(now))
    return db.scalars(query.options(joinedload(Invitation.organization))).one_or_none()


def invitation_to(db: Session, *, address: str, now: datetime) -> Invitation | None:
    """Return the newest open invitation to an address, spelled as by contacts.contact_key."""
    query = select(Invitation).where(Invitation.email == address, *_open(now))
    return db.scalars(query.order_by(Invitation.id.desc()).limit(1)).one_or_none()


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.expires_at > now
