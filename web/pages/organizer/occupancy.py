"""An event's live figures in words, the same on the organizers' page and on the projector's."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from shared import clock
from shared.door.live import BIN, Live
from shared.i18n import format_moment, format_number, format_time, gettext, ngettext
from shared.models import Event
from shared.papers.charts import arrivals_svg

MOST_BINS = 48
"""Four hours; of a longer event the last four."""

Bins = Sequence[tuple[str, int]]


def bins_of(event: Event, live: Live) -> Bins:
    """Return arrivals per 5 minutes on the event's clock, without gaps."""
    if not live.arrivals:
        return []
    counts = dict(live.arrivals)
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


def sentence(live: Live) -> str:
    """Return the figures in one sentence."""
    if not live.admitted:
        expected = format_number(live.expected)
        return gettext("live.no_one_yet_sentence", expected=expected)
    return ngettext(
        "live.admitted_sentence",
        live.admitted,
        admitted=format_number(live.admitted),
        inside=format_number(live.inside),
    )


def free_seats_sentence(event: Event, live: Live) -> str:
    """Return the sentence on what "free now" counts, and until when; empty where no limit is known."""
    limited = [room for room in live.rooms if room.free is not None]
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
