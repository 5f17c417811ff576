"""An event in the words of a page: those that emails share, and the state of registration and attendance."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from shared.events.availability import Availability, OpenState
from shared.i18n import city_of, format_moment, format_number, gettext, language, ngettext
from shared.models import ClosedReason, Event, Partner, TicketType
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
    "at_the_door",
    "attendance",
    "contact",
    "is_choosable",
    "is_on_calendars",
    "map_link",
    "opens",
    "partners_by_role",
    "said",
    "seats",
    "session_in_words",
    "session_when",
    "sessions_of",
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
    """The state of registration: a word for the page's style, a sentence, and advice."""

    kind: str
    sentence: str
    advice: str = ""


def attendance(event: Event) -> str:
    """Return how many people came: counted at the doors, else the headcount, else that it was not recorded."""
    if event.people is not None:
        return _people(event.people)
    if event.headcount is not None:
        return gettext("public.came_by_headcount", people=_people(event.headcount))
    return gettext("common.attendance_not_recorded")


def status(event: Event, availability: Availability) -> Status:
    """Return the state of registration for an event, with advice."""
    match availability.state:
        case ClosedReason.CANCELLED:
            return Status("cancelled", gettext("common.event_cancelled"))
        case ClosedReason.OVER:
            return Status("over", attendance(event))
        case OpenState.NOT_YET:
            return Status("not-yet", opens(event, availability.opens_at))
        case OpenState.OPEN:
            return _open(availability.seats_left)
        case OpenState.WAITING:
            advice = gettext("public.waiting_list_advice")
            return Status("full", seats(0), _sentences(advice, _later(event, availability)))
        case OpenState.FULL:
            return Status("full", seats(0), _sentences(_later(event, availability), at_the_door(event)))
        case ClosedReason.DRAFT | ClosedReason.DOORS_CLOSED | OpenState.CLOSED:
            return Status("closed", opens(event, None), at_the_door(event))


def opens(event: Event, moment: datetime | None) -> str:
    """Return when registration opens, for an event or a ticket type; if it never will, that it is closed."""
    if moment is None:
        return gettext("common.registration_closed")
    return gettext("public.registration_opens", moment=_moment(event, moment))


def map_link(event: Event) -> str:
    """Return the link to the venue on a map: over https only, since it reveals where a visitor goes."""
    link = web_link(event.map_link)
    return link if link.startswith("https:") else ""


def spoken(event: Event) -> str:
    """Return the languages that are spoken at an event, by their names in the visitor's language."""
    return ", ".join(map(_language_name, event.spoken))


def partners_by_role(event: Event) -> list[tuple[str, list[Partner]]]:
    """Return partners grouped by role; roles and partners in the order in which they were entered."""
    roles: dict[str, list[Partner]] = {}
    for partner in event.partners:
        roles.setdefault(said(partner.role, event), []).append(partner)
    return list(roles.items())


def sessions_of(ticket_type: TicketType, event: Event) -> str:
    """Return the sessions of a ticket type; empty if all ticket types have the same ones."""
    sessions = ticket_type.sessions
    if all(other.sessions == sessions for other in event.ticket_types):
        return ""
    if len(sessions) == len(event.sessions):
        return gettext("public.all_sessions")
    return "; ".join(session_in_words(session, event) for session in sessions)


def seats(left: int) -> str:
    """Return how many seats are left, of an event or a ticket type."""
    if left == 0:
        return gettext("public.all_seats_taken")
    if left <= FEW_SEATS:
        return ngettext("public.few_seats_left", left, seats=format_number(left))
    return ngettext("public.seats_left", left, seats=format_number(left))


def taken(counted: Event | TicketType) -> str:
    """Return how many seats are taken, of an event or a ticket type."""
    if counted.capacity is None:
        return ngettext("common.seats_taken", counted.taken)
    of = {"taken": format_number(counted.taken), "capacity": format_number(counted.capacity)}
    return gettext("common.seats_taken_of", **of)


def at_the_door(event: Event) -> str:
    """Return what a person without a ticket can do at the door; empty if it admits no walk-ins, or if the page of a
    private event would invite everyone.
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


def is_choosable(ticket_type: TicketType, now: datetime) -> bool:
    """Return whether an attendee can change to a ticket type now."""
    return ticket_type.is_open(now) and ticket_type.seats_left != 0


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


def _sentences(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _people(count: int) -> str:
    return ngettext("public.people_came", count, people=format_number(count))


def _language_name(code: str) -> str:
    try:
        return Locale.parse(code, sep="-").get_language_name(language()) or code
    except (UnknownLocaleError, ValueError):
        return code
