"""The live figures of an event for its organizers and for a projector, and the closing of its doors.

The page's script asks for the same figures once a second: 304 while none can have changed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from shared import clock, links, tokens
from shared.door import live
from shared.door.live import BIN, Live, Standing
from shared.errors import DomainError, Missing
from shared.i18n import deferred, format_moment, format_number, format_time, gettext, language, ngettext
from shared.models import Event, EventSession, EventState, Role
from shared.papers.charts import arrivals_svg
from shared.reports import reports
from web import wording
from web.access import ORGANIZER, VIEWER, VISITOR, Member, Visitor
from web.current import settings
from web.forms.typed import Typed
from web.organizer.reports.figure_labels import REASONS, by_reason
from web.organizer.routes import OrganizerRoutes, event_of

pages = OrganizerRoutes("organizer_live", __name__)

EVENT = "/organize/events/<int:event_id>"
REFUSALS = {
    "doors_not_open": deferred("live.not_closed_error"),
    EventState.DRAFT: deferred("common.unchanged_draft_error"),
    EventState.CANCELLED: deferred("live.unchanged_cancelled_error"),
}
"""Why closing or reopening was refused, by the reason of the Conflicting."""


class LiveFigures(TypedDict):
    """The figures of an event while it takes place, and the part of the page with them as HTML.

    `free` is null where no limit is known. `arrivals` are the numbers of people checked in per 5 minutes, each with its
    start on the event's clock.
    """

    expected: int
    admitted: int
    inside: int
    capacity: int | None
    free: int | None
    arrivals: list[tuple[str, int]]
    html: str


@pages.get(f"{EVENT}/live", access=VIEWER, endpoint="live")
def page(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the numbers of people inside and of free seats, and the state of the doors."""
    return _show(db, by)


def refused(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the page again with the reason why the doors cannot be closed or reopened."""
    return _show(db, by, Typed.of(error, {}, REFUSALS).refusal)


@pages.get(f"{EVENT}/live.json", access=VIEWER, answers={200: LiveFigures, 304: None})
def live_json(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the figures, and the part of the page with them; 304 while nothing has changed."""
    event = event_of(by)
    standing = live.standing(db, event=event)
    if request.if_none_match.contains_weak(_tag(standing)):
        return _with_tag(Response(status=304), standing)
    figures = live.live(db, event=event, has_parts=standing.has_parts)
    html = _render_figures(event, standing, figures, by=by)
    return _with_tag(jsonify(_live_figures(event, figures, html)), standing)


@pages.post(f"{EVENT}/live/screen", access=ORGANIZER)
def renew_screen(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Revoke the projector's link; the page then has a new one."""
    reports.renew_screen_link(db, event=event_of(by), by=by.account)
    return redirect(f"{links.live(event_id)}#screen", 303)


@pages.post(f"{EVENT}/live/close", access=ORGANIZER, refused=refused)
def close(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Close the doors; the report is compiled in the same request, so that it does not depend on the worker."""
    reports.close_doors(db, event=event_of(by), by=by.account)
    return redirect(links.event_report(event_id), 303)


@pages.post(f"{EVENT}/live/reopen", access=ORGANIZER, refused=refused)
def reopen(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Reopen the doors, since people still arrive. A report compiled before remains as a version."""
    reports.reopen_doors(db, event=event_of(by), by=by.account)
    return redirect(links.live(event_id), 303)


@pages.get("/screen/<token>", access=VISITOR)
def screen(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Return the projector's page: numbers and the chart, without names and doors."""
    event = _event_of_link(db, token)
    standing = live.standing(db, event=event)
    return render_template(
        "organizer/reports/screen.html",
        event=event,
        title=_title(event),
        address=f"{links.screen(token)}/live.json",
        tag=_tag(standing),
        figures=_render_screen_figures(event, live.live(db, event=event, has_parts=standing.has_parts)),
    )


@pages.get("/screen/<token>/live.json", access=VISITOR, answers={200: LiveFigures, 304: None}, raises=(Missing,))
def screen_json(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Return the same for its script; 404 once the link is revoked."""
    event = _event_of_link(db, token)
    standing = live.standing(db, event=event)
    if request.if_none_match.contains_weak(_tag(standing)):
        return _with_tag(Response(status=304), standing)
    figures = live.live(db, event=event, has_parts=standing.has_parts)
    html = _render_screen_figures(event, figures)
    return _with_tag(jsonify(_live_figures(event, figures, html)), standing)


def _show(db: Session, by: Member, refusal: str = "") -> str:
    event = event_of(by)
    standing = live.standing(db, event=event)
    link = _screen_link(event) if by.may(Role.ORGANIZER) else None
    return render_template(
        "organizer/reports/live.html",
        event=event,
        standing=standing,
        tag=_tag(standing),
        figures=_render_figures(event, standing, live.live(db, event=event, has_parts=standing.has_parts), by=by),
        open_conflicts=lambda: standing.open_conflicts,
        link=link,
        sessions_ahead=_sessions_ahead(event) if standing.has_parts else [],
        refusal=refusal,
    )


def _sessions_ahead(event: Event) -> list[EventSession]:
    """Return the sessions whose doors are still to open, or that start later where the doors are open at any time."""
    now = clock.now()
    openings = [(event.doors_open_at(session) or session.starts_at, session) for session in event.sessions]
    return [session for opens_at, session in openings if opens_at and opens_at > now]


def _event_of_link(db: Session, token: str) -> Event:
    """Return the event of a projector's link. Raises Missing for a forged or revoked one."""
    subject = tokens.verify(settings().secrets, "screen", token)
    event = db.get(Event, subject.id) if subject else None
    if event is None or subject is None or event.screen_version != subject.version:
        raise Missing("screen")
    return event


def _screen_link(event: Event) -> str:
    token = tokens.make(settings().secrets[0], "screen", id=event.id, version=event.screen_version)
    return links.absolute(settings().base_url, links.screen(token))


def _title(event: Event) -> str:
    # Passers-by of a private event can read the screen and must not learn its topic.
    return gettext("live.title") if event.private else wording.said(event.title, event)


def _tag(standing: Standing) -> str:
    return f"{standing.tag}-{language()}"


def _with_tag(response: Response, standing: Standing) -> Response:
    response.set_etag(_tag(standing), weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _live_figures(event: Event, figures: Live, html: str) -> LiveFigures:
    return {
        "expected": figures.expected,
        "admitted": figures.admitted,
        "inside": figures.inside,
        "capacity": figures.capacity,
        "free": figures.room.free if figures.room else None,
        "arrivals": list(bins_of(event, figures)),
        "html": html,
    }


def _render_figures(event: Event, standing: Standing, figures: Live, *, by: Member) -> str:
    bins = bins_of(event, figures)
    return render_template(
        "organizer/reports/live_figures.html",
        event=event,
        live=figures,
        standing=standing,
        chart=chart(bins),
        bins=bins,
        sentence=sentence(figures),
        free_seats_sentence=free_seats_sentence(event, figures),
        arrivals_sentence=arrivals_sentence(bins),
        refused=[(gettext(REASONS[reason]), count) for reason, count in by_reason(figures.refused).items()],
        clock_time=clock_time,
    )


def _render_screen_figures(event: Event, figures: Live) -> str:
    bins = bins_of(event, figures)
    return render_template(
        "organizer/reports/screen_figures.html",
        event=event,
        live=figures,
        chart=chart(bins),
        arrivals_sentence=arrivals_sentence(bins),
    )


MOST_BINS = 48
"""Four hours; of a longer event the last four."""

Bins = Sequence[tuple[str, int]]


def bins_of(event: Event, figures: Live) -> Bins:
    """Return arrivals per 5 minutes on the event's clock, without gaps."""
    if not figures.arrivals:
        return []
    counts = dict(figures.arrivals)
    first, last = min(counts), max(counts)
    starts = [last - BIN * step for step in range(min(MOST_BINS, (last - first) // BIN + 1))]
    return [(clock_time(event, start), counts.get(start, 0)) for start in reversed(starts)]


def clock_time(event: Event, moment: datetime) -> str:
    """Return the time of a moment on the event's clock."""
    return format_time(moment.astimezone(ZoneInfo(event.zone)))


def chart(bins: Bins) -> Markup:
    """Return a chart of the arrivals, with a sentence for screen readers."""
    svg = arrivals_svg(bins, title=gettext("figure.arrivals_chart_title"), description=arrivals_sentence(bins))
    return Markup(svg)  # noqa: S704 - the chart escapes its words itself


def sentence(figures: Live) -> str:
    """Return the figures in one sentence."""
    if not figures.admitted:
        expected = format_number(figures.expected)
        return gettext("live.no_one_yet_sentence", expected=expected)
    return ngettext(
        "live.admitted_sentence",
        figures.admitted,
        admitted=format_number(figures.admitted),
        inside=format_number(figures.inside),
    )


def free_seats_sentence(event: Event, figures: Live) -> str:
    """Return the sentence on what "free now" counts, and until when; empty where no limit is known."""
    limited = [room for room in figures.rooms if room.free is not None]
    if not limited:
        return ""
    if not limited[0].held:
        return gettext("live.free_now_not_held")
    if event.starts_at is None:
        return gettext("live.free_now_held")
    until = _day_and_time(event, event.starts_at + timedelta(minutes=event.held_minutes))
    return gettext("live.free_now_held_until", time=until)


def _day_and_time(event: Event, moment: datetime) -> str:
    """Return a moment on the event's clock, with its day unless that is today."""
    local, now = (each.astimezone(ZoneInfo(event.zone)) for each in (moment, clock.now()))
    return format_time(local) if local.date() == now.date() else format_moment(local, weekday=False)


def arrivals_sentence(bins: Bins) -> str:
    """Return the arrivals in one sentence."""
    if not bins:
        return gettext("live.no_one_yet")
    start, count = max(bins, key=lambda each: each[1])
    return ngettext(
        "figure.busiest_sentence",
        count,
        start=start,
        people=format_number(count),
        minutes=BIN // timedelta(minutes=1),
    )
