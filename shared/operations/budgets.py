"""How many emails one address may be sent because of strangers: a burst, then one in ten minutes (GCRA, ITU-T I.371).

One family registers for several events in an hour, and one teacher a class: that is a burst. Someone who writes down
another person's address again and again is the rest. What does not fit waits and is not lost.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.models import EmailBudget

BURST = 10
GAP = timedelta(minutes=10)


def recipient(secrets_: Sequence[bytes], address: str, *, purpose: str) -> bytes:
    """A mailbox as a budget knows it, of an address in the one spelling in which it is kept: a keyed hash.

    Budgets of two purposes do not touch each other.
    """
    # Many providers deliver a.nn+x@ to ann@. Where they do not, two people share a budget, and wait at the worst.
    local, _, domain = address.rpartition("@")
    mailbox = f"{local.partition('+')[0].replace('.', '')}@{domain}"
    return hmac.digest(secrets_[0], f"turnout email budget {purpose} {mailbox}".encode(), sha256)


def spend(db: Session, *, recipient: bytes) -> datetime | None:
    """Count one email to a recipient; or count nothing, and say when the next one is due."""
    allowed = func.now() + GAP * (BURST - 1)
    counted = (
        insert(EmailBudget)
        .values(recipient=recipient, full_at=func.now() + GAP)
        .on_conflict_do_update(
            index_elements=[EmailBudget.recipient],
            set_={"full_at": func.greatest(EmailBudget.full_at, func.now()) + GAP},
            where=EmailBudget.full_at <= allowed,
        )
    )
    if db.scalar(counted.returning(EmailBudget.recipient)):
        return None
    return db.scalar(select(EmailBudget.full_at - GAP * (BURST - 1)).where(EmailBudget.recipient == recipient))


def forget_full(db: Session) -> None:
    """Delete the budgets of which nothing is spent any more: they are as good as none."""
    db.execute(delete(EmailBudget).where(EmailBudget.full_at <= func.now()))
