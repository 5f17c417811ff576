"""Trying once more what could not be mailed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from shared import outbox
from shared.models import Account
from shared.operations import audit
from shared.queries import email_backlog


def send_again(db: Session, *, organization_ids: Sequence[int], by: Account, message_id: UUID | None = None) -> int:
    """Make due now what failed so far of these organizations, or one promise of it; how many are. Each organization's
    audit keeps how many were its own.
    """
    revived = outbox.requeue(db, email_backlog.stuck(organization_ids=organization_ids, message_id=message_id))
    for organization_id, mails in sorted(revived.items()):
        audit.note(db, by=by, action="email.resent", organization_id=organization_id, mails=mails)
    return sum(revived.values())
