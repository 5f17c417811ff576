"""Writing down who did what."""

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
    """Note an act in the transaction that does it. `action` is subject and verb ("event.published"); `details` are ids,
    counts and names of fields, never what anybody wrote. The organization is the event's where none is given.
    """
    about = event or (registration.event if registration else None)
    organization = organization_id if organization_id is not None else about.organization_id if about else None
    if organization is None:
        raise ValueError("an act belongs to an organization")
    row = Audit(
        at=clock.now(),
        organization_id=organization,
        account_id=by.id if by else None,
        event_id=about.id if about else None,
        registration_id=registration.id if registration else None,
        action=action,
        details=details,
    )
    db.add(row)
    db.flush()


def note_own(db: Session, *, account: Account, action: str, **details: Any) -> None:
    """Note what was done to an account itself: of no organization, and for nobody's eyes but its own."""
    db.add(Audit(at=clock.now(), account_id=account.id, action=action, details=details))
    db.flush()


def note_each(
    db: Session, *, by: Account, action: str, event: Event, registration_ids: Collection[int], **details: Any
) -> None:
    """Note an act that was done to many people of an event: a line for each of them, in one statement."""
    at = clock.now()
    rows = [
        {
            "at": at,
            "organization_id": event.organization_id,
            "account_id": by.id,
            "event_id": event.id,
            "registration_id": one,
            "action": action,
            "details": details,
        }
        for one in registration_ids
    ]
    if rows:
        db.execute(insert(Audit), rows)
