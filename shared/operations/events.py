"""Creating events, announcing changes, and cancelling."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from shared import clock, tickets
from shared.clock import AmbiguousTime, NoSuchTime
from shared.config import LANGUAGES
from shared.database import Texts
from shared.errors import Conflicting, Invalid
from shared.i18n import language_table, search_key
from shared.models import (
    Door,
    Event,
    EventSession,
    OutboxMessage,
    Registration,
    RegistrationState,
    TicketKey,
    TicketType,
    TicketTypeSession,
)
from shared.operations.seats import lock
from shared.outbox_kinds import KINDS, MessageKind

TIMES = ("starts_local", "ends_local", "starts_at", "ends_at")
PLACE = ("venue", "address", "city")
"""Columns of an event's location: attendees must learn of a change."""


def add(db: Session, event: Event, *, secret: bytes) -> Event:
    """Add an event that the caller has filled in, with the rows that every event needs.

    Its instants are derived from the wall times and the zone, unless it has them. Without rows of its own it gets one
    session as long as the event, one ticket type, and one door. Every ticket type admits to every session. Its signing
    key is derived. Raises Invalid for a wall time that the zone never showed, or showed twice.
    """
    tables = {code: language_table(code).new_event for code in LANGUAGES}
    if event.starts_at is None:
        derive_instants(event, event.zone)
    if not event.sessions:
        event.sessions = [EventSession(**{name: getattr(event, name) for name in TIMES})]
    if not event.ticket_types:
        event.ticket_types = [TicketType(title={code: table.ticket_type for code, table in tables.items()})]
    for position, session in enumerate(event.sessions):
        session.position = position
        session.plain_uid = len(event.sessions) == 1
        if session.starts_at is None:
            derive_instants(session, event.zone)
    event.search_key = search_key_of(event)
    db.add(event)
    db.flush()
    public = tickets.public_key(secret, event_id=event.id, version=1)
    db.add(TicketKey(event_id=event.id, version=1, public=public))
    db.add(Door(event_id=event.id, name={code: table.door for code, table in tables.items()}))
    db.add_all(
        TicketTypeSession(event_id=event.id, ticket_type_id=ticket_type.id, session_id=session.id)
        for ticket_type in event.ticket_types
        for session in event.sessions
    )
    db.flush()
    return event


def when_and_where(event: Event) -> dict[str, Any]:
    """Return time and venue of an event and its sessions, as wording.earlier() reads them."""
    return {
        "event": {"known": event.known, "zone": event.zone, **_times(event), **_texts(event, *PLACE)},
        "parts": {str(session.id): {**_times(session), **_texts(session, "place")} for session in event.sessions},
    }


def announce_change(
    db: Session,
    *,
    event: Event,
    changed: Sequence[str],
    session: EventSession | None = None,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Email everyone with a seat about a change (words such as "time", "place"), with the earlier state when
    when_and_where() `before` is passed; their calendars follow.

    When only a `session` changed, people whose ticket does not admit to it get no email.
    """
    # Two concurrent changes must not get the same number.
    lock(db, event.id).event.sequence += 1
    db.flush()
    key = f"{event.sequence}:{','.join(changed)}"
    _enqueue_for_parties(db, event, MessageKind.EVENT_CHANGED, key=key, session=session, before=before)


def cancel(db: Session, *, event: Event, because: Texts) -> None:
    """Cancel an event with every registration, and email everyone the reason.

    Raises Conflicting the second time, and once it is over: its attendees would read that it does not take place.
    """
    seats = lock(db, event.id)
    if event.state == "cancelled":
        raise Conflicting("cancelled")
    if event.is_over(clock.now()):
        raise Conflicting("over")
    event.state, event.cancelled_because = "cancelled", because
    event.sequence += 1
    _enqueue_for_parties(db, event, MessageKind.EVENT_CANCELLED, key="")
    live = Registration.event_id == event.id, Registration.is_live, Registration.walk_in.is_(False)
    # In order of id, as the worker locks a group's rows.
    db.execute(select(Registration.id).where(*live).order_by(Registration.id).with_for_update(key_share=True))
    cancelled = {
        "state": RegistrationState.CANCELLED,
        "deadline": None,
        "cancelled_at": clock.now(),
        "cancelled_by": "organizer",
    }
    db.execute(update(Registration).where(*live).values(cancelled))
    counted: list[Event | TicketType] = [seats.event, *seats.types.values()]
    for row in counted:
        row.taken = row.waiting = 0
    db.flush()


def close_doors(db: Session, *, event: Event) -> None:
    """Close the doors, so that the report is compiled now and not after the grace."""
    event.doors_closed_at = clock.now()
    db.flush()


def _times(timed: Event | EventSession) -> dict[str, str | None]:
    return {name: (wall := getattr(timed, name)) and wall.isoformat() for name in ("starts_local", "ends_local")}


def _texts(row: Event | EventSession, *names: str) -> dict[str, Texts]:
    return {name: dict(getattr(row, name) or {}) for name in names}


def _enqueue_for_parties(
    db: Session,
    event: Event,
    kind: MessageKind,
    *,
    key: str,
    session: EventSession | None = None,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Enqueue one message for each group with a seat, however many, in one statement."""
    host = func.coalesce(Registration.host_id, Registration.id)
    conditions = [Registration.event_id == event.id, Registration.is_live, Registration.walk_in.is_(False)]
    if session is not None:
        conditions.append(TicketTypeSession.admits(Registration.ticket_type_id, session.id))
    before_as_json = literal(before, JSONB(none_as_null=True))
    constants = (literal(key), literal(KINDS[kind].priority), before_as_json)
    parties = select(literal(kind, Text), host, *constants).where(*conditions).distinct()
    columns = ["kind", "subject", "key", "priority", "before"]
    db.execute(insert(OutboxMessage).from_select(columns, parties).on_conflict_do_nothing())


def search_key_of(event: Event) -> str:
    """Return the search key of an event: title, city and speakers in every language."""
    texts = (event.title, event.city or {}, *(speaker.name for speaker in event.speakers))
    return search_key(" ".join(text for translations in texts for text in translations.values()))


def derive_instants(timed: Event | EventSession, zone: str) -> None:
    """Derive the UTC instants from wall times and zone. Raises Invalid at the wall time that is wrong."""
    timed.starts_at = instant(timed.starts_local, zone, "starts")
    timed.ends_at = instant(timed.ends_local, zone, "ends")


def instant(wall: datetime | None, zone: str, field: str, *, second: bool | None = None) -> datetime | None:
    """Return the instant of a wall time.

    Raises Invalid at `field` for one that the zone never showed, or showed twice.
    """
    try:
        return wall and clock.instant(wall, zone, second=second)
    except NoSuchTime:
        raise Invalid(field, "no_such_time") from None
    except AmbiguousTime:
        raise Invalid(field, "ambiguous_time") from None
