"""What organizers see: their events, doors, the evening as it happens, and the report."""

from flask import Response
from sqlalchemy.orm import Session

from shared.models import Event, Organization
from shared.queries import conflicts
from web.access import Member


def no_store(response: Response) -> Response:
    """Pairing codes and figures stay out of caches, unless the page says otherwise."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def event_of(by: Member) -> Event:
    """The event that the address names."""
    assert by.event is not None, "the accesses VIEWER, ORGANIZER and OWNER bring the event"
    return by.event


def organization_of(by: Member) -> Organization:
    """The organization that the address names."""
    assert by.organization is not None, "the access OWNER brings the organization"
    return by.organization


def open_conflicts(db: Session, by: Member) -> int:
    """What stands on the tab of the doors, for whoever has that tab."""
    return conflicts.count_open(db, event_id=event_of(by).id) if by.may("organizer") else 0
