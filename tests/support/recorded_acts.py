"""What the audit has recorded."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Account, Audit


def acts(db: Session, *, by: Account | None = None) -> list[tuple[str, dict[str, Any]]]:
    """Return every act, or every act of an account, with its details and in order."""
    of_account = select(Audit) if by is None else select(Audit).where(Audit.account_id == by.id)
    return [(act.action, act.details) for act in db.scalars(of_account.order_by(Audit.id))]
