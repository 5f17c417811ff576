"""An event in words, for pages, emails and papers alike, in the current language.

Between models and papers: it reads an event and fills in a ticket's or a calendar's texts. May import models, papers,
links, i18n and what they may.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from email_validator import EmailNotValidError

from shared import clock, contacts, i18n, links
from shared.models import Event, EventSession, Mailing, Registration
from shared.papers import letter
from shared.papers.calendar import CalendarEntry
from shared.papers.ticket import TicketPaper

ALARM, ALARM_OF_DAY = timedelta(hours=3), timedelta(hours=6)
"""Time from a calendar's alarm to the start: for a whole day, which starts at midnight, the evening before."""
ONE_EVENING = timedelta(hours=18)
"""A shorter event is one date in words, even if it ends after midnight."""
FEW_SESSIONS = 3
"""A ticket has room for this many sessions, each with its own time; for more it shows the time from first to last."""
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
# A link without its scheme has no email address before its @: tiktok.com/@name, ?to=name@...
_EMAIL = re.compile(r"(?<![^\s<>()\",;:])[^\s@<>()\"?&,;:/=]+@[^\s@<>()\"?&,;:]+\.[^\s@<>()\"?&,;:]+")
_PHONE = re.compile(r"\+?[\d\s()./-]{5,30}")


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as the organizer wrote it, and its link: to an email, a call or a page, or empty."""

    text: str
    address: str = ""


def said(texts: Mapping[str, str], event: Event) -> str:
    """Return a text of an event in the current language, else in the event's first; empty where there is none."""
    return str(i18n.text_in(texts, (i18n.language(), *event.languages)) or "")


def where(event: Event) -> str:
    """Return hall, street and city, as far as they are known."""
    parts = (said(texts, event) for texts in (event.venue, event.address, event.city))
    return ", ".join(part for part in parts if part)


def when(event: Event, *, with_zone: bool = True, year: bool | None = None) -> str:
    """Return an event's time as exactly as it is known: "Saturday 7 October, 18:00–20:00, Dushanbe time".

    `year`: as format_day takes it; papers and files outlive their year and always name it.
    """
    if event.starts_local is None:
        return i18n.gettext("common.date_not_recorded")
    if event.known == "about":
        return i18n.gettext("common.month_day_unknown", month=i18n.format_month(event.starts_local))
    if event.known == "day":
        return _days(event.starts_local, event.ends_local, year)
    return _in_zone(_days_and_times(event.starts_local, event.ends_local, year), event, with_zone)


def session_when(part: EventSession, *, year: bool | None = None) -> str:
    """Return a session's time; its zone is named once, for the whole event."""
    return _days_and_times(part.starts_local, part.ends_local, year) if part.starts_local else ""


def when_admitted(
    party: Iterable[Registration], event: Event, *, with_zone: bool = True, year: bool | None = None
) -> str:
    """Return an event's time for a group: that of their sessions, if their tickets are for some sessions only."""
    parts = some_sessions(party, event) if event.known == "minute" else []
    starts = [part.starts_local for part in parts if part.starts_local]
    if not starts or len(starts) < len(parts):
        return when(event, with_zone=with_zone, year=year)
    if len(parts) <= FEW_SESSIONS:
        return _in_zone("; ".join(session_when(part, year=year) for part in parts), event, with_zone)
    ends = max(part.ends_local or part.starts_local or starts[0] for part in parts)
    return _in_zone(_days_and_times(min(starts), ends, year), event, with_zone)


def session_in_words(part: EventSession, event: Event) -> str:
    """Return a session's title, time and venue: "Workshop: Saturday 7 October, 10:00–12:00, room 2".

    The only session needs no title beside the event's, unless it has one.
    """
    title = said(event.title_of(part), event) if part.title or len(event.sessions) > 1 else ""
    time = session_when(part) if event.known == "minute" else ""
    facts = ", ".join(text for text in (time, said(part.place, event)) if text)
    return ": ".join(text for text in (title, facts) if text)


def sessions_of(party: Iterable[Registration], event: Event) -> list[EventSession]:
    """Return the sessions that a group's tickets admit to; not one that adds nothing to the event."""
    first = event.sessions[0]
    same = (first.starts_at, first.ends_at) == (event.starts_at, event.ends_at)
    if len(event.sessions) == 1 and same and not first.place:
        return []
    return _admitted(party, event)


def some_sessions(party: Iterable[Registration], event: Event) -> list[EventSession]:
    """Return the sessions that a group's tickets admit to; none where they admit to every one."""
    parts = _admitted(party, event)
    return parts if len(parts) < len(event.sessions) else []


def contact(event: Event) -> Contact | None:
    """Return an event's contact; only text that is certainly an email address, a number or a page becomes a link."""
    text = (event.contact or "").strip()
    if not text:
        return None
    if _EMAIL.fullmatch(text):
        return Contact(text, f"mailto:{quote(text, safe='@+')}")
    if _PHONE.fullmatch(text):
        return Contact(text, "tel:" + re.sub(r"[^\d+]", "", text))
    return Contact(text.removeprefix("https://").rstrip("/") if web_link(text) else text, web_link(text))


def web_link(text: str | None) -> str:
    """Return an address that a page may link to: only http or https, since `javascript:` is an address too."""
    try:
        parts = urlsplit(text or "")
    except ValueError:
        return ""
    return text or "" if parts.scheme in {"http", "https"} and parts.hostname else ""


def reply_address(event: Event) -> str:
    """Return the address for replies about an event: the one email address in its contact, also in "Zarina,
    z@example.org". Empty if there is none, or several; an address inside a link does not count.
    """
    written = [text.rstrip(".") for text in _EMAIL.findall(_LINK.sub(" ", event.contact or ""))]
    try:
        return contacts.address(written[0]) if len(written) == 1 else ""
    except EmailNotValidError:
        return ""


def as_it_was(party: Sequence[Registration], event: Event, before: Mapping[str, Any] | None) -> list[str]:
    """Return a group's earlier time and venue, as far as they differ now; a session only if the time of the whole event
    is unchanged. `before` is as written by when_and_where().
    """
    if before is None:
        return []
    was = earlier(event, before)
    when_it_was, where_it_was = when_admitted(party, was), where(was)
    told = [when_it_was] if when_it_was != when_admitted(party, event) else _parts_as_they_were(party, event, was)
    return [*told, *([where_it_was] if where_it_was not in ("", where(event)) else [])]


def earlier(event: Event, before: Mapping[str, Any]) -> Event:
    """Return an event with the times and venues of `before`, for texts only: it is no row of a database session."""
    kept = [(part, before["parts"].get(str(part.id))) for part in event.sessions]
    parts = [EventSession(id=part.id, title=part.title, **_walls(stood)) for part, stood in kept if stood]
    same = {"state": event.state, "title": event.title, "languages": event.languages}
    return Event(**same, **_walls(before["event"]), sessions=parts)


def _walls(stood: Mapping[str, Any]) -> dict[str, Any]:
    walls = {name: stood[name] and datetime.fromisoformat(stood[name]) for name in ("starts_local", "ends_local")}
    return {**stood, **walls}


def _parts_as_they_were(party: Iterable[Registration], event: Event, was: Event) -> list[str]:
    then = {part.id: session_in_words(part, was) for part in was.sessions}
    return [
        then[part.id]
        for part in sessions_of(party, event)
        if then.get(part.id) and then[part.id] != session_in_words(part, event)
    ]


def short_code(registration: Registration) -> str:
    """Return a short code in two groups: eight characters in one go are misread more often."""
    code = registration.short_code or ""
    return f"{code[:4]}-{code[4:]}"


def heading(event: Event) -> str:
    """Return an event's heading: for a cancelled event its details would otherwise read as an invitation."""
    title = said(event.title, event)
    return i18n.gettext("email.cancelled_title", title=title) if event.state == "cancelled" else title


def cancelled_by_organizer(one: Registration) -> str:
    """Return the sentence that the organizer cancelled a registration; it says that the seat is gone only if there was
    one.
    """
    if one.host_id is None:
        had, had_none = (
            i18n.gettext("email.organizer_cancelled_with_ticket"),
            i18n.gettext("email.organizer_cancelled"),
        )
    else:
        had, had_none = (
            i18n.gettext("email.organizer_cancelled_guest_with_ticket", person=one.name),
            i18n.gettext("email.organizer_cancelled_guest", person=one.name),
        )
    return had if one.confirmed_at else had_none


def letterhead(event: Event, party: Iterable[Registration] = ()) -> dict[str, Any]:
    """Return the values for the frame of every email about an event, addressed to a group if there is one."""
    return {
        "event": event,
        "private": event.private,
        "title": said(event.title, event),
        "heading": heading(event),
        "when": when_admitted(party, event),
        "where": where(event),
        "organization": said(event.organization.name, event),
        "contact": contact(event),
    }


def mailing(mailing: Mailing, event: Event, name: str) -> dict[str, Any]:
    """Return a mailing's texts for one attendee in the current language, else in the event's first."""
    text = i18n.text_in(mailing.body, (i18n.language(), *event.languages))
    written_in = text.language if text else i18n.language()
    return {
        "headline": letter.filled(mailing.subject.get(written_in, ""), name),
        "lines": letter.filled(str(text or ""), name),
        "paragraphs": letter.paragraphs(str(text or ""), name),
        "written_in": written_in,
    }


def ticket_paper(
    registration: Registration, event: Event, base_url: str, photograph: bytes | None = None
) -> TicketPaper:
    """Return a ticket's content, under its event's photograph where it may be shown."""
    return TicketPaper(
        title=said(event.title, event),
        when=when_admitted([registration], event, year=True),
        place=where(event),
        name=registration.name,
        short_code=registration.short_code or "",
        address=links.ticket_code(base_url, registration.code or ""),
        organization=said(event.organization.name, event),
        slug=event.slug,
        language=i18n.language(),
        ticket_type=said(registration.ticket_type.title, event) if len(event.ticket_types) > 1 else "",
        photograph=photograph,
    )


def is_on_calendars(event: Event) -> bool:
    """Return True if a calendar can show an event: its day is known, if not its time."""
    return _span(event, event) is not None


def event_entries(event: Event, base_url: str) -> Iterator[CalendarEntry]:
    """Yield an event for a public calendar: each session of several, else the whole; nothing without a day."""
    link = links.absolute(base_url, links.event(i18n.language(), event.slug))
    return _entries(event, event.sessions, f"event-{event.id}", base_url, link)


def calendar_entries(registration: Registration, event: Event, base_url: str, link: str) -> Iterator[CalendarEntry]:
    """Yield an event for an attendee's own calendar: the sessions that the ticket admits to.

    The uid never changes, so a later entry replaces this one, and a cancelled registration's entry removes it.
    """
    uid, parts = registration.ticket_id, registration.ticket_type.parts_of(event)
    told = (_code(registration), *_told(event), link)
    held = [_personal(entry, registration, told) for entry in _entries(event, parts, uid, base_url, link)]
    kept = {entry.uid for entry in held}
    # A former ticket may have admitted to any other session: the entry in the calendar, if any, is removed.
    others = _entries(event, event.sessions, uid, base_url, link) if registration.moves else ()
    dropped = (replace(entry, status="CANCELLED") for entry in others if entry.uid not in kept)
    for entry in (*held, *dropped):
        counted = replace(entry, sequence=entry.sequence + registration.moves)
        # Nothing follows the end of a registration, so its sequence may run one ahead of the event's.
        yield counted if registration.is_live else replace(counted, status="CANCELLED", sequence=counted.sequence + 1)


def _personal(entry: CalendarEntry, registration: Registration, told: Sequence[str]) -> CalendarEntry:
    """Return an attendee's own entry: with the short code, with an alarm, and tentative while there is no seat yet."""
    alarm = ALARM if isinstance(entry.starts, datetime) else ALARM_OF_DAY
    is_tentative = registration.is_live and registration.state != "confirmed" and entry.status == "CONFIRMED"
    status = "TENTATIVE" if is_tentative else entry.status
    return replace(entry, description="\n".join(filter(None, told)), alarm=alarm, status=status)


def _code(registration: Registration) -> str:
    if registration.state != "confirmed" or not registration.short_code:
        return ""
    return i18n.gettext("email.short_code", code=short_code(registration))


def _told(event: Event) -> Iterator[str]:
    """Yield an entry's details beside time and venue; for a private event nothing that reveals its topic."""
    if event.private:
        return
    yield said(event.summary, event)
    if bring := said(event.bring, event):
        yield i18n.gettext("email.what_to_bring", things=bring)


def _entries(event: Event, sessions: list[EventSession], uid: str, base_url: str, link: str) -> Iterator[CalendarEntry]:
    timed, host = _timed(event, sessions), urlsplit(base_url).hostname
    for part in timed:
        span = _span(part, event)
        if span is None:
            continue
        yield CalendarEntry(
            uid=f"{uid}{_number(_part(part, event))}@{host}",
            sequence=event.sequence,
            title=_calendar_title(part, event),
            starts=span[0],
            ends=span[1],
            stamp=clock.now(),
            location=_location(part, event),
            description="\n".join(filter(None, (*_told(event), link))),
            url=link,
            status="CANCELLED" if event.state == "cancelled" else "CONFIRMED",
        )


def _timed(event: Event, sessions: list[EventSession]) -> Sequence[Event | EventSession]:
    """Return the separate entries of a calendar: each of these sessions where the event has several, else the whole
    event.
    """
    divided = [part for part in event.sessions if part.starts_at and part.ends_at]
    parts = [part for part in sessions if part in divided]
    return parts if parts and len(divided) > 1 and event.known == "minute" else [event]


def _part(timed: Event | EventSession, event: Event) -> EventSession | None:
    """Return the session of an entry: for the whole event its only session, if it has one."""
    if isinstance(timed, EventSession):
        return timed
    return event.sessions[0] if len(event.sessions) == 1 else None


def _number(part: EventSession | None) -> str:
    """Return the session's share of its uid, which no other session affects, so that adding or removing one makes no
    second entry.
    """
    return "" if part is None or part.plain_uid else f".{part.id}"


def _location(timed: Event | EventSession, event: Event) -> str:
    part = _part(timed, event)
    room = said(part.place, event) if part else ""
    return ", ".join(text for text in (room, where(event)) if text)


def _span(part: Event | EventSession, event: Event) -> tuple[date, date] | None:
    if event.known == "minute" and part.starts_at and part.ends_at:
        return part.starts_at, part.ends_at
    if event.known == "day" and event.starts_local and event.ends_local:
        return event.starts_local.date(), event.ends_local.date()
    return None


def _calendar_title(part: Event | EventSession, event: Event) -> str:
    if event.private:
        # A bystander who sees the calendar learns nothing of the topic.
        return said(event.organization.name, event)
    titles = [said(event.title, event)]
    if isinstance(part, EventSession):
        titles.append(said(event.title_of(part), event))
    return ": ".join(title for title in titles if title)


def _admitted(party: Iterable[Registration], event: Event) -> list[EventSession]:
    theirs = {part.id for one in party for part in one.ticket_type.parts_of(event)}
    return [part for part in event.sessions if part.id in theirs]


def _days_and_times(starts: datetime, ends: datetime | None, year: bool | None) -> str:
    """Return days and times; over several days the end gets no time: beside the first day it would be read as that
    day's.
    """
    days, ends = _days(starts, ends, year), ends or starts
    times = [starts, ends] if ends != starts and _is_short(starts, ends) else [starts]
    return f"{days}, {'–'.join(map(i18n.format_time, times))}"


def _days(starts: datetime, ends: datetime | None, year: bool | None) -> str:
    ends = ends or starts
    return i18n.format_day(starts, year=year) if _is_short(starts, ends) else i18n.format_days(starts, ends, year=year)


def _is_short(starts: datetime, ends: datetime) -> bool:
    return ends.date() == starts.date() or ends - starts < ONE_EVENING


def _in_zone(words: str, event: Event, with_zone: bool) -> str:
    zone = i18n.gettext("common.city_time", city=i18n.city_of(event.zone))
    return f"{words}, {zone}" if with_zone else words
