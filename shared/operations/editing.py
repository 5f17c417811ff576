"""Changing an event that is there: its texts and settings, its time and place.

Every change locks the event, is one version further, and stands in the audit by the names of its fields.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared import clock
from shared.errors import Conflicting, Invalid, Missing
from shared.models import Account, Event, EventSession, Series, TicketType
from shared.operations import addresses, audit, doors, events, returning_attendees, seats, timetable
from shared.operations.seats import Seats


@dataclass(frozen=True, slots=True)
class Timing:
    """When an event is, by the wall clock of its zone, and which of two where the clock shows a time twice."""

    known: str
    zone: str
    starts: datetime | None
    ends: datetime | None
    starts_second: bool | None = None
    ends_second: bool | None = None


def lock(db: Session, *, event_id: int) -> Event:
    """The event as it is now, locked until the commit: whoever else edits or counts waits."""
    return seats.lock(db, event_id).event


def revise(db: Session, *, event: Event, by: Account, part: str, values: Mapping[str, Any]) -> Sequence[str]:
    """Set columns of an event; the names of those that changed. `part` names what was edited, for the audit."""
    changed = [name for name, value in values.items() if getattr(event, name) != value]
    for name in changed:
        setattr(event, name, values[name])
    if changed:
        touch(db, event=event, by=by, action="event.edited", part=part, fields=changed)
    return changed


def touch(db: Session, *, event: Event, by: Account, action: str, **details: Any) -> None:
    """Note that an event, or something of it, was changed: one version further, found by its new words."""
    event.version += 1
    event.updated_at = clock.now()
    event.search_key = events.search_key_of(event)
    db.flush()
    audit.note(db, by=by, action=action, event=event, **details)


def set_registration(db: Session, *, event: Event, by: Account, values: Mapping[str, Any]) -> None:
    """Set how people register. More seats go to who waits for them at once.

    A draft that becomes private gets an address without words. Raises Invalid for fewer seats than are taken, and for a
    window that require_window refuses.
    """
    locked = seats.lock(db, event.id, by_organizer=True)
    require_room(values["capacity"], event.taken)
    require_window(event, values["opens_at"], values["closes_at"])
    _follow_capacity(locked, values["capacity"])
    was_private, were_hidden = event.private, event.hides_names
    if values["private"] and not was_private and event.state == "draft" and not addresses.is_wordless(event.slug):
        values = {**values, "slug": addresses.draw_wordless()}
    revise(db, event=event, by=by, part="registration", values=values)
    if event.hides_names != were_hidden:
        doors.resend_names(db, event=event)
    if event.private and not was_private:
        # Whoever was there left a mark if a report was compiled before.
        returning_attendees.remember(db, event=event)
    seats.fill(db, locked)


def set_time_and_place(
    db: Session, *, event: Event, by: Account, timing: Timing, values: Mapping[str, Any], tell: bool
) -> None:
    """Set when and where an event is. With `tell` everybody with a place is told, and their calendars follow; without,
    only who looks sees it. Raises Invalid at the wall time that is wrong, and at `starts` where registration would open
    only after that. Raises Invalid at `known` where an event to come would lose its day: whoever has a place would read
    that it is over.
    """
    if timing.known == "unknown" and event.state == "published" and not event.is_over(clock.now()):
        raise Invalid("known", "day_needed")
    stood = events.when_and_where(event)
    before = [(window.opens_at, window.closes_at) for window in _windows(event)]
    is_moved = reschedule(db, event=event, timing=timing)
    for window in _windows(event):
        _require_opening(event, window.opens_at, "starts", "opens_later")
    windows_moved = before != [(window.opens_at, window.closes_at) for window in _windows(event)]
    if is_moved and event.starts_at and event.starts_at > clock.now():
        # What is still to come was called off before, and not closed for good.
        event.doors_closed_at = None
    changed = revise(db, event=event, by=by, part="time", values=values)
    if is_moved and not changed:
        fields = ["time", "opens_at", "closes_at"] if windows_moved else ["time"]
        touch(db, event=event, by=by, action="event.edited", part="time", fields=fields)
    news = [*(["time"] if is_moved else []), *(["place"] if set(changed) & set(events.PLACE) else [])]
    pass_on(db, event=event, by=by, news=news, tell=tell, before=stood)


def pass_on(
    db: Session,
    *,
    event: Event,
    by: Account,
    news: Sequence[str],
    tell: bool,
    part: EventSession | None = None,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Let calendars follow what changed in an event to come and, with `tell`, mail everybody with a place in it, or
    in the `part` that alone changed; `before` says from what, unless something changed without an email in between.
    """
    if not news or event.state != "published":
        return
    is_over = event.is_over(clock.now())
    if not tell or is_over:
        event.changed_silently |= event.taken + event.waiting > 0
        event.sequence += not is_over
        db.flush()
        return
    events.announce_change(db, event=event, changed=news, part=part, before=None if event.changed_silently else before)
    # Those without a seat in that part have heard nothing.
    event.changed_silently &= part is not None
    of_part: dict[str, Any] = {"session": part.id} if part else {}
    audit.note(db, by=by, action="event.change_announced", event=event, fields=news, **of_part)


def reschedule(db: Session, *, event: Event, timing: Timing) -> bool:
    """Move an event; its sessions keep their distance from its start, and one as long as the event stays so.
    Registration's windows move along, and nobody holds a seat until a deadline that the new start does not allow.

    Whether anything moved. Raises Invalid at `starts` or `ends`, and where a part that grows meets another in its room.
    """
    met = timetable.meeting(event)
    starts, ends = instants(timing)
    whole = [part for part in event.sessions if _span(part) == _span(event)]
    before = (event.known, event.zone, event.starts_at, event.ends_at, *_span(event))
    distance = timing.starts - event.starts_local if timing.starts and event.starts_local else timedelta(0)
    if starts and (distance or timing.zone != event.zone):
        _move_windows(event, distance, timing, starts)
    event.known, event.zone = timing.known, timing.zone
    event.starts_local, event.ends_local, event.starts_at, event.ends_at = timing.starts, timing.ends, starts, ends
    for part in event.sessions:
        if part in whole or timing.starts is None:
            part.starts_local, part.ends_local, part.starts_at, part.ends_at = timing.starts, timing.ends, starts, ends
        else:
            shift(part, distance, timing)
    timetable.require_no_overlap(event, but=met, field="ends", reason="parts_meet")
    db.flush()
    is_moved = before != (event.known, event.zone, event.starts_at, event.ends_at, *_span(event))
    if is_moved:
        seats.follow_start(seats.lock(db, event.id, by_organizer=True))
    return is_moved


def instants(timing: Timing) -> tuple[datetime | None, datetime | None]:
    """When an event starts and ends. Raises Invalid at `starts` or `ends`."""
    if timing.known == "unknown":
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


def shift(part: EventSession, distance: timedelta, timing: Timing) -> None:
    """Move a part with its event, which gets this timing. Raises Invalid at `starts`."""
    part.starts_local = part.starts_local and part.starts_local + distance
    part.ends_local = part.ends_local and part.ends_local + distance
    # Of a time that the clock shows twice, the one that was chosen for the whole event.
    second = bool(timing.starts_second)
    try:
        part.starts_at = events.instant(part.starts_local, timing.zone, "starts", second=second)
        part.ends_at = events.instant(part.ends_local, timing.zone, "ends", second=second)
    except Invalid:
        raise Invalid("starts", "part_jumped") from None


def later(moment: datetime, distance: timedelta, zone: str, timing: Timing) -> datetime:
    """A moment by the wall clock of a zone, moved with an event that gets this timing: by its wall clock too.

    Where the clock leaves that time out it is the one after; refusing would be about a time that nobody typed.
    """
    wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + distance
    return wall.replace(tzinfo=ZoneInfo(timing.zone), fold=bool(timing.starts_second)).astimezone(UTC)


def require_room(capacity: int | None, taken: int) -> None:
    """Raises Invalid for fewer seats than are taken."""
    if capacity is not None and capacity < taken:
        raise Invalid("capacity", "under_taken", taken=taken)


def require_order(first: datetime | None, last: datetime | None, field: str, reason: str = "before_start") -> None:
    """Raises Invalid at one of two moments that are not one after the other."""
    if first and last and last <= first:
        raise Invalid(field, reason)


def require_window(event: Event, opens: datetime | None, closes: datetime | None) -> None:
    """Raises Invalid where nobody could register between two moments: after the start, or with none between them."""
    _require_opening(event, opens, "opens_at", "opens_too_late")
    require_order(opens, closes, "closes_at", "closes_too_soon")


def require_own(series: Series | None, organization_id: int) -> None:
    """Raises Missing for a series of another organization."""
    if series and series.organization_id != organization_id:
        raise Missing("series")


def close_registration(db: Session, *, event: Event, by: Account) -> None:
    """Take no more registrations from now on. Raises Conflicting where nobody can register anyway."""
    now = clock.now()
    _require_unbarred(event, now)
    opens_at = event.opens_at if event.opens_at and event.opens_at < now else None
    revise(db, event=event, by=by, part="registration", values={"opens_at": opens_at, "closes_at": now})


def open_registration(db: Session, *, event: Event, by: Account) -> None:
    """Take registrations again, until the event is over. Raises Conflicting where nobody can register all the same."""
    _require_unbarred(event, clock.now())
    revise(db, event=event, by=by, part="registration", values={"opens_at": None, "closes_at": None})


def _require_unbarred(event: Event, now: datetime) -> None:
    if reason := event.barred(now):
        raise Conflicting(reason)


def _follow_capacity(locked: Seats, capacity: int | None) -> None:
    """Where there is one kind of seat and it is all the event has, the two limits are one to whoever set them."""
    kinds = list(locked.types.values())
    if len(kinds) == 1 and kinds[0].capacity == locked.event.capacity:
        kinds[0].capacity = capacity


def _move_windows(event: Event, distance: timedelta, timing: Timing, starts: datetime) -> None:
    """Let registration open and close as long before the new start as before the old one, where that lies ahead.

    What is open stays open; what closed before the old start stays closed, since somebody may have closed it. What
    would fall into the past stays where it is, a closing at most until the start: nobody meant to open or to close
    registration by this.
    """
    now, was = clock.now(), event.starts_at
    for window in _windows(event):
        opens, closes = window.opens_at, window.closes_at
        if opens and opens > now:
            moved = later(opens, distance, event.zone, timing)
            window.opens_at = moved if moved > now else opens
        if closes and (closes > now or (was and closes >= was)):
            moved = later(closes, distance, event.zone, timing)
            window.closes_at = moved if moved > now else min(closes, starts)


def _windows(event: Event) -> list[Event | TicketType]:
    return [event, *event.ticket_types]


def _span(timed: Event | EventSession) -> tuple[datetime | None, datetime | None]:
    return timed.starts_local, timed.ends_local


def _require_opening(event: Event, opens: datetime | None, field: str, reason: str) -> None:
    # An event known to the day, or about, starts at some time within what is known of it.
    require_order(opens, event.starts_at if event.known == "minute" else event.ends_at, field, reason)
