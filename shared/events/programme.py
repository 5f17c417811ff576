"""The rows of an event: sessions, ticket types, speakers, partners, questions.

A row with registrations or scans stays: removing it is refused with the reason.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from shared.errors import Conflicting, Invalid, Missing
from shared.events import announcements, events
from shared.events.editing import publish_change, require_order, require_room, require_window, touch
from shared.events.timetable import require_no_overlap
from shared.models import (
    Account,
    Admission,
    Event,
    EventSession,
    Partner,
    Precision,
    Question,
    Registration,
    Scan,
    Speaker,
    TicketType,
    TicketTypeSession,
)
from shared.registrations import seats

Row = EventSession | TicketType | Speaker | Partner | Question

KINDS: Mapping[str, type[Row]] = {
    "sessions": EventSession,
    "speakers": Speaker,
    "partners": Partner,
    "ticket_types": TicketType,
    "questions": Question,
}
"""The class of row, by the name of the event's list."""
MOST = 100
"""Rows of one kind."""
NEWS = ("programme",)
"""The word for a change of a session in emails about it."""


def find(event: Event, *, kind: str, row_id: int) -> Row:
    """Return one row of an event. Raises Missing, also for another event's."""
    row = next((candidate for candidate in rows(event, kind) if candidate.id == row_id), None)
    if row is None:
        raise Missing(kind)
    return row


def rows(event: Event, kind: str) -> list[Row]:
    """Return all rows of a kind, in their order."""
    listed: list[Row] = getattr(event, kind)
    return listed


def add(db: Session, *, event: Event, by: Account, kind: str, values: Mapping[str, Any], tell: bool = False) -> Row:
    """Add a row at the end; with `tell` people with a seat in a new session get an email.

    Raises Invalid at the field that breaks a rule, Conflicting when there are 100 already.
    """
    rows_before = rows(event, kind)
    if len(rows_before) >= MOST:
        raise Conflicting("too_many")
    row = KINDS[kind](event_id=event.id, position=max((other.position for other in rows_before), default=-1) + 1)
    _fill_in(db, event, row, values)
    # Not the list from above: counting seats has reloaded the event.
    rows(event, kind).append(row)
    db.flush()
    _connect(db, event, row, values)
    touch(db, event=event, by=by, action=f"{kind}.added", id=row.id)
    if isinstance(row, EventSession):
        publish_change(db, event=event, by=by, news=NEWS, tell=tell, session=row)
    return row


def change(
    db: Session, *, event: Event, by: Account, kind: str, row: Row, values: Mapping[str, Any], tell: bool = False
) -> None:
    """Change a row. New seats go to people who wait; with `tell` people with a seat in a session get an email about its
    new time or room.

    Raises Invalid at the field that breaks a rule.
    """
    before, places_before = _when_and_where(row), announcements.when_and_where(event)
    _fill_in(db, event, row, values)
    db.flush()
    _connect(db, event, row, values)
    touch(db, event=event, by=by, action=f"{kind}.edited", id=row.id)
    if isinstance(row, TicketType):
        seats.fill(db, seats.lock(db, event.id, by_organizer=True))
    if isinstance(row, EventSession) and _when_and_where(row) != before:
        publish_change(db, event=event, by=by, news=NEWS, tell=tell, session=row, before=places_before)


def remove(db: Session, *, event: Event, by: Account, kind: str, row: Row) -> None:
    """Remove a row.

    Raises Conflicting with the reason: last_one, has_registrations, has_scans, has_questions, has_ticket_types.
    """
    reason = removal_obstacle(db, event=event, row=row)
    if reason:
        raise Conflicting(reason)
    rows(event, kind).remove(row)
    db.delete(row)
    touch(db, event=event, by=by, action=f"{kind}.removed", id=row.id)
    if isinstance(row, EventSession):
        # No one has a seat in it, or it would stay: only calendars of the whole event follow.
        publish_change(db, event=event, by=by, news=NEWS, tell=False)


def move_up(db: Session, *, event: Event, by: Account, kind: str, row: Row) -> None:
    """Move a row before the one above it; the first stays first."""
    listed = rows(event, kind)
    index = listed.index(row)
    if index == 0:
        return
    listed.insert(index - 1, listed.pop(index))
    for position, each in enumerate(listed):
        each.position = position
    touch(db, event=event, by=by, action=f"{kind}.moved", id=row.id)


def set_picture(db: Session, *, event: Event, by: Account, row: Speaker | Partner, sha256: str | None) -> None:
    """Set the picture of a speaker or partner, or remove it."""
    row.picture = sha256
    touch(db, event=event, by=by, action="picture.changed", id=row.id)


def removal_obstacle(db: Session, *, event: Event, row: Row) -> str:
    """Return why a row cannot be removed, as a word; empty when it can."""
    if isinstance(row, EventSession):
        admitted, only = _admitted_to(row), _alone_in_a_type(row)
        reasons = {"has_scans": _scanned(row), "has_registrations": admitted, "has_ticket_types": only}
        return _first(db, len(event.sessions) == 1, **reasons)
    if isinstance(row, TicketType):
        registered = exists().where(Registration.ticket_type_id == row.id)
        asked = exists().where(Question.ticket_type_id == row.id)
        return _first(db, len(event.ticket_types) == 1, has_registrations=registered, has_questions=asked)
    return ""


def _when_and_where(row: Row) -> tuple[Any, ...]:
    if not isinstance(row, EventSession):
        return ()
    return row.starts_local, row.ends_local, row.starts_at, row.ends_at, row.place


def _first(db: Session, is_last: bool, **reasons: Any) -> str:
    if is_last:
        return "last_one"
    return next((reason for reason, condition in reasons.items() if db.scalar(select(condition))), "")


def _scanned(row: EventSession) -> Any:
    return or_(exists().where(Scan.session_id == row.id), exists().where(Admission.session_id == row.id))


def _admitted_to(row: EventSession) -> Any:
    live = Registration.event_id == row.event_id, Registration.is_live
    return exists().where(*live, TicketTypeSession.admits(Registration.ticket_type_id, row.id))


def _alone_in_a_type(row: EventSession) -> Any:
    """Return whether a ticket type admits to nothing else: without the session, its tickets would open no door."""
    other = aliased(TicketTypeSession)
    more = exists().where(other.ticket_type_id == TicketTypeSession.ticket_type_id, other.session_id != row.id)
    return exists().where(TicketTypeSession.session_id == row.id, ~more)


def _fill_in(db: Session, event: Event, row: Row, values: Mapping[str, Any]) -> None:
    RULES[type(row)](db, event, row, values)
    for name, value in values.items():
        if name in row.__table__.columns:
            setattr(row, name, value)


def _session(db: Session, event: Event, row: Any, values: Mapping[str, Any]) -> None:
    seconds = values.get("seconds", {})
    for field in ("starts", "ends"):
        wall: datetime | None = values[f"{field}_local"]
        if wall is None and event.known == Precision.MINUTE:
            raise Invalid(f"{field}_local", "time_missing")
        setattr(row, f"{field}_at", events.instant(wall, event.zone, f"{field}_local", second=seconds.get(field)))
    if (row.starts_at is None) != (row.ends_at is None):
        raise Invalid("ends_local", "time_missing")
    require_order(row.starts_at, row.ends_at, "ends_local")
    row.place = values["place"]
    require_no_overlap(event, session=row, field=f"place.{event.languages[0]}")


def _ticket_type(db: Session, event: Event, row: Any, values: Mapping[str, Any]) -> None:
    locked = seats.lock(db, event.id)
    require_room(values["capacity"], locked.types[row.id].taken if row.id else 0)
    require_window(event, values["opens_at"], values["closes_at"])
    if not values["sessions"]:
        raise Invalid("sessions", "sessions_missing")


def _question(db: Session, event: Event, row: Any, values: Mapping[str, Any]) -> None:
    if any(question.key == values["key"] for question in event.questions if question is not row):
        raise Invalid("key", "key_taken")


def _anything(db: Session, event: Event, row: Any, values: Mapping[str, Any]) -> None:
    """Accept: speakers and partners have no rules beyond their fields."""


RULES: Mapping[type[Any], Callable[[Session, Event, Any, Mapping[str, Any]], None]] = {
    EventSession: _session,
    TicketType: _ticket_type,
    Question: _question,
    Speaker: _anything,
    Partner: _anything,
}


def _connect(db: Session, event: Event, row: Row, values: Mapping[str, Any]) -> None:
    """Set which ticket types admit to which sessions."""
    if isinstance(row, TicketType):
        of_type = TicketTypeSession.ticket_type_id == row.id
        db.execute(delete(TicketTypeSession).where(of_type))
        _admit(db, event, [(row.id, number) for number in values["sessions"]])
        db.expire(row, ["sessions"])
    if isinstance(row, EventSession) and not _is_admitted(db, row):
        _admit(db, event, [(number, row.id) for number in _admitting_to_all(db, event, row)])


def _is_admitted(db: Session, row: EventSession) -> bool:
    return bool(db.scalar(select(exists().where(TicketTypeSession.session_id == row.id))))


def _admitting_to_all(db: Session, event: Event, new: EventSession) -> Sequence[int]:
    """Return the ticket types that admit to every other session, and so to a new one."""
    number = func.count(TicketTypeSession.session_id)
    admitting = select(TicketTypeSession.ticket_type_id).where(TicketTypeSession.event_id == event.id)
    others = sum(session is not new for session in event.sessions)
    return db.scalars(admitting.group_by(TicketTypeSession.ticket_type_id).having(number == others)).all()


def _admit(db: Session, event: Event, pairs: Sequence[tuple[int, int]]) -> None:
    db.add_all(
        TicketTypeSession(event_id=event.id, ticket_type_id=ticket_type_id, session_id=session_id)
        for ticket_type_id, session_id in pairs
    )
    db.flush()
