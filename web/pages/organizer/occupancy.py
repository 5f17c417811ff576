"""The figures of an event while it happens, in words: the organizers' page and the projector's say the same."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from shared import clock
from shared.i18n import format_moment, format_number, format_time, gettext, ngettext
from shared.models import Event
from shared.papers.charts import arrivals_svg
from shared.queries.live import BIN, Live

MOST_BINS = 48
"""Four hours; of a longer event the last ones are shown."""

Bins = Sequence[tuple[str, int]]


def bins_of(event: Event, live: Live) -> Bins:
    """Arrivals per 5 minutes in the event's own time, without gaps."""
    if not live.arrivals:
        return []
    counts = dict(live.arrivals)
    first, last = min(counts), max(counts)
    starts = [last - BIN * step for step in range(min(MOST_BINS, (last - first) // BIN + 1))]
    return [(clock_time(event, start), counts.get(start, 0)) for start in reversed(starts)]


def clock_time(event: Event, moment: datetime) -> str:
    """A moment on the clock of the event's hall."""
    return format_time(moment.astimezone(ZoneInfo(event.zone)))


def chart(bins: Bins) -> Markup:
    """Arrivals as a picture, with its sentence for readers."""
    drawn = arrivals_svg(bins, title=gettext("figure.arrivals_chart_title"), description=arrivals_sentence(bins))
    return Markup(drawn)  # noqa: S704 - the chart escapes its words itself


def sentence(live: Live) -> str:
    """What the numbers say, in one sentence."""
    if not live.admitted:
        expected = format_number(live.expected)
        return gettext("live.no_one_yet_sentence", expected=expected)
    return ngettext(
        "live.admitted_sentence",
        live.admitted,
        admitted=format_number(live.admitted),
        inside=format_number(live.inside),
    )


def room_sentence(event: Event, live: Live) -> str:
    """What "free now" counts, and until when; empty where no limit is known."""
    known = [room for room in live.rooms if room.free is not None]
    if not known:
        return ""
    if not known[0].held:
        return gettext("live.free_now_not_held")
    if event.starts_at is None:
        return gettext("live.free_now_held")
    until = _day_and_time(event, event.starts_at + timedelta(minutes=event.held_minutes))
    return gettext("live.free_now_held_until", time=until)


def _day_and_time(event: Event, moment: datetime) -> str:
    """A moment on the clock of the event's hall, with its day unless that is today."""
    there, today = (one.astimezone(ZoneInfo(event.zone)) for one in (moment, clock.now()))
    return format_time(there) if there.date() == today.date() else format_moment(there, weekday=False)


def arrivals_sentence(bins: Bins) -> str:
    """What the chart shows, in one sentence."""
    if not bins:
        return gettext("live.no_one_yet")
    start, count = max(bins, key=lambda one: one[1])
    return ngettext(
        "figure.busiest_sentence",
        count,
        start=start,
        people=format_number(count),
        minutes=BIN // timedelta(minutes=1),
    )
