"""Budgets of emails that strangers may cause, per address: a burst, then one in ten minutes (GCRA, ITU-T I.371).

A family registers for several events in an hour, a teacher registers a class: those are bursts. A person who enters
another's address again and again exceeds them. An email beyond the budget waits and is not lost.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.models import EmailBudget

BURST = 10
GAP = timedelta(minutes=10)

# Once per process: each email runs it, and composing it costs more than sending it.
_COUNT = (
    insert(EmailBudget)
    .values(recipient=bindparam("recipient"), full_at=func.now() + GAP)
    .on_conflict_do_update(
        index_elements=[EmailBudget.recipient],
        set_={"full_at": func.greatest(EmailBudget.full_at, func.now()) + GAP},
        where=EmailBudget.full_at <= func.now() + GAP * (BURST - 1),
    )
    .returning(EmailBudget.recipient)
)


def recipient(secrets_: Sequence[bytes], address: str, *, purpose: str) -> bytes:
    """Return the keyed hash by which a budget identifies a mailbox; `address` is in the spelling in which it is stored.

    Budgets of different purposes are independent.
    """
    # Many providers deliver a.nn+x@ to ann@. Where they do not, two people share a budget, and wait at the worst.
    local, _, domain = address.rpartition("@")
    mailbox = f"{local.partition('+')[0].replace('.', '')}@{domain}"
    return hmac.digest(secrets_[0], f"turnout email budget {purpose} {mailbox}".encode(), sha256)


def spend(db: Session, *, recipient: bytes) -> datetime | None:
    """Count one email to a recipient and return None; or count nothing and return when the next one is due."""
    if db.scalar(_COUNT, {"recipient": recipient}):
        return None
    return db.scalar(select(EmailBudget.full_at - GAP * (BURST - 1)).where(EmailBudget.recipient == recipient))


def delete_full(db: Session) -> None:
    """Delete full budgets: they are as good as none."""
    db.execute(delete(EmailBudget).where(EmailBudget.full_at <= func.now()))
