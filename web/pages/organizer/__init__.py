"""The pages of organizers: their events, attendees, doors, mailings, live figures and reports."""

from flask import Response
from sqlalchemy.orm import Session

from shared.door import conflicts
from shared.models import Event, Organization, Role
from web.access import Member


def no_store(response: Response) -> Response:
    """Forbid caches to store a page with pairing codes or figures, unless the page allows it."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def event_of(by: Member) -> Event:
    """Return the event that the address names."""
    assert by.event is not None, "the accesses VIEWER, ORGANIZER and OWNER bring the event"
    return by.event


def organization_of(by: Member) -> Organization:
    """Return the organization that the address names."""
    assert by.organization is not None, "the access OWNER brings the organization"
    return by.organization


def open_conflicts(db: Session, by: Member) -> int:
    """Return the number of open conflicts for the tab of the doors; 0 for a member without that tab."""
    return conflicts.count_open(db, event_id=event_of(by).id) if by.may(Role.ORGANIZER) else 0
