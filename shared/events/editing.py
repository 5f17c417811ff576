"""Editing an existing event: its texts and settings, its time and venue.

Every change locks the event, raises its version, and stands in the audit by the names of its fields.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared import clock
from shared.audit import audit
from shared.door import doors
from shared.errors import Conflicting, Invalid, Missing
from shared.events import announcements, events, slugs, timetable
from shared.models import Account, Event, EventSession, EventState, Precision, Series, TicketType
from shared.registrations import seats
from shared.registrations.seats import Seats
from shared.reports import returning_attendees


@dataclass(frozen=True, slots=True)
class Timing:
    """The time of an event by the wall clock of its zone, and which of two moments it is when the clock shows a time
    twice.
    """

    known: Precision
    zone: str
    starts: datetime | None
    ends: datetime | None
    starts_second: bool | None = None
    ends_second: bool | None = None


def lock(db: Session, *, event_id: int) -> Event:
    """Return the event as it is now, locked until the commit: others who edit it or count its seats wait."""
    return seats.lock(db, event_id).event


def revise(db: Session, *, event: Event, by: Account, part: str, values: Mapping[str, Any]) -> Sequence[str]:
    """Set columns of an event; return the names of those that changed. `part` names the edited form, for the audit."""
    changed = [name for name, value in values.items() if getattr(event, name) != value]
    for name in changed:
        setattr(event, name, values[name])
    if changed:
        touch(db, event=event, by=by, action="event.edited", part=part, fields=changed)
    return changed


def touch(db: Session, *, event: Event, by: Account, action: str, **details: Any) -> None:
    """Record that an event, or a row of it, was changed: raise its version and renew its search key."""
    event.version += 1
    event.updated_at = clock.now()
    event.search_key = events.search_key_of(event)
    db.flush()
    audit.note(db, by=by, action=action, event=event, **details)


def set_registration(db: Session, *, event: Event, by: Account, values: Mapping[str, Any]) -> None:
    """Set how people register. New seats go at once to people who wait for them.

    A draft that becomes private gets an address without words. Raises Invalid for fewer seats than are taken, and for a
    window that require_window refuses.
    """
    locked = seats.lock(db, event.id, by_organizer=True)
    require_room(values["capacity"], event.taken)
    require_window(event, values["opens_at"], values["closes_at"])
    _follow_capacity(locked, values["capacity"])
    was_private, were_hidden = event.private, event.hides_names
    if values["private"] and not was_private and event.state == EventState.DRAFT and not slugs.is_wordless(event.slug):
        values = {**values, "slug": slugs.draw_wordless()}
    revise(db, event=event, by=by, part="registration", values=values)
    if event.hides_names != were_hidden:
        doors.resend_names(db, event=event)
    if event.private and not was_private:
        # Attendees have marks already if a report was compiled before.
        returning_attendees.record_visits(db, event=event)
    seats.fill(db, locked)


def set_time_and_place(
    db: Session, *, event: Event, by: Account, timing: Timing, values: Mapping[str, Any], tell: bool
) -> None:
    """Set the time and venue of an event. With `tell` everyone with a seat gets an email and their calendars follow;
    without, only the page changes.

    Raises Invalid at the wall time that is wrong, at `starts` when registration would open only after it, and at
    `known` when an upcoming event would lose its day: attendees would read that it is over.
    """
    if timing.known == Precision.UNKNOWN and event.state == EventState.PUBLISHED and not event.is_over(clock.now()):
        raise Invalid("known", "day_needed")
    earlier = announcements.when_and_where(event)
    windows_before = [(window.opens_at, window.closes_at) for window in _windows(event)]
    is_moved = reschedule(db, event=event, timing=timing)
    for window in _windows(event):
        _require_opening(event, window.opens_at, "starts", "opens_later")
    windows_moved = windows_before != [(window.opens_at, window.closes_at) for window in _windows(event)]
    if is_moved and event.starts_at and event.starts_at > clock.now():
        # Doors closed before an event that is still to come were not closed for good.
        event.doors_closed_at = None
    changed = revise(db, event=event, by=by, part="time", values=values)
    if is_moved and not changed:
        fields = ["time", "opens_at", "closes_at"] if windows_moved else ["time"]
        touch(db, event=event, by=by, action="event.edited", part="time", fields=fields)
    news = [*(["time"] if is_moved else []), *(["place"] if set(changed) & set(announcements.PLACE) else [])]
    publish_change(db, event=event, by=by, news=news, tell=tell, before=earlier)


def publish_change(
    db: Session,
    *,
    event: Event,
    by: Account,
    news: Sequence[str],
    tell: bool,
    session: EventSession | None = None,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Let calendars follow a change of an upcoming event and, with `tell`, email everyone with a seat.

    When only a `session` changed, people with a seat in it. `before` is the earlier state, left out of the email if
    something changed silently in between.
    """
    if not news or event.state != EventState.PUBLISHED:
        return
    is_over = event.is_over(clock.now())
    if not tell or is_over:
        event.changed_silently |= event.taken + event.waiting > 0
        event.sequence += not is_over
        db.flush()
        return
    announcements.announce_change(
        db, event=event, changed=news, session=session, before=None if event.changed_silently else before
    )
    # People without a seat in that session got no email.
    event.changed_silently &= session is not None
    of_session: dict[str, Any] = {"session": session.id} if session else {}
    audit.note(db, by=by, action="event.change_announced", event=event, fields=news, **of_session)


def reschedule(db: Session, *, event: Event, timing: Timing) -> bool:
    """Move an event; its sessions move along, and one as long as the event stays so. Registration's windows move along,
    and deadlines of seats shorten where the new start requires it.

    Returns whether anything moved. Raises Invalid at `starts` or `ends`, and when a session that grows overlaps another
    in its room.
    """
    overlaps = timetable.room_conflicts(event)
    starts, ends = instants(timing)
    whole_event = [session for session in event.sessions if _span(session) == _span(event)]
    before = (event.known, event.zone, event.starts_at, event.ends_at, *_span(event))
    distance = timing.starts - event.starts_local if timing.starts and event.starts_local else timedelta(0)
    if starts and (distance or timing.zone != event.zone):
        _move_windows(event, distance, timing, starts)
    event.known, event.zone = timing.known, timing.zone
    event.starts_local, event.ends_local, event.starts_at, event.ends_at = timing.starts, timing.ends, starts, ends
    for session in event.sessions:
        if session in whole_event or timing.starts is None:
            session.starts_local, session.ends_local = timing.starts, timing.ends
            session.starts_at, session.ends_at = starts, ends
        else:
            shift(session, distance, timing)
    timetable.require_no_overlap(event, but=overlaps, field="ends", reason="parts_meet")
    db.flush()
    is_moved = before != (event.known, event.zone, event.starts_at, event.ends_at, *_span(event))
    if is_moved:
        seats.follow_start(seats.lock(db, event.id, by_organizer=True))
    return is_moved


def instants(timing: Timing) -> tuple[datetime | None, datetime | None]:
    """Return when an event starts and ends. Raises Invalid at `starts` or `ends`."""
    if timing.known == Precision.UNKNOWN:
        if timing.starts or timing.ends:
            raise Invalid("known", "time_given")
        return None, None
    for field, wall in (("starts", timing.starts), ("ends", timing.ends)):
        if wall is None:
            raise Invalid(field, "time_missing")
    starts = events.instant(timing.starts, timing.zone, "starts", second=timing.starts_second)
    ends = events.instant(timing.ends, timing.zone, "ends", second=timing.ends_second)
    require_order(starts, ends, "ends")
    return starts, ends


def shift(session: EventSession, distance: timedelta, timing: Timing) -> None:
    """Move a session with its event, which gets this timing. Raises Invalid at `starts`."""
    session.starts_local = session.starts_local and session.starts_local + distance
    session.ends_local = session.ends_local and session.ends_local + distance
    # When the clock shows a time twice, the choice for the whole event applies.
    second = bool(timing.starts_second)
    try:
        session.starts_at = events.instant(session.starts_local, timing.zone, "starts", second=second)
        session.ends_at = events.instant(session.ends_local, timing.zone, "ends", second=second)
    except Invalid:
        raise Invalid("starts", "part_jumped") from None


def later(moment: datetime, distance: timedelta, zone: str, timing: Timing) -> datetime:
    """Return a moment moved with an event that gets this timing, by the wall clock of its zone.

    A time that the clock skips becomes the one after: refusing it would concern a time that no one typed.
    """
    wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + distance
    return wall.replace(tzinfo=ZoneInfo(timing.zone), fold=bool(timing.starts_second)).astimezone(UTC)


def require_room(capacity: int | None, taken: int) -> None:
    """Raise Invalid for fewer seats than are taken."""
    if capacity is not None and capacity < taken:
        raise Invalid("capacity", "under_taken", taken=taken)


def require_order(first: datetime | None, last: datetime | None, field: str, reason: str = "before_start") -> None:
    """Raise Invalid at one of two moments unless they are in order."""
    if first and last and last <= first:
        raise Invalid(field, reason)


def require_window(event: Event, opens: datetime | None, closes: datetime | None) -> None:
    """Raise Invalid when no one could register between two moments: after the start, or with none between them."""
    _require_opening(event, opens, "opens_at", "opens_too_late")
    require_order(opens, closes, "closes_at", "closes_too_soon")


def require_own(series: Series | None, organization_id: int) -> None:
    """Raise Missing for a series of another organization."""
    if series and series.organization_id != organization_id:
        raise Missing("series")


def close_registration(db: Session, *, event: Event, by: Account) -> None:
    """Close registration now. Raises Conflicting when no one can register anyway."""
    now = clock.now()
    _require_open(event, now)
    opens_at = event.opens_at if event.opens_at and event.opens_at < now else None
    revise(db, event=event, by=by, part="registration", values={"opens_at": opens_at, "closes_at": now})


def open_registration(db: Session, *, event: Event, by: Account) -> None:
    """Reopen registration until the event is over. Raises Conflicting when no one could register all the same."""
    _require_open(event, clock.now())
    revise(db, event=event, by=by, part="registration", values={"opens_at": None, "closes_at": None})


def _require_open(event: Event, now: datetime) -> None:
    if reason := event.closed_reason(now):
        raise Conflicting(reason)


def _follow_capacity(locked: Seats, capacity: int | None) -> None:
    """Change the only ticket type's limit along with an equal one of the event: to the organizer they are one."""
    ticket_types = list(locked.types.values())
    if len(ticket_types) == 1 and ticket_types[0].capacity == locked.event.capacity:
        ticket_types[0].capacity = capacity


def _move_windows(event: Event, distance: timedelta, timing: Timing, starts: datetime) -> None:
    """Move opening and closing of registration to keep their distance from the start, when they lie ahead.

    An open registration stays open; one closed before the old start stays closed, since an organizer may have closed
    it. A moment that would move into the past stays, a closing at most until the start: the move was not meant to open
    or close registration.
    """
    now, start_before = clock.now(), event.starts_at
    for window in _windows(event):
        opens, closes = window.opens_at, window.closes_at
        if opens and opens > now:
            moved = later(opens, distance, event.zone, timing)
            window.opens_at = moved if moved > now else opens
        if closes and (closes > now or (start_before and closes >= start_before)):
            moved = later(closes, distance, event.zone, timing)
            window.closes_at = moved if moved > now else min(closes, starts)


def _windows(event: Event) -> list[Event | TicketType]:
    return [event, *event.ticket_types]


def _span(timed: Event | EventSession) -> tuple[datetime | None, datetime | None]:
    return timed.starts_local, timed.ends_local


def _require_opening(event: Event, opens: datetime | None, field: str, reason: str) -> None:
    # An event known to the day, or to the month, starts at some time within that span.
    require_order(opens, event.starts_at if event.known == Precision.MINUTE else event.ends_at, field, reason)
