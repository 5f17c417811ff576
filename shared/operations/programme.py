"""What an event consists of, row by row: sessions, ticket types, speakers, partners, questions.

What people have registered for, or were scanned in, stays: removing it is refused with the reason.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from shared.errors import Conflicting, Invalid, Missing
from shared.models import (
    Account,
    Admission,
    Event,
    EventSession,
    Partner,
    Question,
    Registration,
    Scan,
    Speaker,
    TicketType,
    TicketTypeSession,
)
from shared.operations import events, seats
from shared.operations.editing import pass_on, require_order, require_room, require_window, touch
from shared.operations.timetable import require_no_overlap

Row = EventSession | TicketType | Speaker | Partner | Question

KINDS: Mapping[str, type[Row]] = {
    "sessions": EventSession,
    "speakers": Speaker,
    "partners": Partner,
    "ticket_types": TicketType,
    "questions": Question,
}
"""By the name of the event's list."""
MOST = 100
"""Rows of one kind."""
NEWS = ("programme",)
"""What people are told has changed when a part has."""


def find(event: Event, *, kind: str, row_id: int) -> Row:
    """One row of an event. Raises Missing, also for another event's."""
    found = next((row for row in rows(event, kind) if row.id == row_id), None)
    if found is None:
        raise Missing(kind)
    return found


def rows(event: Event, kind: str) -> list[Row]:
    """All rows of a kind, in their order."""
    listed: list[Row] = getattr(event, kind)
    return listed


def add(db: Session, *, event: Event, by: Account, kind: str, values: Mapping[str, Any], tell: bool = False) -> Row:
    """Add a row at the end; with `tell` whoever has a place in a new part learns of it.

    Raises Invalid at the field that breaks a rule, Conflicting when there are 100 already.
    """
    listed = rows(event, kind)
    if len(listed) >= MOST:
        raise Conflicting("too_many")
    row = KINDS[kind](event_id=event.id, position=max((one.position for one in listed), default=-1) + 1)
    _fill_in(db, event, row, values)
    # The list anew: counting seats has read the event again.
    rows(event, kind).append(row)
    db.flush()
    _connect(db, event, row, values)
    touch(db, event=event, by=by, action=f"{kind}.added", id=row.id)
    if isinstance(row, EventSession):
        pass_on(db, event=event, by=by, news=NEWS, tell=tell, part=row)
    return row


def change(
    db: Session, *, event: Event, by: Account, kind: str, row: Row, values: Mapping[str, Any], tell: bool = False
) -> None:
    """Change a row. More seats go to who waits for them; with `tell` whoever has a place in a part learns of its new
    time or room. Raises Invalid at the field that breaks a rule.
    """
    before, stood = _when_and_where(row), events.when_and_where(event)
    _fill_in(db, event, row, values)
    db.flush()
    _connect(db, event, row, values)
    touch(db, event=event, by=by, action=f"{kind}.edited", id=row.id)
    if isinstance(row, TicketType):
        seats.fill(db, seats.lock(db, event.id, by_organizer=True))
    if isinstance(row, EventSession) and _when_and_where(row) != before:
        pass_on(db, event=event, by=by, news=NEWS, tell=tell, part=row, before=stood)


def remove(db: Session, *, event: Event, by: Account, kind: str, row: Row) -> None:
    """Remove a row. Raises Conflicting with the reason: last_one, has_registrations, has_scans, has_questions,
    has_ticket_types.
    """
    reason = why_not_removed(db, event=event, row=row)
    if reason:
        raise Conflicting(reason)
    rows(event, kind).remove(row)
    db.delete(row)
    touch(db, event=event, by=by, action=f"{kind}.removed", id=row.id)
    if isinstance(row, EventSession):
        # Nobody has a place in it, or it would stay: only calendars that show the whole event follow.
        pass_on(db, event=event, by=by, news=NEWS, tell=False)


def move_up(db: Session, *, event: Event, by: Account, kind: str, row: Row) -> None:
    """Put a row before the one above it; the first stays the first."""
    listed = rows(event, kind)
    place = listed.index(row)
    if place == 0:
        return
    listed.insert(place - 1, listed.pop(place))
    for position, one in enumerate(listed):
        one.position = position
    touch(db, event=event, by=by, action=f"{kind}.moved", id=row.id)


def set_picture(db: Session, *, event: Event, by: Account, row: Speaker | Partner, sha256: str | None) -> None:
    """Show a picture with a speaker or partner, or none."""
    row.picture = sha256
    touch(db, event=event, by=by, action="picture.changed", id=row.id)


def why_not_removed(db: Session, *, event: Event, row: Row) -> str:
    """What keeps a row, as a word; empty where nothing does."""
    if isinstance(row, EventSession):
        admitted, only = _admitted_to(row), _alone_in_a_type(row)
        reasons = {"has_scans": _scanned(row), "has_registrations": admitted, "has_ticket_types": only}
        return _first(db, len(event.sessions) == 1, **reasons)
    if isinstance(row, TicketType):
        taken = exists().where(Registration.ticket_type_id == row.id)
        asked = exists().where(Question.ticket_type_id == row.id)
        return _first(db, len(event.ticket_types) == 1, has_registrations=taken, has_questions=asked)
    return ""


def _when_and_where(row: Row) -> tuple[Any, ...]:
    if not isinstance(row, EventSession):
        return ()
    return row.starts_local, row.ends_local, row.starts_at, row.ends_at, row.place


def _first(db: Session, is_last: bool, **reasons: Any) -> str:
    if is_last:
        return "last_one"
    return next((reason for reason, found in reasons.items() if db.scalar(select(found))), "")


def _scanned(row: EventSession) -> Any:
    return or_(exists().where(Scan.session_id == row.id), exists().where(Admission.session_id == row.id))


def _admitted_to(row: EventSession) -> Any:
    live = Registration.event_id == row.event_id, Registration.is_live
    return exists().where(*live, TicketTypeSession.admits(Registration.ticket_type_id, row.id))


def _alone_in_a_type(row: EventSession) -> Any:
    """Whether a ticket type admits to nothing else. Without it, it would admit to all the rest."""
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
        if wall is None and event.known == "minute":
            raise Invalid(f"{field}_local", "time_missing")
        setattr(row, f"{field}_at", events.instant(wall, event.zone, f"{field}_local", second=seconds.get(field)))
    if (row.starts_at is None) != (row.ends_at is None):
        raise Invalid("ends_local", "time_missing")
    require_order(row.starts_at, row.ends_at, "ends_local")
    row.place = values["place"]
    require_no_overlap(event, part=row, field=f"place.{event.languages[0]}")


def _ticket_type(db: Session, event: Event, row: Any, values: Mapping[str, Any]) -> None:
    locked = seats.lock(db, event.id)
    require_room(values["capacity"], locked.types[row.id].taken if row.id else 0)
    require_window(event, values["opens_at"], values["closes_at"])
    if not values["sessions"]:
        raise Invalid("sessions", "sessions_missing")


def _question(db: Session, event: Event, row: Any, values: Mapping[str, Any]) -> None:
    if any(one.key == values["key"] for one in event.questions if one is not row):
        raise Invalid("key", "key_taken")


def _anything(db: Session, event: Event, row: Any, values: Mapping[str, Any]) -> None:
    """Speakers and partners follow no rule that only the rows can tell."""


RULES: Mapping[type[Any], Callable[[Session, Event, Any, Mapping[str, Any]], None]] = {
    EventSession: _session,
    TicketType: _ticket_type,
    Question: _question,
    Speaker: _anything,
    Partner: _anything,
}


def _connect(db: Session, event: Event, row: Row, values: Mapping[str, Any]) -> None:
    """Say which ticket types admit to which sessions."""
    if isinstance(row, TicketType):
        kept = TicketTypeSession.ticket_type_id == row.id
        db.execute(delete(TicketTypeSession).where(kept))
        _admit(db, event, [(row.id, number) for number in values["sessions"]])
        db.expire(row, ["sessions"])
    if isinstance(row, EventSession) and not _is_admitted(db, row):
        _admit(db, event, [(number, row.id) for number in _admitting_to_all(db, event, row)])


def _is_admitted(db: Session, row: EventSession) -> bool:
    return bool(db.scalar(select(exists().where(TicketTypeSession.session_id == row.id))))


def _admitting_to_all(db: Session, event: Event, new: EventSession) -> Sequence[int]:
    """The ticket types that admit to every other session, so also to a new one."""
    number = func.count(TicketTypeSession.session_id)
    admitting = select(TicketTypeSession.ticket_type_id).where(TicketTypeSession.event_id == event.id)
    others = sum(part is not new for part in event.sessions)
    return db.scalars(admitting.group_by(TicketTypeSession.ticket_type_id).having(number == others)).all()


def _admit(db: Session, event: Event, pairs: Sequence[tuple[int, int]]) -> None:
    db.add_all(TicketTypeSession(event_id=event.id, ticket_type_id=kind, session_id=session) for kind, session in pairs)
    db.flush()
