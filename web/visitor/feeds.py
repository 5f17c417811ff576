"""Files for programs: calendars, the feed of new events, and the paths that search engines may visit.

None of them contains private events, and all answer 304 to a repeated request.
"""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links
from shared.config import LANGUAGES
from shared.errors import Missing
from shared.events import events
from shared.i18n import gettext, language, normalize, set_language
from shared.models import Event
from shared.papers.calendar import ics
from shared.registrations import registrations
from shared.wording import event_entries, is_on_calendars
from web import wording
from web.access import VISITOR, Visitor
from web.current import resources, settings
from web.http_cache import conditional
from web.routes import Routes
from web.ticket_cookie import remembered_for

CALENDAR_HISTORY = timedelta(days=90)
"""Events stay in the calendar for this long after they end."""

CALENDAR_LIMIT, FEED_LIMIT, SITEMAP_LIMIT = 500, 50, 5_000
HOUR = "public, max-age=3600"
DISALLOWED = ("/T/", "/u/", links.organizer("my_events"), "/account/", "/reports/", "/screen/", "/mailbox/")
_STAMP = re.compile(rb"DTSTAMP:[^\r]*\r\n")

pages = Routes("feeds", __name__)


@pages.get("/e/<slug>.ics", access=VISITOR)
def event_calendar(db: Session, by: Visitor, slug: str) -> ResponseReturnValue:
    """Return an event for the visitor's calendar; a browser with a registration gets the entry of its ticket, so that
    it is the same as the one in the email. Raises Missing for an event whose day is not known.
    """
    _set_requested_language()
    event = events.find(db, slug=slug)
    remembered = remembered_for(request, event)
    live = registrations.live(db, links=[(remembered.id, remembered.version)]) if remembered else []
    if remembered and any(registration.is_live for registration in live):
        answer = make_response(redirect(remembered.calendar(language()), 302))
        answer.headers["Cache-Control"] = "no-store"
        return _with_language(answer)
    if not is_on_calendars(event):
        # A calendar without an entry is not valid (RFC 5545, 3.6).
        raise Missing("day")
    answer = _calendar(ics(event_entries(event, settings().base_url)))
    answer.headers.set("Content-Disposition", "attachment", filename=f"{slug}.ics")
    return answer


@pages.get("/calendar.ics", access=VISITOR)
def calendar(db: Session, by: Visitor) -> ResponseReturnValue:
    """Return a calendar to subscribe to: all upcoming public events, and those of the last 90 days."""
    _set_requested_language()
    return _calendar(resources().files.get(("calendar", language()), lambda: _public_calendar(db)))


def _public_calendar(db: Session) -> bytes:
    now = clock.now()
    listed = events.since(db, ended_after=now - CALENDAR_HISTORY, now=now, limit=CALENDAR_LIMIT)
    entries = (entry for event in listed for entry in event_entries(event, settings().base_url))
    return ics(entries, name=gettext("public.events"))


@pages.get("/feed.xml", access=VISITOR)
def feed(db: Session, by: Visitor) -> ResponseReturnValue:
    """Return the newest public events (Atom, RFC 4287)."""
    _set_requested_language()
    page = resources().files.get(("feed", language()), lambda: _feed(db)).decode()
    return _with_language(conditional(Response(page, mimetype="application/atom+xml"), page))


def _feed(db: Session) -> bytes:
    listed = events.newest(db, limit=FEED_LIMIT)
    # Without an event nothing has changed yet, but the element is required.
    updated = max((event.updated_at for event in listed), default=datetime.fromtimestamp(0, UTC))
    return render_template(
        "visitor/feed.xml",
        entries=[_entry(event) for event in listed],
        updated=_moment(updated),
        host=urlsplit(settings().base_url).hostname,
        own=links.absolute(settings().base_url, f"{links.feed()}?lang={language()}"),
        home=links.absolute(settings().base_url, links.home(language())),
    ).encode()


@pages.get("/sitemap.xml", access=VISITOR)
def sitemap(db: Session, by: Visitor) -> ResponseReturnValue:
    """Return the lists and every public event, each in every language, for search engines."""
    page = resources().files.get(("sitemap", ""), lambda: _sitemap(db)).decode()
    return conditional(Response(page, mimetype="application/xml"), page, cache=HOUR)


def _sitemap(db: Session) -> bytes:
    everywhere = [{code: links.home(code) for code in LANGUAGES}]
    slugs = events.slugs(db, limit=SITEMAP_LIMIT)
    everywhere += [{code: links.event(code, slug) for code in LANGUAGES} for slug in slugs]
    return render_template("visitor/sitemap.xml", pages=everywhere, base_url=settings().base_url).encode()


@pages.get("/robots.txt", access=VISITOR)
def robots(db: Session, by: Visitor) -> ResponseReturnValue:
    """Allow search engines to read lists and events, and nothing that belongs to a single person."""
    disallowed = (*DISALLOWED, *(f"/{code}/{page}" for code in LANGUAGES for page in ("r/", "my")))
    sitemap = links.absolute(settings().base_url, "/sitemap.xml")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in disallowed), "", f"Sitemap: {sitemap}"]
    page = "\n".join(lines) + "\n"
    return conditional(Response(page, mimetype="text/plain"), page, cache=HOUR)


def _calendar(file: bytes) -> Response:
    # Every entry contains the moment of the request, which is not a change.
    content = _STAMP.sub(b"", file).decode()
    return _with_language(conditional(Response(file, mimetype="text/calendar"), content))


def _set_requested_language() -> None:
    code = request.args.get("lang", "")
    if code in LANGUAGES:
        set_language(code)


def _with_language(answer: Response) -> Response:
    answer.headers["Content-Language"] = language()
    answer.headers["Vary"] = "Accept-Language, Cookie"
    return answer


def _entry(event: Event) -> dict[str, str]:
    """Return an event's entry in the feed; normalized, since a single control character makes the whole feed
    unreadable.
    """
    texts = {
        "title": wording.said(event.title, event),
        "author": wording.said(event.organization.name, event),
        "when": wording.when(event),
        "where": wording.where(event),
        "summary": wording.said(event.summary, event),
    }
    address = links.absolute(settings().base_url, links.event(language(), event.slug))
    keys = {"id": f"{event.created_at:%Y-%m-%d}:event-{event.id}", "moment": _moment(event.updated_at)}
    return {**{name: normalize(text) for name, text in texts.items()}, **keys, "address": address}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
