"""Who did what, the latest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared.models import Account, Audit


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the audit, and who acted; no name where the account is gone or the worker acted."""

    row: Audit
    name: str | None


def of_event(db: Session, *, event_id: int, limit: int, offset: int = 0) -> Sequence[Act]:
    """What was done in an event."""
    return _found(db, Audit.event_id == event_id, limit, offset)


def of_registration(db: Session, *, registration_id: int, limit: int, offset: int = 0) -> Sequence[Act]:
    """What was done about one person."""
    return _found(db, Audit.registration_id == registration_id, limit, offset)


def of_organization(db: Session, *, organization_id: int, limit: int, offset: int = 0) -> Sequence[Act]:
    """What was done in an organization."""
    return _found(db, Audit.organization_id == organization_id, limit, offset)


def _found(db: Session, which: ColumnElement[bool], limit: int, offset: int) -> Sequence[Act]:
    acts = select(Audit, Account.name).outerjoin(Account, Account.id == Audit.account_id).where(which)
    rows = db.execute(acts.order_by(Audit.at.desc(), Audit.id.desc()).limit(limit).offset(offset))
    return [Act(*row) for row in rows]
