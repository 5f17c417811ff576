"""What anybody may read: the events to come and past, one event, its calendar."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links
from shared.config import LANGUAGES
from shared.i18n import language
from shared.models import Event
from shared.papers.calendar import ics
from shared.queries import events
from shared.wording import event_entries
from web.access import VISITOR, Visitor
from web.current import settings
from web.forms.registration import COMPANION_FIELDS, CONSENT, TRAP
from web.pages import cloths, wording
from web.routes import Routes
from web.templating import LANGUAGE_COOKIE

PAGE = 10
LAST_PAGE = 10_000
YEAR_SECONDS = 31_536_000
ONCE_GOES_HERE = "once-goes-here"
"""Stands in a page until it leaves: what is the same for everybody is what the ETag is made of."""

pages = Routes("public", __name__)


@dataclass(frozen=True)
class Typed:
    """What was typed into a form that could not be used, a sentence for each wrong field, or why it was refused."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""

    @property
    def brings_somebody(self) -> bool:
        """Whether a guest was named, so that the list of guests stays open."""
        return any(self.values.get(name) for name in COMPANION_FIELDS)


@pages.get("/", access=VISITOR)
def start(db: Session, by: Visitor) -> ResponseReturnValue:
    """The list of events in the visitor's language: the one chosen before, else the browser's."""
    answer = redirect(links.home(language()), 302)
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@pages.get("/<lang>/", access=VISITOR)
def home(db: Session, by: Visitor, lang: str) -> ResponseReturnValue:
    """Events to come and past; `?page=` turns both lists."""
    number = min(max(request.args.get("page", 1, int), 1), LAST_PAGE)
    now, offset = clock.now(), (number - 1) * PAGE
    upcoming = events.upcoming(db, now=now, limit=PAGE + 1, offset=offset)
    past = events.past(db, now=now, limit=PAGE + 1, offset=offset)
    page = render_template(
        "public/home.html",
        upcoming=[(event, wording.status(event, now)) for event in upcoming[:PAGE]],
        past=past[:PAGE],
        number=number,
        has_more=max(len(upcoming), len(past)) > PAGE,
        alternates={code: links.home(code) for code in LANGUAGES},
        canonical=links.absolute(settings().base_url, links.home(lang)),
        base_url=settings().base_url,
        wording=wording,
        tile=cloths.tile,
    )
    return _remember_language(_conditional(page), lang)


@pages.get("/<lang>/e/<slug>", access=VISITOR)
def event(db: Session, by: Visitor, lang: str, slug: str) -> ResponseReturnValue:
    """An event: everything a visitor needs, without a script."""
    return event_page(events.find(db, slug=slug))


@pages.get("/e/<slug>.ics", access=VISITOR)
def event_calendar(db: Session, by: Visitor, slug: str) -> ResponseReturnValue:
    """An event for the visitor's calendar."""
    entries = event_entries(events.find(db, slug=slug), settings().base_url)
    answer = Response(ics(entries, method="PUBLISH"), mimetype="text/calendar")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{slug}.ics")
    return answer


@pages.get("/robots.txt", access=VISITOR)
def robots(db: Session, by: Visitor) -> ResponseReturnValue:
    """Search engines read lists and events; nothing that belongs to one person."""
    closed = ("/T/", "/organize/", "/account/", "/reports/", "/screen/", *(f"/{code}/r/" for code in LANGUAGES))
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def event_page(event: Event, typed: Typed | None = None) -> Response:
    """The page of an event, with its form as it was typed where that could not be used."""
    now, base_url = clock.now(), settings().base_url
    addresses = {code: links.event(code, event.slug) for code in LANGUAGES}
    page = render_template(
        "public/event.html",
        event=event,
        status=wording.status(event, now),
        typed=typed or Typed(),
        alternates=addresses,
        canonical=links.absolute(base_url, addresses[language()]),
        base_url=base_url,
        cloth=cloths.wide(event.slug),
        facts=_facts(event, links.absolute(base_url, addresses[language()])),
        kinds=[(kind, wording.choosable(kind, now)) for kind in event.ticket_types],
        wording=wording,
        once=ONCE_GOES_HERE,
        consent=CONSENT,
        trap=TRAP,
        companion_fields=COMPANION_FIELDS[:3],
    )
    return _conditional(page)


def _conditional(page: str) -> Response:
    """Answer 304 to who has this page; the number that tells one sent form from another is not part of what it is."""
    answer = make_response(page.replace(ONCE_GOES_HERE, secrets.token_urlsafe(16)))
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(sha256(page.encode()).hexdigest()[:20], weak=True)
    answer.make_conditional(request)
    return answer


def _remember_language(answer: Response, lang: str) -> Response:
    if request.cookies.get(LANGUAGE_COOKIE) != lang:
        secure = settings().base_url.startswith("https:")
        answer.set_cookie(LANGUAGE_COOKIE, lang, max_age=YEAR_SECONDS, secure=secure, httponly=True, samesite="Lax")
    return answer


def _facts(event: Event, address: str) -> dict[str, Any]:
    """What search engines understand of an event (schema.org/Event)."""
    title, summary = wording.said(event.title, event), wording.said(event.summary, event)
    state = "EventCancelled" if event.state == "cancelled" else "EventScheduled"
    place = wording.where(event)
    facts = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": title,
        "description": summary or title,
        "url": address,
        "eventStatus": f"https://schema.org/{state}",
        "startDate": event.starts_at and event.starts_at.isoformat(),
        "endDate": event.ends_at and event.ends_at.isoformat(),
        "location": place and {"@type": "Place", "name": place, "address": place},
        "organizer": {"@type": "Organization", "name": wording.said(event.organization.name, event)},
    }
    return {name: value for name, value in facts.items() if value}
