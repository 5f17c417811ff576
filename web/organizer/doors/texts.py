"""Phones, conflicts, walk-ins and quarantines in words."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared import clock
from shared.door.conflicts import Conflict, Side
from shared.door.quarantine import Quarantine
from shared.door.roster import initials
from shared.i18n import format_day, format_time, gettext, ngettext
from shared.models import Event, Registration
from shared.scans import ScanResult
from shared.wording import said

CLOCK_TOLERANCE = timedelta(seconds=5)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

SCAN_ANSWERS: Mapping[ScanResult, Callable[[int], str]] = {
    ScanResult.ACCEPTED: lambda n: ngettext("doors.scans_new", n),
    ScanResult.REPLAY: lambda n: ngettext("doors.scans_known", n),
    ScanResult.CONFLICT: lambda n: ngettext("doors.scans_used_twice", n),
    ScanResult.UNKNOWN: lambda n: ngettext("doors.scans_not_on_list", n),
    ScanResult.REVOKED: lambda n: ngettext("doors.scans_after_revoking", n),
    ScanResult.INVALID: lambda n: ngettext("doors.scans_invalid", n),
}
"""The sentence for each answer that a scan can get: it counts such scans and says how to proceed."""


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago a moment was: "2 minutes ago"."""
    age = now - moment
    return gettext("common.just_now") if age < MINUTE else gettext("doors.span_ago", span=_span(age))


def clock_fault(offset: int | None) -> str:
    """Return how far a phone's clock is off, empty within 5 s; `offset` is ours less the phone's, in ms."""
    off = timedelta(milliseconds=abs(offset or 0))
    if off <= CLOCK_TOLERANCE:
        return ""
    is_fast = offset is not None and offset < 0
    return gettext("doors.clock_fast", span=_span(off)) if is_fast else gettext("doors.clock_slow", span=_span(off))


def name_of(name: str, event: Event) -> str:
    """Return a person's name as the phones of the event show it."""
    return initials(name) if event.hides_names else name


def describe_conflict(conflict: Conflict, event: Event) -> str:
    """Return "Ticket of A. R.: North door 18:02, South door 18:04"; the doors alone where the clocks are too close."""
    where = _in_order(conflict, event) if conflict.tells_who_was_first else _doors(conflict, event)
    if not conflict.name:
        return gettext("doors.used_twice_not_on_list", where=where)
    return gettext("doors.used_twice", name=name_of(conflict.name, event), where=where)


def volunteers(conflict: Conflict) -> str:
    """Return the volunteers' names of the two phones, as far as they were entered."""
    return ", ".join(dict.fromkeys(filter(None, (conflict.first.volunteer, conflict.second.volunteer))))


def walk_in_time(walk_in: Registration, event: Event) -> str:
    """Return when a walk-in was recorded."""
    return _time(clock.milliseconds(walk_in.created_at), event)


def quarantine_size(quarantine: Quarantine) -> str:
    """Return how much a phone has in quarantine: "12 scans, 2 walk-ins"."""
    scans = ngettext("common.scan_count", quarantine.scans) if quarantine.scans else ""
    walk_ins = ngettext("common.walk_in_count", quarantine.walk_ins) if quarantine.walk_ins else ""
    return ", ".join(filter(None, (scans, walk_ins))) or gettext("doors.no_scans")


def scan_times(quarantine: Quarantine, event: Event) -> str:
    """Return the first and last time of a phone's scans in quarantine, by the phone's own clock; empty without any."""
    if quarantine.first is None or quarantine.last is None:
        return ""
    first, last = _time(quarantine.first, event), _time(quarantine.last, event)
    return first if first == last else f"{first} – {last}"


def _in_order(conflict: Conflict, event: Event) -> str:
    sides = sorted((conflict.first, conflict.second), key=lambda side: side.at)
    return ", ".join(_door_and_time(side, event) for side in sides)


def _door_and_time(side: Side, event: Event) -> str:
    return f"{said(side.door, event)} {_time(side.at, event)}"


def _doors(conflict: Conflict, event: Event) -> str:
    names = dict.fromkeys(said(side.door, event) for side in (conflict.first, conflict.second))
    return gettext("common.door_two_phones", door=next(iter(names))) if len(names) == 1 else ", ".join(names)


def _time(at: int, event: Event) -> str:
    """Return the time by the event's own clock, with the day where that is not the day of the event."""
    wall = clock.from_milliseconds(at).astimezone(ZoneInfo(event.zone))
    is_event_day = event.starts_local is not None and event.starts_local.date() == wall.date()
    return format_time(wall) if is_event_day else f"{format_day(wall, weekday=False)} {format_time(wall)}"


def _span(span: timedelta) -> str:
    """Return a span in its largest whole unit. It follows "before" and "by", which Russian declines."""
    if span < MINUTE:
        return ngettext("doors.span_seconds", span // timedelta(seconds=1))
    if span < HOUR:
        return ngettext("doors.span_minutes", span // MINUTE)
    if span < DAY:
        return ngettext("doors.span_hours", span // HOUR)
    return ngettext("doors.span_days", span // DAY)
