"""Who is signed in, and what they may do."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from shared import tokens
from shared.errors import Unidentified
from shared.models import Account, Membership, SignIn


def signed_in(db: Session, *, token: str, now: datetime) -> Account:
    """The account that a browser's token is signed in to. Raises Unidentified."""
    good = (SignIn.revoked_at.is_(None), SignIn.expires_at > now)
    found = select(Account).join(SignIn, SignIn.account_id == Account.id)
    account = db.scalars(found.where(SignIn.token_hash == tokens.digest(token), *good)).one_or_none()
    if account is None:
        raise Unidentified("sign_in")
    return account


def membership(db: Session, *, account_id: int, organization_id: int) -> Membership | None:
    """What an account is in an organization; None when it is not a member."""
    return db.get(Membership, (organization_id, account_id))


def memberships(db: Session, *, account_id: int) -> Sequence[Membership]:
    """Every organization of an account, with what it is there."""
    mine = select(Membership).where(Membership.account_id == account_id)
    return db.scalars(mine.options(joinedload(Membership.organization))).all()
