"""Trying once more what could not be mailed."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from shared import outbox
from shared.models import Account
from shared.operations import audit


def send_again(db: Session, *, promises: Mapping[UUID, int], by: Account) -> int:
    """Make promises due now, each named with the organization whose audit keeps it; how many are."""
    revived = outbox.revive(db, list(promises))
    for organization_id in sorted(set(promises.values())):
        mails = sum(owner == organization_id for owner in promises.values())
        audit.note(db, by=by, action="mails.sent_again", organization_id=organization_id, mails=mails)
    return revived
