"""Whether an email may go out now: what strangers cause counts against a budget of its recipient."""

from sqlalchemy.orm import Session

from shared import outbox
from shared.config import Settings
from shared.models import OutboxMessage
from shared.operations import budgets
from shared.queries.email_backlog import OF_ACCOUNTS
from worker.email_message import Delayed


def spend(db: Session, message: OutboxMessage, address: str, settings: Settings) -> Delayed | None:
    """Count a promise to an address; Delayed where that is not possible yet.

    Only its first attempt counts, so that a mail server that is away costs nobody their budget. Links to sign in have
    a budget of their own: who floods an organizer with tickets does not keep them from signing in.
    """
    counts = message.kind in outbox.COUNTED and not message.exempt and message.attempts <= 1
    if not counts or settings.turnout_rate_limits == "off":
        return None
    purpose = "account" if message.kind in OF_ACCOUNTS else "registration"
    until = budgets.spend(db, recipient=budgets.recipient(settings.secrets, address, purpose=purpose))
    return Delayed(until) if until else None
