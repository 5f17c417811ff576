"""An email as it arrived, taken apart."""

import re
from email.message import EmailMessage

from icalendar import Calendar, Component


def files(message: EmailMessage) -> dict[str, EmailMessage]:
    """Return its attachments, by name."""
    return {part.get_filename(): part for part in message.walk() if part.get_filename()}


def text_of(message: EmailMessage) -> str:
    """Return its plain text."""
    return message.get_body(("plain",)).get_content()


def page_of(message: EmailMessage) -> str:
    """Return its HTML."""
    return message.get_body(("html",)).get_content()


def links_of(message: EmailMessage) -> list[str]:
    """Return the addresses in it; the text's and the page's are the same."""
    named = re.findall(r"https?://\S+", text_of(message))
    assert re.findall(r'href="([^"]+)"', page_of(message)) == named
    return named


def entries_of(message: EmailMessage, method: str | None = "REQUEST") -> list[Component]:
    """Return its calendar entries, by a method or any: each file is a whole request, about one entry (RFC 5546)."""
    parts = [part for name, part in files(message).items() if name.endswith(".ics")]
    return [_entry(part, method) for part in parts]


def _entry(part: EmailMessage, method: str | None) -> Component:
    assert part.get_content_type() == "text/calendar"
    calendar = Calendar.from_ical(part.get_content())
    assert part.get_param("method") == calendar["METHOD"]
    assert method in (None, calendar["METHOD"])
    assert calendar.errors == []
    [entry] = calendar.walk("VEVENT")
    assert (entry["STATUS"] == "CANCELLED") is (calendar["METHOD"] == "CANCEL")
    assert entry["ORGANIZER"] == "mailto:turnout@example.org"
    assert entry["ATTENDEE"].startswith("mailto:")
    assert entry["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    return entry
