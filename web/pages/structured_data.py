"""An event for search engines: schema.org/Event, in the language of its page.

Only of public events: a private one reveals nothing.
"""

from typing import Any
from zoneinfo import ZoneInfo

from shared import links
from shared.i18n import gettext
from shared.models import Event, EventState, Partner, Precision, Speaker
from web.pages import wording
from web.pages.wording import said, web_link

SCHEMA = "https://schema.org/"

Facts = dict[str, Any]


def of_event(event: Event, *, address: str, base_url: str, image: str) -> Facts:
    """Return the structured data of an event whose page is at `address`; unknown values, such as a price, are left out.

    Empty if not even the month is known: schema.org/Event requires a start.
    """
    times = _times(event)
    if not times:
        return {}
    state = "EventCancelled" if event.state == EventState.CANCELLED else "EventScheduled"
    title = said(event.title, event)
    return _without_empty(
        {
            "@context": SCHEMA.rstrip("/"),
            "@type": "Event",
            "name": title,
            "description": said(event.summary, event) or title,
            "url": address,
            "image": [image],
            "eventStatus": SCHEMA + state,
            "eventAttendanceMode": f"{SCHEMA}OfflineEventAttendanceMode",
            **times,
            "location": _location(event),
            "inLanguage": event.spoken or event.languages,
            "performer": [_person(speaker, event) for speaker in event.speakers],
            "organizer": _organizer(event, base_url),
            "sponsor": [_partner(partner, event) for partner in event.partners],
            "superEvent": event.series and {"@type": "EventSeries", "name": said(event.series.title, event)},
            "maximumAttendeeCapacity": event.capacity,
        }
    )


def _times(event: Event) -> Facts:
    if event.starts_at is None or event.ends_at is None:
        return {}
    zone = ZoneInfo(event.zone)
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    if event.known == Precision.MINUTE:
        return {"startDate": starts.isoformat(), "endDate": ends.isoformat()}
    if event.known == Precision.DAY:
        return {"startDate": starts.date().isoformat(), "endDate": ends.date().isoformat()}
    return {"startDate": f"{starts:%Y-%m}"}


def _location(event: Event) -> Facts:
    street, city = said(event.address, event), said(event.city, event)
    address = _without_empty({"@type": "PostalAddress", "streetAddress": street, "addressLocality": city})
    name = said(event.venue, event) or street or city
    if not name:
        return {}
    return _without_empty({"@type": "Place", "name": name, "address": address, "hasMap": wording.map_link(event)})


def _person(speaker: Speaker, event: Event) -> Facts:
    person = {"@type": "Person", "name": said(speaker.name, event), "description": said(speaker.about, event)}
    # An invented person is not a fact, and programs must learn that too.
    return _without_empty({**person, "disambiguatingDescription": gettext("public.sample") if speaker.sample else ""})


def _organizer(event: Event, base_url: str) -> Facts:
    name = said(event.organization.name, event)
    return {"@type": "Organization", "name": name, "url": links.absolute(base_url, "/")}


def _partner(partner: Partner, event: Event) -> Facts:
    name, role = said(partner.name, event), said(partner.role, event)
    return _without_empty({"@type": "Organization", "name": name, "description": role, "url": web_link(partner.link)})


def _without_empty(facts: Facts) -> Facts:
    return {name: value for name, value in facts.items() if value not in (None, "", [], {})}
