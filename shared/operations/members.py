"""Who is in an organization: invited by mail, given another role, removed. There is always an owner."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock, outbox
from shared.errors import Conflicting, Invalid, Missing, NotAllowed
from shared.models import Account, Invitation, Membership
from shared.models.account import ROLES
from shared.operations import accounts, audit

GOOD_FOR = timedelta(days=7)
MOST_OPEN = 100
"""Invitations of one organization that wait for an answer: nobody mails the whole city from here."""

_OPEN = (Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))


def invite(db: Session, *, by: Account, organization_id: int, email: str, role: str, language: str) -> Invitation:
    """Invite an address, by a mail whose link is good for 7 days.

    Raises Invalid for what is no address, is a member already or is invited, Conflicting past 100 that are open.
    """
    address = accounts.address(email)
    _require_stranger(db, organization_id, address)
    asked = Invitation(organization_id=organization_id, email=address, role=role, language=language, invited_by=by.id)
    asked.expires_at = clock.now() + GOOD_FOR
    try:
        with db.begin_nested():
            db.add(asked)
    except IntegrityError:
        raise Invalid("email", "invited_already") from None
    db.refresh(asked)
    outbox.enqueue(db, "invitation", subject=asked.id, key=str(asked.version))
    audit.note(db, by=by, action="member.invited", organization_id=organization_id, invitation=asked.id, role=role)
    return asked


def _require_stranger(db: Session, organization_id: int, address: str) -> None:
    here = select(Membership).join(Account, Account.id == Membership.account_id)
    if db.scalar(here.where(Membership.organization_id == organization_id, Account.email == address)):
        raise Invalid("email", "member_already")
    waiting = select(func.count()).select_from(Invitation).where(Invitation.organization_id == organization_id, *_OPEN)
    if db.scalars(waiting).one() >= MOST_OPEN:
        raise Conflicting("invitations_many")


def send_again(db: Session, *, by: Account, organization_id: int, invitation_id: int) -> None:
    """Mail an invitation once more, good for another 7 days; the earlier link is good no more. Raises Missing where
    none is open."""
    changed = {"version": Invitation.version + 1, "expires_at": clock.now() + GOOD_FOR}
    asked = _change(db, organization_id, invitation_id, changed)
    outbox.enqueue(db, "invitation", subject=asked.id, key=str(asked.version))
    audit.note(db, by=by, action="member.invitation_resent", organization_id=organization_id, invitation=asked.id)


def revoke_invitation(db: Session, *, by: Account, organization_id: int, invitation_id: int) -> None:
    """Take an invitation back. Raises Missing where none is open."""
    asked = _change(db, organization_id, invitation_id, {"withdrawn_at": clock.now()})
    audit.note(db, by=by, action="member.invitation_revoked", organization_id=organization_id, invitation=asked.id)


def _change(db: Session, organization_id: int, invitation_id: int, values: dict[str, object]) -> Invitation:
    mine = (Invitation.id == invitation_id, Invitation.organization_id == organization_id, *_OPEN)
    changed = update(Invitation).where(*mine).values(values).returning(Invitation)
    asked = db.scalars(changed.execution_options(populate_existing=True)).one_or_none()
    if asked is None:
        raise Missing("invitation")
    return asked


def accept(db: Session, *, invitation: Invitation, account: Account) -> Membership:
    """Join by an invitation, which is used up; who is a member already keeps the role that may more.

    Raises Missing when it was used, taken back, sent again or is over.
    """
    mine = (Invitation.id == invitation.id, Invitation.version == invitation.version, *_OPEN)
    now = clock.now()
    used = update(Invitation).where(*mine, Invitation.expires_at > now).values(accepted_at=now)
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
    here = select(Membership).where(
        Membership.organization_id == invitation.organization_id, Membership.account_id == account.id
    )
    before = db.scalars(here.with_for_update()).one_or_none()
    if before is None:
        joined = Membership(organization_id=invitation.organization_id, account_id=account.id, role=invitation.role)
        db.add(joined)
        db.flush()
        return joined
    before.role = min(before.role, invitation.role, key=ROLES.index)
    db.flush()
    return before


def change_role(db: Session, *, by: Account, organization_id: int, account_id: int, role: str) -> None:
    """Give a member another role. Raises Missing for who is none, Conflicting for the last owner, NotAllowed for who
    is an owner no more."""
    member = _lock(db, by, organization_id, account_id, stays_owner=role == "owner")
    before, member.role = member.role, role
    db.flush()
    audit.note(
        db,
        by=by,
        action="member.role_changed",
        organization_id=organization_id,
        member=account_id,
        before=before,
        role=role,
    )


def remove(db: Session, *, by: Account, organization_id: int, account_id: int) -> None:
    """Take a member out of an organization; the account stays. Raises as change_role does."""
    db.delete(_lock(db, by, organization_id, account_id, stays_owner=False))
    db.flush()
    audit.note(db, by=by, action="member.removed", organization_id=organization_id, member=account_id)


def _lock(db: Session, by: Account, organization_id: int, account_id: int, *, stays_owner: bool) -> Membership:
    """The member, once everybody is locked who decides whether an owner is left: two owners at once go one by one."""
    rows = select(Membership).where(Membership.organization_id == organization_id).order_by(Membership.account_id)
    deciding = rows.where((Membership.role == "owner") | (Membership.account_id == account_id))
    locked = db.scalars(deciding.with_for_update().execution_options(populate_existing=True)).all()
    owners = {one.account_id for one in locked if one.role == "owner"}
    if by.id not in owners:
        raise NotAllowed
    member = next((one for one in locked if one.account_id == account_id), None)
    if member is None:
        raise Missing("member")
    _require_owner(owners, account_id, stays_owner=stays_owner)
    return member


def _require_owner(owners: Sequence[int] | set[int], account_id: int, *, stays_owner: bool) -> None:
    if not stays_owner and owners == {account_id}:
        raise Conflicting("last_owner")
