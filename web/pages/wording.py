"""An event in the words of a page: what mails say too, and whether one can come, and how many came."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.i18n import city_of, format_moment, format_number, gettext, ngettext
from shared.models import Event, TicketType
from shared.wording import part_when, said, short_code, when, where

__all__ = [
    "Status",
    "at_the_door",
    "came",
    "choosable",
    "part_when",
    "said",
    "seats",
    "short_code",
    "status",
    "when",
    "where",
]

FEW_SEATS = 10


@dataclass(frozen=True, slots=True)
class Status:
    """Whether one can come: a word for the page's looks, a sentence, what to do next, and whether the form is there."""

    kind: str
    sentence: str
    advice: str = ""
    takes_registrations: bool = False


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
