"""Notices of a change to how an account signs in: a line in its history and an email to it."""

from sqlalchemy.orm import Session

from shared import clock, outbox
from shared.models import Account
from shared.operations import audit
from shared.outbox_kinds import MessageKind


def note(db: Session, *, account: Account, action: str, occasion: str = "") -> None:
    """Record an act on an account and email it.

    Acts of one kind on one occasion, by default a second, are one email.
    """
    audit.note_own(db, account=account, action=action)
    when = occasion or f"{int(clock.now().timestamp())}"
    outbox.enqueue(db, MessageKind.ACCOUNT_NOTICE, subject=account.id, key=f"{action} {when}")
