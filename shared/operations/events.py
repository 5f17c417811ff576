"""Making events and changing them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from shared import clock, outbox, tickets
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
    TicketKey,
    TicketType,
    TicketTypeSession,
)
from shared.operations.seats import lock

TIMES = ("starts_local", "ends_local", "starts_at", "ends_at")
PLACE = ("venue", "address", "city")
"""What tells where an event is: who holds a ticket must learn of a change."""


def add(db: Session, event: Event, *, secret: bytes) -> Event:
    """Add an event that the caller has filled in, with what every event needs.

    Its instants are derived from the wall times and the zone, unless it brings them. Where it brings none, it gets one
    session as long as the event, one ticket type, and one door. Every ticket type admits to every session. Its signing
    key is derived. Raises Invalid for a wall time that the zone never showed, or showed twice.
    """
    called = {code: language_table(code).new_event for code in LANGUAGES}
    if event.starts_at is None:
        derive_instants(event, event.zone)
    if not event.sessions:
        event.sessions = [EventSession(**{name: getattr(event, name) for name in TIMES})]
    if not event.ticket_types:
        event.ticket_types = [TicketType(title={code: first.ticket_type for code, first in called.items()})]
    for position, part in enumerate(event.sessions):
        part.position = position
        part.plain_uid = len(event.sessions) == 1
        if part.starts_at is None:
            derive_instants(part, event.zone)
    event.search_key = search_key_of(event)
    db.add(event)
    db.flush()
    public = tickets.public_key(secret, event_id=event.id, version=1)
    db.add(TicketKey(event_id=event.id, version=1, public=public))
    db.add(Door(event_id=event.id, name={code: first.door for code, first in called.items()}))
    db.add_all(
        TicketTypeSession(event_id=event.id, ticket_type_id=kind.id, session_id=part.id)
        for kind in event.ticket_types
        for part in event.sessions
    )
    db.flush()
    return event


def when_and_where(event: Event) -> dict[str, Any]:
    """When and where an event and its parts are, as wording.earlier() reads it."""
    return {
        "event": {"known": event.known, "zone": event.zone, **_times(event), **_texts(event, *PLACE)},
        "parts": {str(part.id): {**_times(part), **_texts(part, "place")} for part in event.sessions},
    }


def announce_change(
    db: Session,
    *,
    event: Event,
    changed: Sequence[str],
    part: EventSession | None = None,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Tell everybody with a place what changed (words such as "time", "place"), and from what, where when_and_where()
    `before` is given; their calendars follow.

    Where only a `part` changed, whoever's ticket does not admit to it is not told.
    """
    # Two changes at once must not get one number.
    lock(db, event.id).event.sequence += 1
    db.flush()
    key = f"{event.sequence}:{','.join(changed)}"
    _tell_everybody(db, event, "event_changed", key=key, part=part, before=before)


def cancel(db: Session, *, event: Event, because: Texts) -> None:
    """Cancel an event and every place in it, and tell everybody why. Raises Conflicting the second time, and
    once it is over: whoever was there would be told that it does not take place.
    """
    seats = lock(db, event.id)
    if event.state == "cancelled":
        raise Conflicting("cancelled")
    if event.is_over(clock.now()):
        raise Conflicting("over")
    event.state, event.cancelled_because = "cancelled", because
    event.sequence += 1
    _tell_everybody(db, event, "event_cancelled", key="")
    live = Registration.event_id == event.id, Registration.is_live, Registration.walk_in.is_(False)
    # In order of id, as the worker takes a party's rows.
    db.execute(select(Registration.id).where(*live).order_by(Registration.id).with_for_update(key_share=True))
    gone = {"state": "cancelled", "deadline": None, "cancelled_at": clock.now(), "cancelled_by": "organizer"}
    db.execute(update(Registration).where(*live).values(gone))
    counted: list[Event | TicketType] = [seats.event, *seats.types.values()]
    for row in counted:
        row.taken = row.waiting = 0
    db.flush()


def close_doors(db: Session, *, event: Event) -> None:
    """Say that nobody comes any more, so that the attendance is compiled now and not after the grace."""
    event.doors_closed_at = clock.now()
    db.flush()


def _times(timed: Event | EventSession) -> dict[str, str | None]:
    return {name: (wall := getattr(timed, name)) and wall.isoformat() for name in ("starts_local", "ends_local")}


def _texts(row: Event | EventSession, *names: str) -> dict[str, Texts]:
    return {name: dict(getattr(row, name) or {}) for name in names}


def _tell_everybody(
    db: Session,
    event: Event,
    kind: str,
    *,
    key: str,
    part: EventSession | None = None,
    before: Mapping[str, Any] | None = None,
) -> None:
    """One promise for each party that has a place, however many there are, in one statement."""
    party = func.coalesce(Registration.host_id, Registration.id)
    live = [Registration.event_id == event.id, Registration.is_live, Registration.walk_in.is_(False)]
    if part is not None:
        live.append(TicketTypeSession.admits(Registration.ticket_type_id, part.id))
    stood = literal(before, JSONB(none_as_null=True))
    same = (literal(key), literal(outbox.PRIORITIES[kind]), stood)
    parties = select(literal(kind), party, *same).where(*live).distinct()
    columns = ["kind", "subject", "key", "priority", "before"]
    db.execute(insert(OutboxMessage).from_select(columns, parties).on_conflict_do_nothing())


def search_key_of(event: Event) -> str:
    """What a search finds an event by: title, city and speakers in every language."""
    texts = (event.title, event.city or {}, *(speaker.name for speaker in event.speakers))
    return search_key(" ".join(text for one in texts for text in one.values()))


def derive_instants(timed: Event | EventSession, zone: str) -> None:
    """Derive the UTC instants from wall times and zone. Raises Invalid at the wall time that is wrong."""
    timed.starts_at = instant(timed.starts_local, zone, "starts")
    timed.ends_at = instant(timed.ends_local, zone, "ends")


def instant(wall: datetime | None, zone: str, field: str, *, second: bool | None = None) -> datetime | None:
    """The instant of a wall time. Raises Invalid at `field` for one that the zone never showed, or showed twice."""
    try:
        return wall and clock.instant(wall, zone, second=second)
    except NoSuchTime:
        raise Invalid(field, "no_such_time") from None
    except AmbiguousTime:
        raise Invalid(field, "ambiguous_time") from None
