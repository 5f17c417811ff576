"""The public pages: upcoming and past events, an event, and its picture for shared links."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links
from shared.accounts import accounts
from shared.config import LANGUAGES
from shared.events import events, pictures
from shared.events.availability import availability
from shared.events.events import ANYTHING, Wanted
from shared.i18n import language
from shared.models import Event
from shared.papers import share
from shared.papers.share import SharePaper
from web import covers, form_tokens, wording
from web.access import VISITOR, Visitor, sign_in_cookie
from web.current import KeptEvent, resources, settings
from web.forms.typed import Typed
from web.http_cache import conditional
from web.kept_pages import FORM, ONCE, KeptPage
from web.paging import page_number
from web.routes import Routes
from web.templating import LANGUAGE_COOKIE, words
from web.ticket_cookie import remembered_for
from web.visitor import registration_form as form
from web.visitor import structured_data

PAGE = 10
QUERY_LIMIT = 200
SOURCE_LIMIT = 12
FILTERS = ("city", "series")
YEAR_SECONDS = 31_536_000

pages = Routes("public", __name__)


@pages.get("/", access=VISITOR)
def start(db: Session, by: Visitor) -> ResponseReturnValue:
    """Redirect to the list of events in the visitor's language: the one chosen before, else the browser's."""
    answer = redirect(links.home(language()), 302)
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def kept_home(lang: str) -> Response | None:
    """Return the list as it was within the last second; None for a member, who sees what is in the database."""
    if _is_signed_in():
        return None
    page = resources().lists.get((lang, _query()), lambda: KeptPage(resources().read(partial(_list, lang=lang))))
    return _remember_language(page.answer(), lang)


@pages.get("/<lang>/", access=VISITOR, reads_only=True, kept=kept_home)
def home(db: Session, by: Visitor, lang: str) -> ResponseReturnValue:
    """List upcoming and past events that match the search; `?page=` and `?past=` turn the two lists."""
    return _remember_language(KeptPage(_list(db, lang)).answer(), lang)


def _list(db: Session, lang: str) -> str:
    filters, now = _filters(), clock.now()
    upcoming_page, past_page = page_number("page"), page_number("past")
    upcoming = events.upcoming(db, now=now, wanted=filters, limit=PAGE + 1, offset=(upcoming_page - 1) * PAGE)
    past_events = events.past(db, now=now, wanted=filters, limit=PAGE + 1, offset=(past_page - 1) * PAGE)
    cities, series = _choices(db)
    return render_template(
        "visitor/home.html",
        upcoming=[(event, wording.status(event, availability(event, now))) for event in upcoming[:PAGE]],
        past=past_events[:PAGE],
        pagers={
            "page": _pager("page", upcoming_page, len(upcoming), anchor="upcoming"),
            "past": _pager("past", past_page, len(past_events), anchor="past"),
        },
        is_first=upcoming_page == past_page == 1,
        is_new=upcoming_page == past_page == 1 and _is_new_installation(db, filters, [*upcoming, *past_events]),
        filters=filters,
        cities=cities,
        series=series,
        alternates={code: links.home(code) + _query() for code in LANGUAGES},
        canonical=links.absolute(settings().base_url, links.home(lang)),
        base_url=settings().base_url,
        wording=wording,
        tile=covers.tile,
    )


def kept_page(lang: str, slug: str) -> Response | None:
    """Return the page of an event as it was within the last second; None for a member, who sees what is in the
    database.
    """
    if _is_signed_in():
        return None
    kept, source = kept_event(slug), _source()
    if _is_own(kept.event, source):
        page = event_page(kept.event, source=source)
    else:
        page = (kept.pages.get(lang) or kept.pages.setdefault(lang, KeptPage(_html(kept.event, Typed())))).answer(_once)
    # A language chosen before stays.
    return page if LANGUAGE_COOKIE in request.cookies else _remember_language(page, lang)


@pages.get("/<lang>/e/<slug>", access=VISITOR, reads_only=True, kept=kept_page)
def event(db: Session, by: Visitor, lang: str, slug: str) -> ResponseReturnValue:
    """Show an event: everything a visitor needs, without a script."""
    return event_page(events.find(db, slug=slug), source=_source())


def _source() -> str:
    return request.args.get("source", "")[:SOURCE_LIMIT]


def _once() -> str:
    return form_tokens.issue(settings().secrets[0])


def _is_signed_in() -> bool:
    """Return whether the browser may be a member's, who sees what is in the database."""
    return sign_in_cookie() in request.cookies


def kept_event(slug: str) -> KeptEvent:
    """Return a published event as it was within the last second. Raises Missing, also for a draft."""
    find = partial(events.find, slug=slug)
    return resources().events.get(slug, lambda: KeptEvent(resources().read(find)))


@pages.get("/<lang>/e/<slug>.png", access=VISITOR)
def share_image(db: Session, by: Visitor, lang: str, slug: str) -> ResponseReturnValue:
    """Return the picture of an event for shared links; drawn only for a client that does not have it."""
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
    """Return the page of an event, with its form as it was submitted if it was refused.

    `preview`: its organizers see the page in each language before anyone else does. `source`: the code of the short
    link that led here, which a registration records. `once`: the value that its form has already; a new one if empty.
    """
    page = KeptPage(_html(event, typed or Typed(), preview=preview, source=source))
    return page.answer(lambda: once or _once())


def refused_page(kept: KeptEvent, typed: Typed, *, source: str, once: str) -> Response:
    """Return the page of an event, of which only the form is rendered: as it was submitted and refused."""
    if _is_own(kept.event, source):
        return event_page(kept.event, typed, source=source, once=once)
    values = _form_values(kept.event, typed, once=once or _once())
    key = language(), bool(typed.refusal), bool(typed.errors)
    frame = kept.frames.get(key) or kept.frames.setdefault(key, KeptPage(_frame(kept.event, values), FORM))
    return frame.complete(_form(values))


def _is_own(event: Event, source: str) -> bool:
    """Return whether the page differs for this visitor in more than the form."""
    return bool(source or remembered_for(request, event))


def _html(event: Event, typed: Typed, *, preview: Mapping[str, str] | None = None, source: str = "") -> str:
    values = _form_values(event, typed, once=ONCE, is_preview=preview is not None, source=source)
    return _frame(event, values, preview=preview).replace(FORM, _form(values), 1)


def _form(values: Mapping[str, Any]) -> str:
    return render_template("visitor/registration_form.html", **values)


def _form_values(
    event: Event, typed: Typed, *, once: str, is_preview: bool = False, source: str = ""
) -> dict[str, Any]:
    now = clock.now()
    open_seats = availability(event, now)
    return {
        "event": event,
        "status": wording.status(event, open_seats),
        "preview": is_preview,
        "source": source,
        "once": once,
        "wording": wording,
        **form.context(event, typed, open_seats, now),
    }


def _frame(event: Event, values: Mapping[str, Any], *, preview: Mapping[str, str] | None = None) -> str:
    """Return the page with a placeholder for its form, whose values it shares."""
    base_url = settings().base_url
    addresses = {code: links.event(code, event.slug) for code in LANGUAGES}
    canonical, image = links.absolute(base_url, addresses[language()]), _share_address(event, base_url)
    return render_template(
        "visitor/event.html",
        remembered=None if event.private else remembered_for(request, event),
        addresses=addresses,
        alternates=preview or {code: _with_source(values["source"], path) for code, path in addresses.items()},
        canonical=canonical,
        base_url=base_url,
        image=image,
        cloth=covers.wide(event),
        facts=structured_data.of_event(event, address=canonical, base_url=base_url, image=image),
        form=FORM,
        **values,
    )


def _is_new_installation(db: Session, filters: Wanted, listed: Sequence[Event]) -> bool:
    """Return whether there is no event and no account yet, so that the visitor may be the one who installed it."""
    return settings().is_local and not listed and filters == ANYTHING and not accounts.is_there_any(db)


def _with_source(source: str, path: str) -> str:
    return f"{path}?{urlencode({'source': source})}" if source else path


def share_paper(event: Event) -> SharePaper:
    """Return the content of an event's picture; of a private one only its organization."""
    organization = wording.said(event.organization.name, event)
    if event.private:
        return SharePaper(event.slug, organization)
    city = wording.said(event.city, event)
    when = ", ".join(part for part in (wording.when(event, with_zone=False, year=True), city) if part)
    return SharePaper(event.slug, wording.said(event.title, event), when, organization, event.picture or "")


def _share_address(event: Event, base_url: str) -> str:
    return links.absolute(base_url, f"{links.share_image(language(), event.slug)}?v={share_paper(event).version}")


def _filters() -> Wanted:
    words, city, series = (request.args.get(name, "")[:QUERY_LIMIT].replace("\0", "") for name in ("q", *FILTERS))
    return Wanted(words.strip(), city, series)


def _choices(db: Session) -> tuple[dict[str, str], dict[str, str]]:
    """Return cities and series that have events: the value in an address, and the label. Two series of one name are
    distinguished by their organizations.
    """
    cities: dict[str, str] = {}
    series: dict[str, tuple[str, str]] = {}
    for city, texts, address, title, organization in events.choices(db):
        if city:
            cities.setdefault(city, str(words(texts)))
        if address:
            series.setdefault(address, (str(words(title)), str(words(organization))))
    titles = Counter(title for title, _ in series.values())
    return cities, {
        address: f"{title} · {organization}" if titles[title] > 1 else title
        for address, (title, organization) in series.items()
    }


def _query(**changes: int) -> str:
    """Return the query of this address with other pages and the same search."""
    filters, pages_now = _filters(), {"page": page_number("page"), "past": page_number("past")} | changes
    parameters: dict[str, str | int] = {"q": filters.words, "city": filters.city, "series": filters.series}
    parameters |= {name: number for name, number in pages_now.items() if number > 1}
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"?{query}" if query else ""


def _pager(name: str, number: int, listed: int, *, anchor: str) -> dict[str, str]:
    """Return the addresses of the previous and next page of a list; empty where there is none."""
    before = (_query(**{name: number - 1}) or request.path) + f"#{anchor}" if number > 1 else ""
    return {"before": before, "after": _query(**{name: number + 1}) + f"#{anchor}" if listed > PAGE else ""}


def _remember_language(answer: Response, lang: str) -> Response:
    if request.cookies.get(LANGUAGE_COOKIE) != lang:
        secure = settings().base_url.startswith("https:")
        answer.set_cookie(LANGUAGE_COOKIE, lang, max_age=YEAR_SECONDS, secure=secure, httponly=True, samesite="Lax")
    return answer
