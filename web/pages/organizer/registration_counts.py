"""Before the event: who has signed up so far, and how many of them to expect."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from shared.i18n import format_day, format_number, format_percent, gettext, ngettext
from shared.models import Event
from shared.papers.charts import bars_svg
from shared.queries import events, forecast, registration_counts
from shared.queries.forecast import Forecast
from shared.queries.registration_counts import RegistrationCounts
from web.access import VIEWER, Member
from web.pages import wording
from web.pages.organizer import event_of, no_store, open_conflicts
from web.pages.organizer.breakdowns import Rows, group
from web.routes import Routes

pages = Routes("organizer_sign_ups", __name__, url_prefix="/organize/events/<int:event_id>")
pages.after_request(no_store)

MOST_DAYS = 92
"""Three months; of a longer time the last ones are drawn."""
ONE_DAY = timedelta(days=1)

Days = Sequence[tuple[date, int]]


@pages.get("/sign-ups", access=VIEWER)
def show(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Registrations by day, source, language and kind of seat, and what to expect by the events before."""
    event = events.get(db, event_id=event_of(by).id)
    found = registration_counts.of_event(db, event=event)
    confirmed = found.states.get("confirmed", 0)
    day = _day_of(event)
    days = _days(found.days, day)
    said = _days_sentence(found.days, day)
    hoped = forecast.of_event(db, event=event, confirmed=confirmed)
    return render_template(
        "organizer/sign_ups.html",
        by=by,
        event=event,
        found=found,
        confirmed=confirmed,
        chart=_chart(days, day, said),
        chart_said=said,
        days=[(format_day(day), people) for day, people in days if people],
        groups=list(_groups(event, found)),
        expected=hoped,
        expected_said=_expected_sentence(hoped) if hoped else "",
        wording=wording,
        open_conflicts=open_conflicts(db, by),
    )


def _day_of(event: Event) -> date | None:
    """The day of an event, as far as it is known."""
    return event.starts_local.date() if event.starts_local and event.known in {"minute", "day"} else None


def _chart(days: Days, day: date | None, said: str) -> Markup:
    """Registrations by day, the event's own day marked where it is among them."""
    place = next((place for place, (one, _) in enumerate(days) if one == day), None)
    drawn = bars_svg(
        [(_short(one), people) for one, people in days],
        title=gettext("registrations.by_day_title"),
        description=said,
        nothing=gettext("registrations.none_yet"),
        marked=None if place is None else (place, gettext("registrations.event_mark")),
    )
    return Markup(drawn)  # noqa: S704 - the chart escapes its words itself


def _days(counts: Days, day: date | None) -> Days:
    """Every day from the first to the last, also those without anybody; up to the event's day, unless most days drawn
    would then be empty.
    """
    if not counts:
        return []
    known, first, last = dict(counts), counts[0][0], counts[-1][0]
    if day and last < day <= last + MOST_DAYS // 2 * ONE_DAY:
        last = day
    days = [last - ONE_DAY * step for step in range(min(MOST_DAYS, (last - first).days + 1))]
    return [(one, known.get(one, 0)) for one in reversed(days)]


def _short(day: date) -> str:
    return f"{day.day:02}.{day.month:02}"


def _days_sentence(counts: Days, event_day: date | None) -> str:
    if not counts:
        return gettext("registrations.none_yet")
    day, most = max(counts, key=lambda one: one[1])
    said = ngettext(
        "registrations.busiest_day",
        most,
        day=format_day(day),
        people=format_number(most),
    )
    if event_day is None:
        return said
    return " ".join((said, gettext("registrations.event_day", day=format_day(event_day))))


def _groups(event: Event, found: RegistrationCounts) -> list[tuple[str, Rows]]:
    titles = {kind.id: kind.title for kind in event.ticket_types}
    kinds = [(titles.get(kind, {}), people) for kind, people in found.ticket_types]
    named = [
        (gettext("figure.heard_from_title"), found.sources),
        (gettext("common.language_label"), found.languages),
        (gettext("people.ticket_type"), kinds),
    ]
    return [(title, [(group(event, value), format_number(n)) for value, n in groups]) for title, groups in named]


def _expected_sentence(hoped: Forecast) -> str:
    return gettext(
        "registrations.expected_sentence",
        confirmed=format_number(hoped.confirmed),
        middle=format_number(hoped.middle),
        fewest=format_number(hoped.fewest),
        most=format_number(hoped.most),
        events=format_number(len(hoped.precedents)),
        rate=format_percent(hoped.rate),
    )
