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
from shared.models import Event, EventSession, EventState, Mailing, Precision, Registration, RegistrationState
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
    texts = (said(translations, event) for translations in (event.venue, event.address, event.city))
    return ", ".join(text for text in texts if text)


def when(event: Event, *, with_zone: bool = True, year: bool | None = None) -> str:
    """Return an event's time as exactly as it is known: "Saturday 7 October, 18:00–20:00, Dushanbe time".

    `year`: as format_day takes it; papers and files outlive their year and always name it.
    """
    if event.starts_local is None:
        return i18n.gettext("common.date_not_recorded")
    if event.known == Precision.ABOUT:
        return i18n.gettext("common.month_day_unknown", month=i18n.format_month(event.starts_local))
    if event.known == Precision.DAY:
        return _days(event.starts_local, event.ends_local, year)
    return _in_zone(_days_and_times(event.starts_local, event.ends_local, year), event, with_zone)


def session_when(session: EventSession, *, year: bool | None = None) -> str:
    """Return a session's time; its zone is named once, for the whole event."""
    return _days_and_times(session.starts_local, session.ends_local, year) if session.starts_local else ""


def when_admitted(
    party: Iterable[Registration], event: Event, *, with_zone: bool = True, year: bool | None = None
) -> str:
    """Return an event's time for a group: that of their sessions, if their tickets are for some sessions only."""
    sessions = some_sessions(party, event) if event.known == Precision.MINUTE else []
    starts = [session.starts_local for session in sessions if session.starts_local]
    if not starts or len(starts) < len(sessions):
        return when(event, with_zone=with_zone, year=year)
    if len(sessions) <= FEW_SESSIONS:
        return _in_zone("; ".join(session_when(session, year=year) for session in sessions), event, with_zone)
    ends = max(session.ends_local or session.starts_local or starts[0] for session in sessions)
    return _in_zone(_days_and_times(min(starts), ends, year), event, with_zone)


def session_in_words(session: EventSession, event: Event) -> str:
    """Return a session's title, time and venue: "Workshop: Saturday 7 October, 10:00–12:00, room 2".

    The only session needs no title beside the event's, unless it has one.
    """
    title = said(event.title_of(session), event) if session.title or len(event.sessions) > 1 else ""
    time = session_when(session) if event.known == Precision.MINUTE else ""
    facts = ", ".join(text for text in (time, said(session.place, event)) if text)
    return ": ".join(text for text in (title, facts) if text)


def sessions_of(party: Iterable[Registration], event: Event) -> list[EventSession]:
    """Return the sessions that a group's tickets admit to; not one that adds nothing to the event."""
    first = event.sessions[0]
    is_same_time = (first.starts_at, first.ends_at) == (event.starts_at, event.ends_at)
    if len(event.sessions) == 1 and is_same_time and not first.place:
        return []
    return _admitted(party, event)


def some_sessions(party: Iterable[Registration], event: Event) -> list[EventSession]:
    """Return the sessions that a group's tickets admit to; none where they admit to every one."""
    sessions = _admitted(party, event)
    return sessions if len(sessions) < len(event.sessions) else []


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
    addresses = [text.rstrip(".") for text in _EMAIL.findall(_LINK.sub(" ", event.contact or ""))]
    try:
        return contacts.address(addresses[0]) if len(addresses) == 1 else ""
    except EmailNotValidError:
        return ""


def as_it_was(party: Sequence[Registration], event: Event, before: Mapping[str, Any] | None) -> list[str]:
    """Return a group's earlier time and venue, as far as they differ now; a session only if the time of the whole event
    is unchanged. `before` is as written by when_and_where().
    """
    if before is None:
        return []
    former = earlier(event, before)
    former_time, former_venue = when_admitted(party, former), where(former)
    lines = [former_time] if former_time != when_admitted(party, event) else _parts_as_they_were(party, event, former)
    return [*lines, *([former_venue] if former_venue not in ("", where(event)) else [])]


def earlier(event: Event, before: Mapping[str, Any]) -> Event:
    """Return an event with the times and venues of `before`, for texts only: it is no row of a database session."""
    states = [(session, before["parts"].get(str(session.id))) for session in event.sessions]
    sessions = [EventSession(id=session.id, title=session.title, **_walls(state)) for session, state in states if state]
    unchanged = {"state": event.state, "title": event.title, "languages": event.languages}
    return Event(**unchanged, **_walls(before["event"]), sessions=sessions)


def _walls(state: Mapping[str, Any]) -> dict[str, Any]:
    walls = {name: state[name] and datetime.fromisoformat(state[name]) for name in ("starts_local", "ends_local")}
    return {**state, **walls}


def _parts_as_they_were(party: Iterable[Registration], event: Event, former: Event) -> list[str]:
    former_words = {session.id: session_in_words(session, former) for session in former.sessions}
    return [
        former_words[session.id]
        for session in sessions_of(party, event)
        if former_words.get(session.id) and former_words[session.id] != session_in_words(session, event)
    ]


def short_code(registration: Registration) -> str:
    """Return a short code in two groups: eight characters in one go are misread more often."""
    code = registration.short_code or ""
    return f"{code[:4]}-{code[4:]}"


def heading(event: Event) -> str:
    """Return an event's heading: for a cancelled event its details would otherwise read as an invitation."""
    title = said(event.title, event)
    return i18n.gettext("email.cancelled_title", title=title) if event.state == EventState.CANCELLED else title


def cancelled_by_organizer(registration: Registration) -> str:
    """Return the sentence that the organizer cancelled a registration; it says that the seat is gone only if there was
    one.
    """
    if registration.host_id is None:
        with_ticket, without_ticket = (
            i18n.gettext("email.organizer_cancelled_with_ticket"),
            i18n.gettext("email.organizer_cancelled"),
        )
    else:
        with_ticket, without_ticket = (
            i18n.gettext("email.organizer_cancelled_guest_with_ticket", person=registration.name),
            i18n.gettext("email.organizer_cancelled_guest", person=registration.name),
        )
    return with_ticket if registration.confirmed_at else without_ticket


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
        venue=where(event),
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
    uid, sessions = registration.ticket_id, registration.ticket_type.sessions
    details = (_code(registration), *_told(event), link)
    entries = [_personal(entry, registration, details) for entry in _entries(event, sessions, uid, base_url, link)]
    uids = {entry.uid for entry in entries}
    # A former ticket may have admitted to any other session: the entry in the calendar, if any, is removed.
    former = _entries(event, event.sessions, uid, base_url, link) if registration.moves else ()
    dropped = (replace(entry, status="CANCELLED") for entry in former if entry.uid not in uids)
    for entry in (*entries, *dropped):
        counted = replace(entry, sequence=entry.sequence + registration.moves)
        # Nothing follows the end of a registration, so its sequence may run one ahead of the event's.
        yield counted if registration.is_live else replace(counted, status="CANCELLED", sequence=counted.sequence + 1)


def _personal(entry: CalendarEntry, registration: Registration, details: Sequence[str]) -> CalendarEntry:
    """Return an attendee's own entry: with the short code, with an alarm, and tentative while there is no seat yet."""
    alarm = ALARM if isinstance(entry.starts, datetime) else ALARM_OF_DAY
    is_tentative = (
        registration.is_live and registration.state != RegistrationState.CONFIRMED and entry.status == "CONFIRMED"
    )
    status = "TENTATIVE" if is_tentative else entry.status
    return replace(entry, description="\n".join(filter(None, details)), alarm=alarm, status=status)


def _code(registration: Registration) -> str:
    if registration.state != RegistrationState.CONFIRMED or not registration.short_code:
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
    for subject in timed:
        span = _span(subject, event)
        if span is None:
            continue
        yield CalendarEntry(
            uid=f"{uid}{_number(_part(subject, event))}@{host}",
            sequence=event.sequence,
            title=_calendar_title(subject, event),
            starts=span[0],
            ends=span[1],
            stamp=clock.now(),
            location=_location(subject, event),
            description="\n".join(filter(None, (*_told(event), link))),
            url=link,
            status="CANCELLED" if event.state == EventState.CANCELLED else "CONFIRMED",
        )


def _timed(event: Event, sessions: list[EventSession]) -> Sequence[Event | EventSession]:
    """Return the separate entries of a calendar: each of these sessions where the event has several, else the whole
    event.
    """
    timed = [session for session in event.sessions if session.starts_at and session.ends_at]
    entries = [session for session in sessions if session in timed]
    return entries if entries and len(timed) > 1 and event.known == Precision.MINUTE else [event]


def _part(subject: Event | EventSession, event: Event) -> EventSession | None:
    """Return the session of an entry: for the whole event its only session, if it has one."""
    if isinstance(subject, EventSession):
        return subject
    return event.sessions[0] if len(event.sessions) == 1 else None


def _number(session: EventSession | None) -> str:
    """Return the session's share of its uid, which no other session affects, so that adding or removing one makes no
    second entry.
    """
    return "" if session is None or session.plain_uid else f".{session.id}"


def _location(subject: Event | EventSession, event: Event) -> str:
    session = _part(subject, event)
    room = said(session.place, event) if session else ""
    return ", ".join(text for text in (room, where(event)) if text)


def _span(subject: Event | EventSession, event: Event) -> tuple[date, date] | None:
    if event.known == Precision.MINUTE and subject.starts_at and subject.ends_at:
        return subject.starts_at, subject.ends_at
    if event.known == Precision.DAY and event.starts_local and event.ends_local:
        return event.starts_local.date(), event.ends_local.date()
    return None


def _calendar_title(subject: Event | EventSession, event: Event) -> str:
    if event.private:
        # A bystander who sees the calendar learns nothing of the topic.
        return said(event.organization.name, event)
    titles = [said(event.title, event)]
    if isinstance(subject, EventSession):
        titles.append(said(event.title_of(subject), event))
    return ": ".join(title for title in titles if title)


def _admitted(party: Iterable[Registration], event: Event) -> list[EventSession]:
    session_ids = {session.id for registration in party for session in registration.ticket_type.sessions}
    return [session for session in event.sessions if session.id in session_ids]


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
