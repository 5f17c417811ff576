"""Phones and conflicts in words."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared import clock
from shared.i18n import format_day, format_time, gettext, ngettext
from shared.models import Event, Registration
from shared.queries.conflicts import Conflict, Side
from shared.queries.quarantine import Quarantine
from shared.queries.roster import initials
from shared.wording import said

CLOCK_IS_RIGHT = timedelta(seconds=5)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def ago(moment: datetime, now: datetime) -> str:
    """How long ago something was: "2 minutes ago"."""
    past = now - moment
    return gettext("common.just_now") if past < MINUTE else gettext("doors.span_ago", span=_span(past))


def clock_fault(offset: int | None) -> str:
    """How far a phone's clock is off, empty while it is right to 5 seconds; `offset` is ours less its own, in ms."""
    off = timedelta(milliseconds=abs(offset or 0))
    if off <= CLOCK_IS_RIGHT:
        return ""
    fast = offset is not None and offset < 0
    return gettext("doors.clock_fast", span=_span(off)) if fast else gettext("doors.clock_slow", span=_span(off))


def name_of(name: str, event: Event) -> str:
    """Somebody's name as the phones of the event show it."""
    return initials(name) if event.hides_names else name


def conflict(one: Conflict, event: Event) -> str:
    """ "Ticket of A. R.: North door 18:02, South door 18:04"; both doors alone where the clocks tell no more."""
    where = _in_order(one, event) if one.tells_who_was_first else _doors(one, event)
    if not one.name:
        return gettext("doors.used_twice_not_on_list", where=where)
    return gettext("doors.used_twice", name=name_of(one.name, event), where=where)


def volunteers(one: Conflict) -> str:
    """Who held the two phones, as far as they said."""
    return ", ".join(dict.fromkeys(filter(None, (one.first.volunteer, one.second.volunteer))))


def walked_in(one: Registration, event: Event) -> str:
    """When somebody came without a registration."""
    return _time(clock.milliseconds(one.created_at), event)


def quarantined(one: Quarantine) -> str:
    """How much a phone has in quarantine: "12 scans, 2 walk-ins"."""
    scans = ngettext("common.scan_count", one.scans) if one.scans else ""
    walk_ins = ngettext("common.walk_in_count", one.walk_ins) if one.walk_ins else ""
    return ", ".join(filter(None, (scans, walk_ins))) or gettext("doors.no_scans")


def stamped(one: Quarantine, event: Event) -> str:
    """From when to when a phone says that it scanned what it has in quarantine."""
    if one.first is None or one.last is None:
        return ""
    first, last = _time(one.first, event), _time(one.last, event)
    return first if first == last else f"{first} – {last}"


def _in_order(one: Conflict, event: Event) -> str:
    sides = sorted((one.first, one.second), key=lambda side: side.at)
    return ", ".join(_where_and_when(side, event) for side in sides)


def _where_and_when(side: Side, event: Event) -> str:
    return f"{said(side.door, event)} {_time(side.at, event)}"


def _doors(one: Conflict, event: Event) -> str:
    names = dict.fromkeys(said(side.door, event) for side in (one.first, one.second))
    return gettext("common.door_two_phones", door=next(iter(names))) if len(names) == 1 else ", ".join(names)


def _time(at: int, event: Event) -> str:
    """The time on the event's own clock, with the day where that is not the day of the event."""
    wall = clock.from_milliseconds(at).astimezone(ZoneInfo(event.zone))
    is_its_day = event.starts_local is not None and event.starts_local.date() == wall.date()
    return format_time(wall) if is_its_day else f"{format_day(wall, weekday=False)} {format_time(wall)}"


def _span(span: timedelta) -> str:
    """A span in its largest whole unit. It stands after "before" and "by", which Russian declines."""
    if span < MINUTE:
        return ngettext("doors.span_seconds", span // timedelta(seconds=1))
    if span < HOUR:
        return ngettext("doors.span_minutes", span // MINUTE)
    if span < DAY:
        return ngettext("doors.span_hours", span // HOUR)
    return ngettext("doors.span_days", span // DAY)
