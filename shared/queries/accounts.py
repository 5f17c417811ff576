"""Accounts, their sign-ins and memberships, and the invitations to an organization."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from shared import tokens
from shared.database import name_order
from shared.errors import Unidentified
from shared.models import Account, Invitation, Membership, RecoveryCode, SignIn
from shared.models.account import DEMO_DOMAIN

IDLE_FOR = timedelta(days=7)
"""After this time without a request a browser is signed out, even if its sign-in would last longer."""


def signed_in(db: Session, *, token: str, now: datetime) -> SignIn:
    """Return the sign-in of a browser's token, with its account. Raises Unidentified."""
    query = select(SignIn).join(SignIn.account).options(contains_eager(SignIn.account))
    sign_in = db.scalars(query.where(SignIn.token_hash == tokens.digest(token), *_live(now))).one_or_none()
    if sign_in is None:
        raise Unidentified("sign_in")
    return sign_in


def sign_ins(db: Session, *, account_id: int, now: datetime, limit: int) -> Sequence[SignIn]:
    """Return an account's open sign-ins, the most recently used first."""
    query = select(SignIn).where(SignIn.account_id == account_id, *_live(now))
    return db.scalars(query.order_by(SignIn.seen_at.desc(), SignIn.id).limit(limit)).all()


def get(db: Session, *, account_id: int) -> Account | None:
    """Return an account, None if there is none of this id."""
    return db.get(Account, account_id)


def is_there_any(db: Session) -> bool:
    """Return True if an account exists apart from the demo's."""
    return db.scalars(select(select(Account.id).where(~Account.email.endswith(f"@{DEMO_DOMAIN}")).exists())).one()


def of_address(db: Session, *, address: str) -> Account | None:
    """Return the account of an address, spelled as by contacts.contact_key."""
    return db.scalars(select(Account).where(Account.email == address)).one_or_none()


def recovery_codes_left(db: Session, *, account_id: int) -> int:
    """Count an account's unused recovery codes."""
    unused = select(func.count()).select_from(RecoveryCode)
    return db.scalars(unused.where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))).one()


def membership(db: Session, *, account_id: int, organization_id: int) -> Membership | None:
    """Return an account's membership of an organization; None when it is not a member."""
    return db.get(Membership, (organization_id, account_id))


def memberships(db: Session, *, account_id: int) -> Sequence[Membership]:
    """Return an account's memberships, each with its organization."""
    query = select(Membership).where(Membership.account_id == account_id)
    return db.scalars(query.options(joinedload(Membership.organization))).all()


def members(db: Session, *, organization_id: int, limit: int, offset: int = 0) -> Sequence[tuple[Account, str]]:
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


def _live(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return SignIn.revoked_at.is_(None), SignIn.expires_at > now, SignIn.seen_at > now - IDLE_FOR


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.expires_at > now
