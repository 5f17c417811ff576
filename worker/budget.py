"""The budget that limits emails caused by strangers, per recipient."""

from sqlalchemy.orm import Session

from shared.config import Settings
from shared.models import OutboxMessage
from shared.outbox import budgets
from shared.outbox.kinds import COUNTED, OF_ACCOUNTS
from worker.email_message import Delayed


def spend(db: Session, message: OutboxMessage, address: str, settings: Settings) -> Delayed | None:
    """Charge a message to its recipient's budget; return Delayed if the budget is spent.

    Only the first attempt counts, so that an unavailable mail server costs no one's budget. Links to sign in have a
    budget of their own: flooding an organizer with tickets does not prevent signing in.
    """
    counts = message.kind in COUNTED and not message.exempt and message.attempts <= 1
    if not counts or settings.turnout_rate_limits == "off":
        return None
    purpose = "account" if message.kind in OF_ACCOUNTS else "registration"
    until = budgets.spend(db, recipient=budgets.recipient(settings.secrets, address, purpose=purpose))
    return Delayed(until) if until else None
