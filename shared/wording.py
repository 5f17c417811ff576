"""An event in words, for pages, mails and papers alike, in the language that is spoken now.

Between models and papers: it reads an event and fills in what a ticket or a calendar says. May import models, papers,
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
"""How long before its start one's own calendar reminds: of a day, which starts at midnight, the evening before."""
ONE_EVENING = timedelta(hours=18)
"""What is shorter is one date in words, also when it goes on past midnight."""
FEW_SESSIONS = 3
"""As many have room on a ticket, each with its own time; of more, the time from the first to the last is said."""
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
# What a link without its scheme has before the @ is no beginning of an address: tiktok.com/@name, ?to=name@...
_EMAIL = re.compile(r"(?<![^\s<>()\",;:])[^\s@<>()\"?&,;:/=]+@[^\s@<>()\"?&,;:]+\.[^\s@<>()\"?&,;:]+")
_PHONE = re.compile(r"\+?[\d\s()./-]{5,30}")


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask, as it was written, and where that leads: an email, a call, a page, or nowhere."""

    text: str
    address: str = ""


def said(texts: Mapping[str, str], event: Event) -> str:
    """A text of an event in the language that is spoken now, else in the event's first; empty where there is none."""
    return str(i18n.text_in(texts, (i18n.language(), *event.languages)) or "")


def where(event: Event) -> str:
    """Hall, street and city, as far as they are known."""
    parts = (said(texts, event) for texts in (event.venue, event.address, event.city))
    return ", ".join(part for part in parts if part)


def when(event: Event, *, with_zone: bool = True, year: bool | None = None) -> str:
    """When an event is, as exactly as it is known: "Saturday 7 October, 18:00–20:00, Dushanbe time".

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
    """When one part of an event is; its zone is said once, for the whole event."""
    return _days_and_times(part.starts_local, part.ends_local, year) if part.starts_local else ""


def when_admitted(
    party: Iterable[Registration], event: Event, *, with_zone: bool = True, year: bool | None = None
) -> str:
    """When an event is for a party: where its tickets are to some parts only, when those are."""
    parts = some_sessions(party, event) if event.known == "minute" else []
    starts = [part.starts_local for part in parts if part.starts_local]
    if not starts or len(starts) < len(parts):
        return when(event, with_zone=with_zone, year=year)
    if len(parts) <= FEW_SESSIONS:
        return _in_zone("; ".join(session_when(part, year=year) for part in parts), event, with_zone)
    ends = max(part.ends_local or part.starts_local or starts[0] for part in parts)
    return _in_zone(_days_and_times(min(starts), ends, year), event, with_zone)


def session_in_words(part: EventSession, event: Event) -> str:
    """What, when and where one part of an event is: "Workshop: Saturday 7 October, 10:00–12:00, room 2".

    The only part needs no name beside the event's, unless it has one.
    """
    title = said(event.title_of(part), event) if part.title or len(event.sessions) > 1 else ""
    time = session_when(part) if event.known == "minute" else ""
    facts = ", ".join(text for text in (time, said(part.place, event)) if text)
    return ": ".join(text for text in (title, facts) if text)


def sessions_of(party: Iterable[Registration], event: Event) -> list[EventSession]:
    """The parts of the programme that a party's tickets admit to; not one that says no more than the event does."""
    first = event.sessions[0]
    same = (first.starts_at, first.ends_at) == (event.starts_at, event.ends_at)
    if len(event.sessions) == 1 and same and not first.place:
        return []
    return _admitted(party, event)


def some_sessions(party: Iterable[Registration], event: Event) -> list[EventSession]:
    """The parts that a party's tickets admit to; none where they admit to every one."""
    parts = _admitted(party, event)
    return parts if len(parts) < len(event.sessions) else []


def contact(event: Event) -> Contact | None:
    """Whom to ask about an event; only what is certainly an email address, a number or a page becomes a link."""
    text = (event.contact or "").strip()
    if not text:
        return None
    if _EMAIL.fullmatch(text):
        return Contact(text, f"mailto:{quote(text, safe='@+')}")
    if _PHONE.fullmatch(text):
        return Contact(text, "tel:" + re.sub(r"[^\d+]", "", text))
    return Contact(text.removeprefix("https://").rstrip("/") if web_link(text) else text, web_link(text))


def web_link(text: str | None) -> str:
    """An address that a page may lead to: http or https and nothing else, since `javascript:` is an address too."""
    try:
        parts = urlsplit(text or "")
    except ValueError:
        return ""
    return text or "" if parts.scheme in {"http", "https"} and parts.hostname else ""


def reply_address(event: Event) -> str:
    """Where an answer to an email about an event goes: the one email address in its contact, "Zarina, z@example.org"
    too. Empty where it names none, or several; what stands in a link is none.
    """
    written = [text.rstrip(".") for text in _EMAIL.findall(_LINK.sub(" ", event.contact or ""))]
    try:
        return contacts.address(written[0]) if len(written) == 1 else ""
    except EmailNotValidError:
        return ""


def as_it_was(party: Sequence[Registration], event: Event, before: Mapping[str, Any] | None) -> list[str]:
    """When and where it was for a party before a change, as far as that is something else now; a part of the programme
    only where the time of the whole did not change. `before` is as when_and_where() wrote it.
    """
    if before is None:
        return []
    was = earlier(event, before)
    when_it_was, where_it_was = when_admitted(party, was), where(was)
    told = [when_it_was] if when_it_was != when_admitted(party, event) else _parts_as_they_were(party, event, was)
    return [*told, *([where_it_was] if where_it_was not in ("", where(event)) else [])]


def earlier(event: Event, before: Mapping[str, Any]) -> Event:
    """An event with the times and places of `before`, to be put in words: it is no row of any session."""
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
    """A short code in two groups: eight characters in one go are read wrong more often."""
    code = registration.short_code or ""
    return f"{code[:4]}-{code[4:]}"


def heading(event: Event) -> str:
    """What an event is called where its facts are told: of a cancelled one they would else read as an invitation."""
    title = said(event.title, event)
    return i18n.gettext("email.cancelled_title", title=title) if event.state == "cancelled" else title


def cancelled_by_organizer(one: Registration) -> str:
    """That the organizer cancelled a registration, to who made it; only of who had a place that this is gone."""
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
    """What the frame of every mail about an event says, to a party if there is one."""
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
    """What a mailing says to somebody in the language that is spoken now, else in the event's first."""
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
    """What a ticket says, under its event's photograph where that one has one to show."""
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
    """Whether a calendar can show an event: its day is known, if not its time."""
    return _span(event, event) is not None


def event_entries(event: Event, base_url: str) -> Iterator[CalendarEntry]:
    """An event for anybody's calendar: each part where it has several, the whole else, nothing without a day."""
    link = links.absolute(base_url, links.event(i18n.language(), event.slug))
    return _entries(event, event.sessions, f"event-{event.id}", base_url, link)


def calendar_entries(registration: Registration, event: Event, base_url: str, link: str) -> Iterator[CalendarEntry]:
    """The event for one's own calendar: the parts that the ticket admits to. The same uid for ever, so a later one
    replaces this one, and that of a place given back takes it away."""
    uid, parts = registration.ticket_id, registration.ticket_type.sessions_of(event)
    told = (_code(registration), *_told(event), link)
    held = [_personal(entry, registration, told) for entry in _entries(event, parts, uid, base_url, link)]
    kept = {entry.uid for entry in held}
    # A ticket that it was moved from may have admitted to any other part: whichever a calendar has is taken away.
    others = _entries(event, event.sessions, uid, base_url, link) if registration.moves else ()
    dropped = (replace(entry, status="CANCELLED") for entry in others if entry.uid not in kept)
    for entry in (*held, *dropped):
        counted = replace(entry, sequence=entry.sequence + registration.moves)
        # Nothing follows the end of a registration, so it may count one further than the event does.
        yield counted if registration.is_live else replace(counted, status="CANCELLED", sequence=counted.sequence + 1)


def _personal(entry: CalendarEntry, registration: Registration, told: Sequence[str]) -> CalendarEntry:
    """An entry of one's own: with the short code, with an alarm, and tentative while there is no place yet."""
    alarm = ALARM if isinstance(entry.starts, datetime) else ALARM_OF_DAY
    is_tentative = registration.is_live and registration.state != "confirmed" and entry.status == "CONFIRMED"
    status = "TENTATIVE" if is_tentative else entry.status
    return replace(entry, description="\n".join(filter(None, told)), alarm=alarm, status=status)


def _code(registration: Registration) -> str:
    if registration.state != "confirmed" or not registration.short_code:
        return ""
    return i18n.gettext("email.short_code", code=short_code(registration))


def _told(event: Event) -> Iterator[str]:
    """What an entry says beside when and where; of a private event nothing that tells its topic."""
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
    """What stands in a calendar by itself: each of these parts where the event has several, the whole else."""
    divided = [part for part in event.sessions if part.starts_at and part.ends_at]
    parts = [part for part in sessions if part in divided]
    return parts if parts and len(divided) > 1 and event.known == "minute" else [event]


def _part(timed: Event | EventSession, event: Event) -> EventSession | None:
    """The part that an entry is: of the whole event its only one, if it has no other."""
    if isinstance(timed, EventSession):
        return timed
    return event.sessions[0] if len(event.sessions) == 1 else None


def _number(part: EventSession | None) -> str:
    """What a part alone decides of its uid, so that no other that comes or goes makes a second entry of it."""
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
        # Whoever looks over a shoulder at a calendar learns nothing of the topic.
        return said(event.organization.name, event)
    titles = [said(event.title, event)]
    if isinstance(part, EventSession):
        titles.append(said(event.title_of(part), event))
    return ": ".join(title for title in titles if title)


def _admitted(party: Iterable[Registration], event: Event) -> list[EventSession]:
    theirs = {part.id for one in party for part in one.ticket_type.sessions_of(event)}
    return [part for part in event.sessions if part.id in theirs]


def _days_and_times(starts: datetime, ends: datetime | None, year: bool | None) -> str:
    """What goes on over days is given no time to end: beside its first day it would be read as that one's."""
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
