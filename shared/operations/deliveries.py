"""Resending of emails that failed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from shared import outbox
from shared.models import Account
from shared.operations import audit
from shared.queries import email_backlog


def send_again(db: Session, *, organization_ids: Sequence[int], by: Account, message_id: UUID | None = None) -> int:
    """Make the failed emails of these organizations due now, or one message of them; return how many.

    The audit of each organization records its own number.
    """
    requeued = outbox.requeue(db, email_backlog.stuck(organization_ids=organization_ids, message_id=message_id))
    for organization_id, count in sorted(requeued.items()):
        audit.note(db, by=by, action="email.resent", organization_id=organization_id, mails=count)
    return sum(requeued.values())
