"""The numbers of registrations so far, and how many attendees to expect."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from shared.events import events
from shared.i18n import format_day, format_number, format_percent, gettext, ngettext
from shared.models import Event, Precision, RegistrationState
from shared.papers.charts import bars_svg
from shared.reports import forecast, registration_counts
from shared.reports.forecast import Forecast
from shared.reports.registration_counts import RegistrationCounts
from web.access import VIEWER, Member
from web.pages import wording
from web.pages.organizer import event_of, no_store, open_conflicts
from web.pages.organizer.breakdowns import Rows, group
from web.routes import Routes

pages = Routes("organizer_registration_counts", __name__, url_prefix="/organize/events/<int:event_id>")
pages.after_request(no_store)

MOST_DAYS = 92
"""Three months; of a longer time the last three."""
ONE_DAY = timedelta(days=1)

Days = Sequence[tuple[date, int]]


@pages.get("/sign-ups", access=VIEWER)
def show(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return registrations by day, source, language and ticket type, and a forecast from earlier events."""
    event = events.get(db, event_id=event_of(by).id)
    counts = registration_counts.of_event(db, event=event)
    confirmed = counts.states.get(RegistrationState.CONFIRMED, 0)
    day = _day_of(event)
    days = _days(counts.days, day)
    sentence = _days_sentence(counts.days, day)
    expected = forecast.of_event(db, event=event, confirmed=confirmed)
    return render_template(
        "organizer/registration_counts.html",
        by=by,
        event=event,
        counts=counts,
        confirmed=confirmed,
        chart=_chart(days, day, sentence),
        chart_sentence=sentence,
        days=[(format_day(day), people) for day, people in days if people],
        groups=_groups(event, counts),
        expected=expected,
        expected_sentence=_expected_sentence(expected) if expected else "",
        wording=wording,
        open_conflicts=open_conflicts(db, by),
    )


def _day_of(event: Event) -> date | None:
    """Return the day of an event, as far as it is known."""
    is_known = event.known in {Precision.MINUTE, Precision.DAY}
    return event.starts_local.date() if event.starts_local and is_known else None


def _chart(days: Days, event_day: date | None, description: str) -> Markup:
    """Return a chart of registrations by day, with a mark at the event's day where it is among them."""
    position = next((position for position, (day, _) in enumerate(days) if day == event_day), None)
    svg = bars_svg(
        [(_short(day), people) for day, people in days],
        title=gettext("registrations.by_day_title"),
        description=description,
        nothing=gettext("registrations.none_yet"),
        marked=None if position is None else (position, gettext("registrations.event_mark")),
    )
    return Markup(svg)  # noqa: S704 - the chart escapes its words itself


def _days(counts: Days, event_day: date | None) -> Days:
    """Return every day from the first to the last, those without registrations too; up to the event's day, unless most
    of the chart would then be empty.
    """
    if not counts:
        return []
    known, first, last = dict(counts), counts[0][0], counts[-1][0]
    if event_day and last < event_day <= last + MOST_DAYS // 2 * ONE_DAY:
        last = event_day
    days = [last - ONE_DAY * step for step in range(min(MOST_DAYS, (last - first).days + 1))]
    return [(day, known.get(day, 0)) for day in reversed(days)]


def _short(day: date) -> str:
    return f"{day.day:02}.{day.month:02}"


def _days_sentence(counts: Days, event_day: date | None) -> str:
    if not counts:
        return gettext("registrations.none_yet")
    day, most = max(counts, key=lambda each: each[1])
    sentence = ngettext("registrations.busiest_day", most, day=format_day(day), people=format_number(most))
    if event_day is None:
        return sentence
    return " ".join((sentence, gettext("registrations.event_day", day=format_day(event_day))))


def _groups(event: Event, counts: RegistrationCounts) -> list[tuple[str, Rows]]:
    titles = {ticket_type.id: ticket_type.title for ticket_type in event.ticket_types}
    ticket_types = [(titles.get(type_id, {}), people) for type_id, people in counts.ticket_types]
    breakdowns = [
        (gettext("figure.heard_from_title"), counts.sources),
        (gettext("common.language_label"), counts.languages),
        (gettext("people.ticket_type"), ticket_types),
    ]
    return [(title, [(group(event, value), format_number(n)) for value, n in groups]) for title, groups in breakdowns]


def _expected_sentence(expected: Forecast) -> str:
    return gettext(
        "registrations.expected_sentence",
        confirmed=format_number(expected.confirmed),
        middle=format_number(expected.middle),
        fewest=format_number(expected.fewest),
        most=format_number(expected.most),
        events=format_number(len(expected.precedents)),
        rate=format_percent(expected.rate),
    )
