"""The evening as it happens: a page that a projector shows, and the same figures for its script, once a second."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from shared.i18n import format_number, format_time, gettext, language, ngettext
from shared.models import Event
from shared.papers.charts import arrivals_svg
from shared.queries import attendance
from shared.queries.attendance import BIN, Live
from web.access import VIEWER, Member
from web.pages import wording
from web.pages.organizer import event_of, kept_by_nobody, open_conflicts
from web.routes import Routes

pages = Routes("organizer_live", __name__, url_prefix="/organize/events/<int:event_id>")
pages.after_request(kept_by_nobody)

MOST_BINS = 48
"""Four hours; of a longer event the last ones are shown."""

Bins = list[tuple[str, int]]


@pages.get("/live", access=VIEWER)
def live(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """How many are in, and how they came."""
    event = event_of(by)
    tag = _tag(db, event)
    figures = _figures(event, attendance.live(db, event=event))
    return render_template(
        "organizer/live.html",
        by=by,
        event=event,
        tag=tag,
        figures=figures,
        wording=wording,
        open_conflicts=open_conflicts(db, by),
    )


@pages.get("/live.json", access=VIEWER)
def live_json(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """The figures, and the part of the page that shows them; 304 while nothing has changed."""
    event = event_of(by)
    tag = _tag(db, event)
    if request.if_none_match.contains_weak(tag):
        return _tagged(Response(status=304), tag)
    now = attendance.live(db, event=event)
    answer = jsonify(
        registered=now.registered,
        admitted=now.admitted,
        inside=now.inside,
        capacity=now.capacity,
        arrivals=_bins(event, now),
        html=_figures(event, now),
    )
    return _tagged(answer, tag)


def _tag(db: Session, event: Event) -> str:
    return f"{attendance.stamp(db, event_id=event.id)}-{event.taken}-{language()}"


def _tagged(answer: Response, tag: str) -> Response:
    answer.set_etag(tag, weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _figures(event: Event, live: Live) -> str:
    bins = _bins(event, live)
    chart = arrivals_svg(bins, title=gettext("Arrivals per 5 minutes"), description=arrivals_sentence(bins))
    return render_template(
        "organizer/live_figures.html",
        live=live,
        chart=Markup(chart),  # noqa: S704 - the chart escapes its words itself
        bins=bins,
        said=sentence(live),
        arrivals_said=arrivals_sentence(bins),
    )


def _bins(event: Event, live: Live) -> Bins:
    """Arrivals per 5 minutes in the event's own time, without gaps."""
    if not live.arrivals:
        return []
    counts = dict(live.arrivals)
    first, last = min(counts), max(counts)
    starts = [last - BIN * step for step in range(min(MOST_BINS, (last - first) // BIN + 1))]
    zone = ZoneInfo(event.zone)
    return [(format_time(start.astimezone(zone)), counts.get(start, 0)) for start in reversed(starts)]


def sentence(live: Live) -> str:
    """What the numbers say, in one sentence."""
    if not live.admitted:
        expected = format_number(live.registered)
        return gettext("Nobody has come in yet. Registered: %(registered)s.", registered=expected)
    return ngettext(
        "%(admitted)s person has come in, %(inside)s are inside now.",
        "%(admitted)s people have come in, %(inside)s are inside now.",
        live.admitted,
        admitted=format_number(live.admitted),
        inside=format_number(live.inside),
    )


def arrivals_sentence(bins: Bins) -> str:
    """What the chart shows, in one sentence."""
    if not bins:
        return gettext("Nobody has come in yet.")
    start, count = max(bins, key=lambda one: one[1])
    minutes = BIN // timedelta(minutes=1)
    return ngettext(
        "Most came from %(start)s on: %(people)s person in %(minutes)s minutes.",
        "Most came from %(start)s on: %(people)s people in %(minutes)s minutes.",
        count,
        start=start,
        people=format_number(count),
        minutes=minutes,
    )
