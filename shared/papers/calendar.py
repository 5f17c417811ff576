"""Calendar files, which add, move and remove an event in the visitor's own calendar (RFC 5545).

All times are in UTC, so no time zone has to be described and none can be described wrongly.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from icalendar import Alarm, Calendar, Event, vCalAddress
from icalendar.enums import STATUS

from shared.i18n import normalize, normalize_lines

PRODUCT = "-//Turnout//Turnout//EN"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One event in a calendar.

    `uid` never changes and `sequence` rises with every change of time or venue, so that a calendar updates its entry.
    `starts` and `ends` are both aware moments, or both days where the time is not known: `ends` is then the last day.
    `alarm` is the time from the alarm to the start; a cancelled entry has none.
    """

    uid: str
    sequence: int
    title: str
    starts: datetime | date
    ends: datetime | date
    stamp: datetime
    location: str = ""
    description: str = ""
    url: str = ""
    organizer: str = ""
    organizer_email: str = ""
    attendee_email: str = ""
    status: Literal["CONFIRMED", "CANCELLED", "TENTATIVE"] = "CONFIRMED"
    alarm: timedelta | None = None


def ics(
    entries: Iterable[CalendarEntry],
    *,
    method: Literal["REQUEST", "CANCEL"] | None = None,
    name: str | None = None,
) -> bytes:
    """Return the entries as one iCalendar file: CRLF, folded at 75 bytes, the same bytes for the same entries.

    `method` is for emails (RFC 5546; both need organizer and attendee); a file to save has none, since PUBLISH needs an
    organizer, whose address is not public. `name` is for a feed, which calendars read again every six hours. Raises
    ValueError for a naive time.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    if method:
        calendar.add("method", method)
    if name:
        calendar.add("name", normalize(name))
        calendar.add("x-wr-calname", normalize(name))
        calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry) -> Event:
    event = Event.new(
        uid=entry.uid,
        sequence=entry.sequence,
        stamp=_utc(entry.stamp),
        summary=normalize(entry.title),
        start=_start(entry),
        end=_end(entry),
        location=normalize(entry.location) or None,
        description=normalize_lines(entry.description) or None,
        url=entry.url or None,
        status=STATUS(entry.status),
    )
    if entry.organizer_email:
        event.add("organizer", _organizer(entry))
    if entry.attendee_email:
        event.add("attendee", _attendee(entry.attendee_email))
    if entry.alarm and entry.status != "CANCELLED":
        event.add_component(_alarm(entry.alarm, normalize(entry.title)))
    return event


def _alarm(before: timedelta, title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -before)
    alarm.add("description", title)
    return alarm


def _organizer(entry: CalendarEntry) -> vCalAddress:
    address = vCalAddress(f"mailto:{entry.organizer_email}")
    if entry.organizer:
        address.params["CN"] = normalize(entry.organizer).replace('"', "")
    return address


def _attendee(email: str) -> vCalAddress:
    # A ticket's owner has accepted already: without this, programs ask for a reply that no one reads.
    address = vCalAddress(f"mailto:{email}")
    address.params.update({"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
    return address


def _start(entry: CalendarEntry) -> datetime | date:
    return _utc(entry.starts) if isinstance(entry.starts, datetime) else entry.starts


def _end(entry: CalendarEntry) -> datetime | date:
    # The end of a day in a calendar is the first day that is free again.
    return _utc(entry.ends) if isinstance(entry.ends, datetime) else entry.ends + timedelta(days=1)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a calendar entry needs aware times")
    return moment.astimezone(UTC)
