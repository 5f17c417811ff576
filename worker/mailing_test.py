"""A test of a mailing, sent to its author."""

from sqlalchemy.orm import Session

from shared.config import Settings
from shared.events import pictures
from shared.mailings import audiences
from shared.models import Account, OutboxMessage
from shared.outbox.outcomes import SkipReason
from worker import emails
from worker.email_message import Prepared, Skipped


def mailing_test(db: Session, message: OutboxMessage, settings: Settings) -> Prepared:
    """Compose the mailing in its present state; the key is "<account> <language> <time of the request>"."""
    account_id, language, _ = message.key.split(" ")
    mailing, account = audiences.get(db, mailing_id=message.subject), db.get(Account, int(account_id))
    if mailing is None or account is None:
        return Skipped(SkipReason.NO_MAILING)
    return emails.compose_test(mailing, account, language, settings, pictures.photograph(db, event=mailing.event))
