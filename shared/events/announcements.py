"""Announcing changes to attendees, and cancelling."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Text, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from shared import clock
from shared.audit import audit
from shared.database import Texts
from shared.errors import Conflicting
from shared.models import (
    Account,
    CancelledBy,
    ClosedReason,
    Event,
    EventSession,
    EventState,
    OutboxMessage,
    Registration,
    RegistrationState,
    TicketType,
    TicketTypeSession,
)
from shared.outbox.kinds import KINDS, MessageKind
from shared.registrations.seats import lock

PLACE = ("venue", "address", "city")
"""Columns of an event's location: attendees must learn of a change."""


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


def cancel(db: Session, *, event: Event, because: Texts, by: Account) -> None:
    """Cancel an event with every registration, and email everyone the reason.

    Raises Conflicting the second time, and once it is over: its attendees would read that it does not take place.
    """
    seats = lock(db, event.id)
    if event.state == EventState.CANCELLED:
        raise Conflicting(ClosedReason.CANCELLED)
    if event.is_over(clock.now()):
        raise Conflicting(ClosedReason.OVER)
    places = event.taken + event.waiting
    event.state, event.cancelled_because = EventState.CANCELLED, because
    event.sequence += 1
    _enqueue_for_parties(db, event, MessageKind.EVENT_CANCELLED, key="")
    live = Registration.event_id == event.id, Registration.is_live, Registration.walk_in.is_(False)
    # In order of id, as the worker locks a group's rows.
    db.execute(select(Registration.id).where(*live).order_by(Registration.id).with_for_update(key_share=True))
    cancelled = {
        "state": RegistrationState.CANCELLED,
        "deadline": None,
        "cancelled_at": clock.now(),
        "cancelled_by": CancelledBy.ORGANIZER,
    }
    db.execute(update(Registration).where(*live).values(cancelled))
    counted: list[Event | TicketType] = [seats.event, *seats.types.values()]
    for row in counted:
        row.taken = row.waiting = 0
    audit.note(db, by=by, action="event.cancelled", event=event, places=places)


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
