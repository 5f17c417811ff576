"""What programs read: calendars, the feed of new events, and what search engines may visit.

They all say nothing of private events, and answer 304 to who comes again.
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
from shared.i18n import gettext, language, normalize, set_language
from shared.models import Event
from shared.papers.calendar import ics
from shared.queries import events, registrations
from shared.wording import event_entries, is_on_calendars
from web.access import VISITOR, Visitor
from web.current import settings
from web.pages import wording
from web.pages.http_cache import conditional
from web.routes import Routes
from web.ticket_cookie import remembered_for

REMEMBERED = timedelta(days=90)
"""How long what is over stays in the calendar."""

CALENDAR_LIMIT, FEED_LIMIT, SITEMAP_LIMIT = 500, 50, 5_000
HOUR = "public, max-age=3600"
CLOSED = ("/T/", "/u/", "/organize/", "/account/", "/reports/", "/screen/", "/mailbox/")
_STAMP = re.compile(rb"DTSTAMP:[^\r]*\r\n")

pages = Routes("feeds", __name__)


@pages.get("/e/<slug>.ics", access=VISITOR)
def event_calendar(db: Session, by: Visitor, slug: str) -> ResponseReturnValue:
    """An event for the visitor's calendar; whoever registered in this browser gets the entry of the own ticket, so that
    the one in the email is the same. Raises Missing for an event whose day is not known.
    """
    _speak_as_asked()
    event = events.find(db, slug=slug)
    place = remembered_for(request, event)
    if place and any(one.is_live for one in registrations.live(db, links=[(place.id, place.version)])):
        answer = make_response(redirect(place.calendar(language()), 302))
        answer.headers["Cache-Control"] = "no-store"
        return _in_a_language(answer)
    if not is_on_calendars(event):
        # A file without an entry is none (RFC 5545, 3.6).
        raise Missing("day")
    answer = _calendar(ics(event_entries(event, settings().base_url)))
    answer.headers.set("Content-Disposition", "attachment", filename=f"{slug}.ics")
    return answer


@pages.get("/calendar.ics", access=VISITOR)
def calendar(db: Session, by: Visitor) -> ResponseReturnValue:
    """Every public event to come and of the last 90 days, to subscribe to."""
    _speak_as_asked()
    now = clock.now()
    listed = events.since(db, ended_after=now - REMEMBERED, now=now, limit=CALENDAR_LIMIT)
    entries = (entry for event in listed for entry in event_entries(event, settings().base_url))
    return _calendar(ics(entries, name=gettext("public.events")))


@pages.get("/feed.xml", access=VISITOR)
def feed(db: Session, by: Visitor) -> ResponseReturnValue:
    """The newest public events (Atom, RFC 4287)."""
    _speak_as_asked()
    listed = events.newest(db, limit=FEED_LIMIT)
    # Without an event there is no moment at which something changed, and the element is obligatory.
    updated = max((event.updated_at for event in listed), default=datetime.fromtimestamp(0, UTC))
    page = render_template(
        "public/feed.xml",
        entries=[_entry(event) for event in listed],
        updated=_moment(updated),
        host=urlsplit(settings().base_url).hostname,
        own=links.absolute(settings().base_url, f"{links.feed()}?lang={language()}"),
        home=links.absolute(settings().base_url, links.home(language())),
    )
    return _in_a_language(conditional(Response(page, mimetype="application/atom+xml"), page))


@pages.get("/sitemap.xml", access=VISITOR)
def sitemap(db: Session, by: Visitor) -> ResponseReturnValue:
    """The lists and every public event, each in every language, for search engines."""
    everywhere = [{code: links.home(code) for code in LANGUAGES}]
    slugs = events.slugs(db, limit=SITEMAP_LIMIT)
    everywhere += [{code: links.event(code, slug) for code in LANGUAGES} for slug in slugs]
    page = render_template("public/sitemap.xml", pages=everywhere, base_url=settings().base_url)
    return conditional(Response(page, mimetype="application/xml"), page, cache=HOUR)


@pages.get("/robots.txt", access=VISITOR)
def robots(db: Session, by: Visitor) -> ResponseReturnValue:
    """Search engines read lists and events; nothing that belongs to one person."""
    closed = (*CLOSED, *(f"/{code}/{place}" for code in LANGUAGES for place in ("r/", "my")))
    sitemap = links.absolute(settings().base_url, "/sitemap.xml")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), "", f"Sitemap: {sitemap}"]
    page = "\n".join(lines) + "\n"
    return conditional(Response(page, mimetype="text/plain"), page, cache=HOUR)


def _calendar(file: bytes) -> Response:
    # The moment of asking stands in every entry and is no change.
    content = _STAMP.sub(b"", file).decode()
    return _in_a_language(conditional(Response(file, mimetype="text/calendar"), content))


def _speak_as_asked() -> None:
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        set_language(asked)


def _in_a_language(answer: Response) -> Response:
    answer.headers["Content-Language"] = language()
    answer.headers["Vary"] = "Accept-Language, Cookie"
    return answer


def _entry(event: Event) -> dict[str, str]:
    """What the feed says of an event; clean, since one control character makes the whole feed unreadable."""
    said = {
        "title": wording.said(event.title, event),
        "author": wording.said(event.organization.name, event),
        "when": wording.when(event),
        "where": wording.where(event),
        "summary": wording.said(event.summary, event),
    }
    address = links.absolute(settings().base_url, links.event(language(), event.slug))
    known = {"id": f"{event.created_at:%Y-%m-%d}:event-{event.id}", "moment": _moment(event.updated_at)}
    return {**{name: normalize(text) for name, text in said.items()}, **known, "address": address}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
