"""Recording of who did what."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Account, Audit, Event, Registration


def note(
    db: Session,
    *,
    by: Account | None,
    action: str,
    event: Event | None = None,
    registration: Registration | None = None,
    organization_id: int | None = None,
    **details: Any,
) -> None:
    """Record an act in its own transaction.

    `action` is subject and verb ("event.published"); `details` are ids, counts and names of fields, never typed text.
    The organization defaults to the event's.
    """
    subject = event or (registration.event if registration else None)
    organization = organization_id if organization_id is not None else subject.organization_id if subject else None
    if organization is None:
        raise ValueError("an act belongs to an organization")
    entry = Audit(
        at=clock.now(),
        organization_id=organization,
        account_id=by.id if by else None,
        event_id=subject.id if subject else None,
        registration_id=registration.id if registration else None,
        action=action,
        details=details,
    )
    db.add(entry)
    db.flush()


def note_own(db: Session, *, account: Account, action: str, **details: Any) -> None:
    """Record an act on an account itself: it belongs to no organization, and only the account sees it."""
    db.add(Audit(at=clock.now(), account_id=account.id, action=action, details=details))
    db.flush()


def note_each(
    db: Session, *, by: Account, action: str, event: Event, registration_ids: Collection[int], **details: Any
) -> None:
    """Record an act on many people of an event: a line for each of them, in one statement."""
    at = clock.now()
    rows = [
        {
            "at": at,
            "organization_id": event.organization_id,
            "account_id": by.id,
            "event_id": event.id,
            "registration_id": registration_id,
            "action": action,
            "details": details,
        }
        for registration_id in registration_ids
    ]
    if rows:
        db.execute(insert(Audit), rows)
