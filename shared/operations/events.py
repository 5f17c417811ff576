"""Making events and changing them."""

from datetime import datetime

from sqlalchemy.orm import Session

from shared import clock, tickets
from shared.clock import AmbiguousTime, NoSuchTime
from shared.errors import Invalid
from shared.i18n import search_key
from shared.models import Door, Event, EventSession, TicketKey, TicketType, TicketTypeSession


def add(db: Session, event: Event, *, secret: bytes) -> Event:
    """Add an event that the caller has filled in, with what every event needs.

    Its instants are derived from the wall times and the zone. Where it brings none, it gets one session as long as the
    event, one ticket type, and one door. Every ticket type admits to every session. Its signing key is derived.
    Raises Invalid for a wall time that the zone never showed, or showed twice.
    """
    if not event.sessions:
        event.sessions = [EventSession(starts_local=event.starts_local, ends_local=event.ends_local)]
    if not event.ticket_types:
        event.ticket_types = [TicketType(title={"en": "Seat", "ru": "Место", "tg": "Ҷой"})]
    for position, part in enumerate(event.sessions):
        part.position = position
        derive_instants(part, event.zone)
    derive_instants(event, event.zone)
    event.search_key = search_key_of(event)
    db.add(event)
    db.flush()
    public = tickets.public_key(secret, event_id=event.id, version=1)
    db.add(TicketKey(event_id=event.id, version=1, public=public))
    db.add(Door(event_id=event.id, name={"en": "Main door", "ru": "Главный вход", "tg": "Даромадгоҳи асосӣ"}))
    db.add_all(
        TicketTypeSession(event_id=event.id, ticket_type_id=kind.id, session_id=part.id)
        for kind in event.ticket_types
        for part in event.sessions
    )
    db.flush()
    return event


def move(db: Session, *, event: Event, starts: datetime, ends: datetime) -> None:
    """Move an event to other wall times in its zone; its sessions keep their distance from the start.

    Raises Invalid for a wall time that the zone never showed, or showed twice.
    """
    if event.starts_local is not None:
        distance = starts - event.starts_local
        for part in event.sessions:
            part.starts_local = part.starts_local and part.starts_local + distance
            part.ends_local = min(part.ends_local + distance, ends) if part.ends_local else None
            derive_instants(part, event.zone)
    event.starts_local, event.ends_local = starts, ends
    event.sequence += 1
    derive_instants(event, event.zone)
    db.flush()


def close_doors(db: Session, *, event: Event) -> None:
    """Say that nobody comes any more, so that the attendance is compiled now and not after the grace."""
    event.doors_closed_at = clock.now()
    db.flush()


def search_key_of(event: Event) -> str:
    """What a search finds an event by: title, city and speakers in every language."""
    texts = (event.title, event.city or {}, *(speaker.name for speaker in event.speakers))
    return search_key(" ".join(text for one in texts for text in one.values()))


def derive_instants(timed: Event | EventSession, zone: str) -> None:
    """Derive the UTC instants from wall times and zone. Raises Invalid at the wall time that is wrong."""
    timed.starts_at = _instant(timed.starts_local, zone, "starts")
    timed.ends_at = _instant(timed.ends_local, zone, "ends")


def _instant(wall: datetime | None, zone: str, field: str) -> datetime | None:
    try:
        return wall and clock.instant(wall, zone)
    except NoSuchTime:
        raise Invalid(field, "no_such_time") from None
    except AmbiguousTime:
        raise Invalid(field, "ambiguous_time") from None
