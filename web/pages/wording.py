"""An event in the words of a page: what mails say too, and whether one can come, and how many came."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from shared.i18n import city_of, format_moment, format_number, gettext, language, ngettext
from shared.models import Event, Partner, TicketType
from shared.queries.availability import Availability
from shared.wording import (
    contact,
    is_on_calendars,
    said,
    session_in_words,
    session_when,
    short_code,
    some_sessions,
    web_link,
    when,
    when_admitted,
    where,
)

__all__ = [
    "Status",
    "admits",
    "at_the_door",
    "came",
    "choosable",
    "contact",
    "is_on_calendars",
    "map_link",
    "opens",
    "partners_by_role",
    "said",
    "seats",
    "session_in_words",
    "session_when",
    "short_code",
    "some_sessions",
    "spoken",
    "status",
    "web_link",
    "when",
    "when_admitted",
    "where",
]

FEW_SEATS = 10


@dataclass(frozen=True, slots=True)
class Status:
    """Whether one can come: a word for the page's looks, a sentence, and what to do next."""

    kind: str
    sentence: str
    advice: str = ""


def came(event: Event) -> str:
    """How many came: counted by the doors, else by hand, else nobody wrote it down."""
    if event.people is not None:
        return _people(event.people)
    if event.headcount is not None:
        return gettext("public.came_by_headcount", people=_people(event.headcount))
    return gettext("common.attendance_not_recorded")


def status(event: Event, availability: Availability) -> Status:
    """Whether one can come to an event, and what to do."""
    if availability.state == "cancelled":
        return Status("cancelled", gettext("common.event_cancelled"))
    if availability.state == "over":
        return Status("over", came(event))
    if availability.state == "not-yet":
        return Status("not-yet", opens(event, availability.opens_at))
    if availability.state == "open":
        return _open(availability.seats_left)
    if availability.state == "waiting":
        advice = gettext("public.waiting_list_advice")
        return Status("full", seats(0), _sentences(advice, _later(event, availability)))
    if availability.state == "full":
        return Status("full", seats(0), _sentences(_later(event, availability), at_the_door(event)))
    return Status("closed", opens(event, None), at_the_door(event))


def opens(event: Event, moment: datetime | None) -> str:
    """When registration opens, for an event or a kind of ticket; where it never will, that it is closed."""
    if moment is None:
        return gettext("common.registration_closed")
    return gettext("public.registration_opens", moment=_moment(event, moment))


def map_link(event: Event) -> str:
    """Where the place is shown on a map: over https only, since it tells where somebody goes."""
    link = web_link(event.map_link)
    return link if link.startswith("https:") else ""


def spoken(event: Event) -> str:
    """The languages that are spoken at an event, by their names in the visitor's language."""
    return ", ".join(map(_language_name, event.spoken))


def partners_by_role(event: Event) -> list[tuple[str, list[Partner]]]:
    """Partners under what they do; roles and partners in the order in which they were written down."""
    roles: dict[str, list[Partner]] = {}
    for partner in event.partners:
        roles.setdefault(said(partner.role, event), []).append(partner)
    return list(roles.items())


def admits(kind: TicketType, event: Event) -> str:
    """Which parts of the programme a kind of ticket is for, where not all kinds are for the same ones."""
    parts = kind.parts_of(event)
    if all(one.parts_of(event) == parts for one in event.ticket_types):
        return ""
    if len(parts) == len(event.sessions):
        return gettext("public.all_sessions")
    return "; ".join(session_in_words(part, event) for part in parts)


def seats(left: int) -> str:
    """How many seats are left, of an event or of a kind of seat."""
    if left == 0:
        return gettext("public.all_seats_taken")
    if left <= FEW_SEATS:
        return ngettext("public.few_seats_left", left, seats=format_number(left))
    return ngettext("public.seats_left", left, seats=format_number(left))


def taken(seated: Event | TicketType) -> str:
    """How many seats are taken, of an event or of a kind of seat."""
    if seated.capacity is None:
        return ngettext("common.seats_taken", seated.taken)
    of = {"taken": format_number(seated.taken), "capacity": format_number(seated.capacity)}
    return gettext("common.seats_taken_of", **of)


def at_the_door(event: Event) -> str:
    """What somebody without a ticket can still do: nothing where the doors let in no newcomer, nor where the page of a
    private event would invite everybody.
    """
    if event.private or not event.walk_ins or event.doors_closed_at:
        return ""
    if not event.held_minutes:
        return gettext("public.door_from_start")
    return ngettext(
        "public.door_minutes_after_start",
        event.held_minutes,
        minutes=format_number(event.held_minutes),
    )


def choosable(kind: TicketType, now: datetime) -> bool:
    """Whether somebody with a place can move to a kind of ticket now."""
    return kind.is_open(now) and kind.seats_left != 0


def _open(left: int | None) -> Status:
    if left is None:
        return Status("open", gettext("public.registration_open"))
    return Status("few" if left <= FEW_SEATS else "open", seats(left))


def _later(event: Event, availability: Availability) -> str:
    if availability.opens_at is None:
        return ""
    moment = _moment(event, availability.opens_at)
    return gettext("public.other_seats_open", moment=moment)


def _moment(event: Event, moment: datetime) -> str:
    return format_moment(moment.astimezone(ZoneInfo(event.zone)), city_of(event.zone))


def _sentences(*given: str) -> str:
    return " ".join(filter(None, given))


def _people(count: int) -> str:
    return ngettext("public.people_came", count, people=format_number(count))


def _language_name(code: str) -> str:
    try:
        return Locale.parse(code, sep="-").get_language_name(language()) or code
    except (UnknownLocaleError, ValueError):
        return code
