"""An event in words, in the visitor's language: when it is, whether one can come, how many came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.i18n import (
    city_of,
    format_day,
    format_days,
    format_moment,
    format_month,
    format_number,
    format_time,
    gettext,
    language,
    ngettext,
    text_in,
)
from shared.models import Event, EventSession, TicketType

FEW_SEATS = 10
TO = "\N{NO-BREAK SPACE}–\N{NO-BREAK SPACE}"
ONE_EVENING = timedelta(hours=18)
"""What is shorter is one date in words, also when it goes on past midnight."""


@dataclass(frozen=True, slots=True)
class Status:
    """Whether one can come: a word for the page's looks, a sentence, what to do next, and whether the form is there."""

    kind: str
    sentence: str
    advice: str = ""
    takes_registrations: bool = False


def said(texts: Mapping[str, str], event: Event) -> str:
    """A text of an event in the visitor's language, else in the event's first; empty where there is none."""
    return str(text_in(texts, (language(), *event.languages)) or "")


def where(event: Event) -> str:
    """Hall, street and city, as far as they are known."""
    parts = (said(texts, event) for texts in (event.venue, event.address, event.city))
    return ", ".join(part for part in parts if part)


def when(event: Event) -> str:
    """When an event is, as exactly as it is known: "Saturday 7 October, 18:00–20:00, Dushanbe time"."""
    if event.starts_local is None:
        return gettext("Time not recorded")
    if event.known == "about":
        return gettext("about %(month)s", month=format_month(event.starts_local))
    starts, ends = event.starts_local, event.ends_local or event.starts_local
    is_short = ends - starts < ONE_EVENING
    days = format_day(starts) if is_short else format_days(starts, ends)
    if event.known == "day":
        return days
    return ", ".join([days, _times(starts, ends if is_short else None), _zone(event.zone)])


def part_when(part: EventSession) -> str:
    """When one part of an event is; its city is said once, for the whole event."""
    if part.starts_local is None:
        return ""
    return f"{format_day(part.starts_local)}, {_times(part.starts_local, part.ends_local)}"


def came(event: Event) -> str:
    """How many came: counted by the doors, else by hand, else nobody wrote it down."""
    if event.people is not None:
        return _people(event.people)
    if event.headcount is not None:
        return gettext("%(people)s (counted by hand)", people=_people(event.headcount))
    return gettext("Attendance not recorded")


def status(event: Event, now: datetime) -> Status:
    """Whether one can come to an event now, and what to do."""
    if event.state == "cancelled":
        return Status("cancelled", gettext("This event is cancelled."))
    if event.is_over(now):
        return Status("over", came(event))
    if event.opens_at is not None and now < event.opens_at:
        opens = format_moment(event.opens_at.astimezone(ZoneInfo(event.zone)), city_of(event.zone))
        return Status("not-yet", gettext("Registration opens: %(moment)s.", moment=opens))
    if not event.is_open(now) or not any(kind.is_open(now) for kind in event.ticket_types):
        return Status("closed", gettext("Registration is closed."), at_the_door(event))
    return _seats(event)


def seats(left: int) -> str:
    """How many seats are left, of an event or of a kind of seat."""
    if left == 0:
        return gettext("All seats are taken.")
    if left <= FEW_SEATS:
        return ngettext("Only %(seats)s seat left", "Only %(seats)s seats left", left, seats=format_number(left))
    return ngettext("%(seats)s seat left", "%(seats)s seats left", left, seats=format_number(left))


def at_the_door(event: Event) -> str:
    """What somebody without a ticket can still do."""
    return gettext(
        "You can still come: %(minutes)s minutes after the start, seats whose owners have not come are given to"
        " those who wait at the door.",
        minutes=event.held_minutes,
    )


def choosable(kind: TicketType, now: datetime) -> bool:
    """Whether a kind of seat can be chosen now."""
    return kind.is_open(now) and kind.seats_left != 0


def _seats(event: Event) -> Status:
    left = event.seats_left
    if left is None:
        return Status("open", gettext("Registration is open"), takes_registrations=True)
    if left <= 0:
        return Status("full", seats(0), at_the_door(event))
    return Status("few" if left <= FEW_SEATS else "open", seats(left), takes_registrations=True)


def _people(count: int) -> str:
    return ngettext("%(people)s person came", "%(people)s people came", count, people=format_number(count))


def _times(starts: datetime, ends: datetime | None) -> str:
    return format_time(starts) if ends in {None, starts} else f"{format_time(starts)}{TO}{format_time(ends)}"


def _zone(zone: str) -> str:
    return gettext("%(city)s time", city=city_of(zone))
