"""Writing down who did what."""

from typing import Any

from sqlalchemy.orm import Session

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
        organization_id=organization,
        account_id=by.id if by else None,
        event_id=about.id if about else None,
        registration_id=registration.id if registration else None,
        action=action,
        details=details,
    )
    db.add(row)
    db.flush()
