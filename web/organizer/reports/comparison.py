"""Events side by side: those of a series, and those of an organization's year."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from shared import links
from shared.accounts import accounts
from shared.errors import DomainError, Missing
from shared.events import series
from shared.i18n import deferred, format_day, format_month, format_number, format_percent, gettext, ngettext
from shared.models import Precision, Role
from shared.papers.charts import bars_svg, triples_svg
from shared.reports import comparison
from shared.reports.comparison import Compared
from web.access import ORGANIZER, SIGNED_IN, Member
from web.forms import fields
from web.organizer import edit_conflicts
from web.organizer.edit_form import Refusal, form_in
from web.organizer.events import series as series_form
from web.organizer.routes import OrganizerRoutes, done
from web.paging import page_number

pages = OrganizerRoutes(
    "organizer_comparison",
    __name__,
    url_prefix="/organize",
    results={"renamed": deferred("common.saved")},
)

PAGE = 24
FIRST_YEAR, LAST_YEAR = 1, 9998
FORM = "series"
"""The prefix of the fields of the series' name."""


@pages.get("/series/<int:series_id>", access=SIGNED_IN)
def of_series(db: Session, by: Member, series_id: int) -> ResponseReturnValue:
    """Return the events of a series; `?page=` is the page of the list. Raises Missing for another organization's."""
    return _show_series(db, by, series_id)


def refused(db: Session, by: Member, organization_id: int, series_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the page again with the errors in the name of the series. Raises Missing."""
    return _show_series(db, by, series_id, Refusal(FORM, error))


@pages.post("/organizations/<int:organization_id>/series/<int:series_id>", access=ORGANIZER, refused=refused)
def rename(db: Session, by: Member, organization_id: int, series_id: int) -> ResponseReturnValue:
    """Rename a series. Raises Missing for another organization's."""
    series_row = series.lock(db, series_id=series_id, organization_id=organization_id)
    setting = series_form.setting(series_row, series.organization(db, organization_id=organization_id))
    title = fields.read(series_form.NAME, request.form, setting, series_row)["title"]
    edit_conflicts.check(fields.show(series_form.NAME, series_row, setting))
    series.rename(db, series=series_row, by=by.account, title=title)
    return done(links.organizer("series", series_id=series_id), "renamed")


@pages.get("/organizations/<int:organization_id>/years/<int:year>", access=SIGNED_IN)
def of_year(db: Session, by: Member, organization_id: int, year: int) -> ResponseReturnValue:
    """Return the events of an organization's year; `?page=` is the page of the list. Raises Missing for another
    organization's.
    """
    organization = series.organization(db, organization_id=organization_id)
    _member_of(db, by, organization_id)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Missing("year")
    number = page_number()
    offset = (number - 1) * PAGE
    rows = comparison.of_year(db, organization_id=organization_id, year=year, limit=PAGE + 1, offset=offset)
    return _show(db, by, rows, number, organization_id, titles=organization.name, year=year)


def _member_of(db: Session, by: Member, organization_id: int) -> Member:
    """Return the member with their role in the organization. Raises Missing for an account that has none."""
    membership = accounts.membership(db, account_id=by.account.id, organization_id=organization_id)
    if membership is None:
        raise Missing("organization")
    return replace(by, role=membership.role)


def _show_series(db: Session, by: Member, series_id: int, refusal: Refusal | None = None) -> str:
    series_row = series.series(db, series_id=series_id)
    member = _member_of(db, by, series_row.organization_id)
    number = page_number()
    rows = comparison.of_series(db, series_id=series_id, limit=PAGE + 1, offset=(number - 1) * PAGE)
    organization = series.organization(db, organization_id=series_row.organization_id)
    setting = series_form.setting(series_row, organization)
    present = fields.show(series_form.NAME, series_row, setting)
    form = form_in(FORM, series_form.NAME, setting, present, refusal) if member.may(Role.ORGANIZER) else None
    is_stale = refusal is not None and isinstance(refusal.error, edit_conflicts.Stale)
    more: dict[str, Any] = {"form": form, "series_id": series_id, "is_stale": is_stale}
    return _show(db, member, rows, number, organization.id, titles=series_row.title, **more)


def _show(
    db: Session,
    by: Member,
    rows: Sequence[Compared],
    number: int,
    organization_id: int,
    *,
    titles: dict[str, str],
    year: int | None = None,
    **more: Any,
) -> str:
    events = rows[:PAGE]
    counted = [event for event in reversed(events) if event.came is not None]
    sentence = _sentence(events)
    people = [(_month(event), event.came or 0) for event in counted]
    rates = [(_month(event), round(100 * event.no_show_rate)) for event in counted if event.no_show_rate is not None]
    return render_template(
        "organizer/reports/comparison.html",
        titles=titles,
        year=year,
        years=comparison.years(db, organization_id=organization_id),
        organization_id=organization_id,
        events=events,
        number=number,
        has_more=len(rows) > PAGE,
        sentence=sentence,
        chart=_chart(people, gettext("compare.people_title"), sentence),
        shares_chart=_shares_chart(counted),
        shares_sentence=_shares_sentence(counted),
        rates_chart=_chart(rates, gettext("compare.no_show_title"), _rates_sentence(events)),
        rates_sentence=_rates_sentence(events),
        date_of=_date,
        **more,
    )


def _chart(points: Sequence[tuple[str, int]], title: str, description: str) -> Markup:
    svg = bars_svg(points, title=title, description=description, nothing=gettext("compare.nothing_recorded"))
    return Markup(svg)  # noqa: S704 - the chart escapes its words itself


def _shares_chart(events: Sequence[Compared]) -> Markup:
    """Return a chart of registered, attended and no-shows for each event, the earliest first."""
    groups = [
        (_month(event), (registered, attended, registered - attended))
        for event, registered, attended in _with_report(events)
    ]
    title, nothing = gettext("compare.shares_title"), gettext("compare.nothing_recorded")
    svg = triples_svg(groups, title=title, description=_shares_sentence(events), nothing=nothing)
    return Markup(svg)  # noqa: S704 - the chart escapes its words itself


def _month(event: Compared) -> str:
    return f"{event.starts_local:%m.%y}" if event.starts_local else ""


def _date(event: Compared) -> str:
    if event.starts_local is None:
        return gettext("common.date_not_recorded")
    if event.known == Precision.ABOUT:
        return format_month(event.starts_local)
    return format_day(event.starts_local, weekday=False, year=True)


def _sentence(events: Sequence[Compared]) -> str:
    counts = [event.came for event in events if event.came is not None]
    if not counts:
        return gettext("compare.no_figures")
    return ngettext("compare.people_sentence", len(counts), people=format_number(sum(counts)))


def _shares_sentence(events: Sequence[Compared]) -> str:
    """Return registered and attended in one sentence; empty where no event has a report: of the people of a headcount
    it is not known whether they were registered.
    """
    reported = _with_report(events)
    if not reported:
        return ""
    return ngettext(
        "compare.shares_sentence",
        len(reported),
        registered=format_number(sum(registered for _, registered, _ in reported)),
        attended=format_number(sum(attended for _, _, attended in reported)),
    )


def _with_report(events: Sequence[Compared]) -> list[tuple[Compared, int, int]]:
    """Return the events with a report, each with its numbers of registered people and of those who attended."""
    return [
        (event, event.registered, event.attended)
        for event in events
        if event.registered is not None and event.attended is not None
    ]


def _rates_sentence(events: Sequence[Compared]) -> str:
    rates = [event.no_show_rate for event in events if event.no_show_rate is not None]
    if not rates:
        return ""
    lowest, highest = format_percent(min(rates)), format_percent(max(rates))
    if lowest == highest:
        return gettext("compare.no_show_sentence", share=lowest)
    return gettext("compare.no_show_range_sentence", lowest=lowest, highest=highest)
