"""What anybody may read: the events to come and past, one event, and its picture for who shares it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links
from shared.config import LANGUAGES
from shared.i18n import language
from shared.models import Event
from shared.papers import share
from shared.papers.share import SharePaper
from shared.queries import accounts, events, pictures
from shared.queries.availability import availability
from shared.queries.events import ANYTHING, Wanted
from web import form_tokens
from web.access import VISITOR, Visitor, sign_in_cookie
from web.current import settings
from web.pages import covers, form, structured_data, wording
from web.pages.form import Typed
from web.pages.http_cache import conditional
from web.pages.paging import page_number
from web.routes import Routes
from web.templating import LANGUAGE_COOKIE, words
from web.ticket_cookie import remembered_for

PAGE = 10
QUERY_LIMIT = 200
SOURCE_LIMIT = 12
CHOSEN = ("city", "series")
YEAR_SECONDS = 31_536_000
HALF_DAY_SECONDS = 43_200
ONCE_GOES_HERE = "once-goes-here"
"""Stands in a page until it leaves: what is the same for everybody is what the ETag is made of."""

pages = Routes("public", __name__)


@pages.get("/", access=VISITOR)
def start(db: Session, by: Visitor) -> ResponseReturnValue:
    """The list of events in the visitor's language: the one chosen before, else the browser's."""
    answer = redirect(links.home(language()), 302)
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@pages.get("/<lang>/", access=VISITOR, reads_only=True)
def home(db: Session, by: Visitor, lang: str) -> ResponseReturnValue:
    """Events to come and past that fit what is looked for; `?page=` and `?past=` turn the two lists."""
    wanted, now = _wanted(), clock.now()
    coming, past = page_number("page"), page_number("past")
    upcoming = events.upcoming(db, now=now, wanted=wanted, limit=PAGE + 1, offset=(coming - 1) * PAGE)
    over = events.past(db, now=now, wanted=wanted, limit=PAGE + 1, offset=(past - 1) * PAGE)
    cities, series = _choices(db)
    page = render_template(
        "public/home.html",
        upcoming=[(event, wording.status(event, availability(event, now))) for event in upcoming[:PAGE]],
        past=over[:PAGE],
        turns={
            "page": _turns("page", coming, len(upcoming), at="upcoming"),
            "past": _turns("past", past, len(over), at="past"),
        },
        is_first=coming == past == 1,
        is_new=coming == past == 1 and _is_new(db, wanted, [*upcoming, *over]),
        wanted=wanted,
        cities=cities,
        series=series,
        alternates={code: links.home(code) + _asked() for code in LANGUAGES},
        canonical=links.absolute(settings().base_url, links.home(lang)),
        base_url=settings().base_url,
        wording=wording,
        tile=covers.tile,
    )
    return _remember_language(_conditional(page), lang)


@pages.get("/<lang>/e/<slug>", access=VISITOR, reads_only=True)
def event(db: Session, by: Visitor, lang: str, slug: str) -> ResponseReturnValue:
    """An event: everything a visitor needs, without a script."""
    page = event_page(events.find(db, slug=slug), source=request.args.get("source", "")[:SOURCE_LIMIT])
    # A choice made before stays, and so does an organizer's: they read their event in each of its languages.
    chosen = LANGUAGE_COOKIE in request.cookies or sign_in_cookie() in request.cookies
    return page if chosen else _remember_language(page, lang)


@pages.get("/<lang>/e/<slug>.png", access=VISITOR)
def share_image(db: Session, by: Visitor, lang: str, slug: str) -> ResponseReturnValue:
    """What is shown of an event whose address is shared; drawn only for who does not have it."""
    event = events.find(db, slug=slug)
    paper = share_paper(event)
    is_lasting = request.args.get("v") == paper.version
    answer = Response(mimetype="image/png")
    cache = f"public, max-age={YEAR_SECONDS}, immutable" if is_lasting else "public, no-cache"
    conditional(answer, paper.version, cache=cache)
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if answer.status_code == 200:
        answer.set_data(share.png(paper, pictures.photograph(db, event=event)))
    return answer


def event_page(
    event: Event,
    typed: Typed | None = None,
    *,
    preview: Mapping[str, str] | None = None,
    source: str = "",
    once: str = "",
) -> Response:
    """The page of an event, with its form as it was typed where that could not be used.

    `preview`: where its organizers see the page in each language before anybody else does. `source`: the code of the
    short link that led here, which a sign-up brings along. `once`: the stamp that its form has already; none draws one.
    """
    now, base_url = clock.now(), settings().base_url
    addresses = {code: links.event(code, event.slug) for code in LANGUAGES}
    canonical = links.absolute(base_url, addresses[language()])
    now_open, image = availability(event, now), _share_address(event, base_url)
    page = render_template(
        "public/event.html",
        event=event,
        place=None if event.private else remembered_for(request, event),
        status=wording.status(event, now_open),
        addresses=addresses,
        alternates=preview or {code: _from(source, path) for code, path in addresses.items()},
        preview=preview is not None,
        source=source,
        canonical=canonical,
        base_url=base_url,
        image=image,
        cloth=covers.wide(event),
        facts=structured_data.of_event(event, address=canonical, base_url=base_url, image=image),
        wording=wording,
        once=ONCE_GOES_HERE,
        **form.context(event, typed or Typed(), now_open, now),
    )
    return _conditional(page, once)


def _is_new(db: Session, wanted: Wanted, found: Sequence[Event]) -> bool:
    """Whether the service has nothing yet, no organizer either, and whoever asks may be the one who started it."""
    return settings().is_local and not found and wanted == ANYTHING and not accounts.is_there_any(db)


def _from(source: str, path: str) -> str:
    return f"{path}?{urlencode({'source': source})}" if source else path


def share_paper(event: Event) -> SharePaper:
    """What the picture of an event says; of a private one only who holds it."""
    organization = wording.said(event.organization.name, event)
    if event.private:
        return SharePaper(event.slug, organization)
    city = wording.said(event.city, event)
    when = ", ".join(part for part in (wording.when(event, with_zone=False, year=True), city) if part)
    return SharePaper(event.slug, wording.said(event.title, event), when, organization, event.picture or "")


def _share_address(event: Event, base_url: str) -> str:
    return links.absolute(base_url, f"{links.share_image(language(), event.slug)}?v={share_paper(event).version}")


def _wanted() -> Wanted:
    words, city, series = (request.args.get(name, "")[:QUERY_LIMIT].replace("\0", "") for name in ("q", *CHOSEN))
    return Wanted(words.strip(), city, series)


def _choices(db: Session) -> tuple[dict[str, str], dict[str, str]]:
    """Cities and series that there are events of: what stands in an address, and what it is called. Two series of one
    name are told apart by their organizations.
    """
    cities: dict[str, str] = {}
    series: dict[str, tuple[str, str]] = {}
    for city, texts, address, title, organization in events.choices(db):
        if city:
            cities.setdefault(city, str(words(texts)))
        if address:
            series.setdefault(address, (str(words(title)), str(words(organization))))
    called = Counter(title for title, _ in series.values())
    return cities, {
        address: f"{title} · {organization}" if called[title] > 1 else title
        for address, (title, organization) in series.items()
    }


def _asked(**changes: int) -> str:
    """The query of this address with other pages; what is looked for stays."""
    wanted, pages_now = _wanted(), {"page": page_number("page"), "past": page_number("past")} | changes
    given: dict[str, str | int] = {"q": wanted.words, "city": wanted.city, "series": wanted.series}
    given |= {name: number for name, number in pages_now.items() if number > 1}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"?{query}" if query else ""


def _turns(name: str, number: int, found: int, *, at: str) -> dict[str, str]:
    """Where the pages of a list before and after this one are; empty where there is none."""
    before = (_asked(**{name: number - 1}) or request.path) + f"#{at}" if number > 1 else ""
    return {"before": before, "after": _asked(**{name: number + 1}) + f"#{at}" if found > PAGE else ""}


def _conditional(page: str, once: str = "") -> Response:
    """The number that tells one sent form from another is no part of what a page is."""
    answer = make_response(page.replace(ONCE_GOES_HERE, once or form_tokens.draw(settings().secrets[0])))
    # A page that is kept keeps its stamp too, and must be fetched anew before that is a day old.
    half_day = int(clock.now().timestamp()) // HALF_DAY_SECONDS
    return conditional(answer, f"{page}{half_day}")


def _remember_language(answer: Response, lang: str) -> Response:
    if request.cookies.get(LANGUAGE_COOKIE) != lang:
        secure = settings().base_url.startswith("https:")
        answer.set_cookie(LANGUAGE_COOKIE, lang, max_age=YEAR_SECONDS, secure=secure, httponly=True, samesite="Lax")
    return answer
