"""Events beside each other: a series, and a year of an organization."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from shared.errors import DomainError, Missing
from shared.i18n import format_day, format_month, format_number, format_percent, gettext, ngettext
from shared.operations import series as operations
from shared.papers.charts import bars_svg, triples_svg
from shared.queries import accounts
from shared.queries import series as queries
from shared.queries.series import Compared
from web.access import ORGANIZER, SIGNED_IN, Member
from web.forms import fields
from web.forms import series as forms
from web.pages import edit_conflicts
from web.pages.organizer import no_store
from web.pages.organizer.form import Refusal, form_in
from web.pages.paging import page_number
from web.routes import Routes

pages = Routes("organizer_compared", __name__, url_prefix="/organize")
pages.after_request(no_store)

PAGE = 24
FIRST_YEAR, LAST_YEAR = 1, 9998
FORM = "series"
"""What the fields of the name are called after."""


@pages.get("/series/<int:series_id>", access=SIGNED_IN)
def of_series(db: Session, by: Member, series_id: int) -> ResponseReturnValue:
    """The events of a series; `?page=` turns the list. Raises Missing for another organization's."""
    return _show_series(db, by, series_id)


def refused(db: Session, by: Member, organization_id: int, series_id: int, error: DomainError) -> ResponseReturnValue:
    """The page again, and what is wrong with the name of the series. Raises Missing."""
    return _show_series(db, by, series_id, Refusal(FORM, error))


@pages.post("/organizations/<int:organization_id>/series/<int:series_id>", access=ORGANIZER, refused=refused)
def rename(db: Session, by: Member, organization_id: int, series_id: int) -> ResponseReturnValue:
    """Call a series otherwise. Raises Missing for another organization's."""
    series = operations.lock(db, series_id=series_id, organization_id=organization_id)
    setting = forms.setting(series, queries.organization(db, organization_id=organization_id))
    title = fields.read(forms.NAME, request.form, setting, series)["title"]
    edit_conflicts.check(fields.show(forms.NAME, series, setting))
    operations.rename(db, series=series, by=by.account, title=title)
    return redirect(f"/organize/series/{series_id}?said=renamed", 303)


@pages.get("/organizations/<int:organization_id>/years/<int:year>", access=SIGNED_IN)
def of_year(db: Session, by: Member, organization_id: int, year: int) -> ResponseReturnValue:
    """A year of an organization; `?page=` turns the list. Raises Missing for another one's."""
    organization = queries.organization(db, organization_id=organization_id)
    _member_of(db, by, organization_id)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Missing("year")
    number = page_number()
    offset = (number - 1) * PAGE
    found = queries.of_year(db, organization_id=organization_id, year=year, limit=PAGE + 1, offset=offset)
    return _show(db, by, found, number, organization_id, titles=organization.name, year=year)


def _member_of(db: Session, by: Member, organization_id: int) -> Member:
    """Who acts, with their role there. Raises Missing for who is no member."""
    found = accounts.membership(db, account_id=by.account.id, organization_id=organization_id)
    if found is None:
        raise Missing("organization")
    return replace(by, role=found.role)


def _show_series(db: Session, by: Member, series_id: int, refusal: Refusal | None = None) -> str:
    series = queries.series(db, series_id=series_id)
    member = _member_of(db, by, series.organization_id)
    number = page_number()
    found = queries.of_series(db, series_id=series_id, limit=PAGE + 1, offset=(number - 1) * PAGE)
    organization = queries.organization(db, organization_id=series.organization_id)
    setting = forms.setting(series, organization)
    shown = fields.show(forms.NAME, series, setting)
    form = form_in(FORM, forms.NAME, setting, shown, refusal) if member.may("organizer") else None
    is_stale = refusal is not None and isinstance(refusal.error, edit_conflicts.Stale)
    more: dict[str, Any] = {"form": form, "series_id": series_id, "is_stale": is_stale}
    return _show(db, member, found, number, organization.id, titles=series.title, **more)


def _show(
    db: Session,
    by: Member,
    found: Sequence[Compared],
    number: int,
    organization_id: int,
    *,
    titles: dict[str, str],
    year: int | None = None,
    **more: Any,
) -> str:
    shown = found[:PAGE]
    drawn = [one for one in reversed(shown) if one.came is not None]
    said = _sentence(shown)
    people = [(_short(one), one.came or 0) for one in drawn]
    rates = [(_short(one), round(100 * one.no_show_rate)) for one in drawn if one.no_show_rate is not None]
    return render_template(
        "organizer/compared.html",
        by=by,
        titles=titles,
        year=year,
        years=queries.years(db, organization_id=organization_id),
        organization_id=organization_id,
        rows=shown,
        number=number,
        has_more=len(found) > PAGE,
        said=said,
        chart=_chart(people, gettext("compare.people_title"), said),
        shares_chart=_shares_chart(drawn),
        shares_said=_shares_sentence(drawn),
        rates_chart=_chart(rates, gettext("compare.no_show_title"), _rates_sentence(shown)),
        rates_said=_rates_sentence(shown),
        day=_day,
        is_renamed=request.args.get("said") == "renamed",
        **more,
    )


def _chart(points: Sequence[tuple[str, int]], title: str, said: str) -> Markup:
    drawn = bars_svg(points, title=title, description=said, nothing=gettext("compare.nothing_recorded"))
    return Markup(drawn)  # noqa: S704 - the chart escapes its words itself


def _shares_chart(drawn: Sequence[Compared]) -> Markup:
    """Registered, came, did not come: event by event, the earliest first."""
    groups = [(_short(one), (places, came, places - came)) for one, places, came in _places(drawn)]
    title, nothing = gettext("compare.shares_title"), gettext("compare.nothing_recorded")
    chart = triples_svg(groups, title=title, description=_shares_sentence(drawn), nothing=nothing)
    return Markup(chart)  # noqa: S704 - the chart escapes its words itself


def _short(one: Compared) -> str:
    return f"{one.starts_local:%m.%y}" if one.starts_local else ""


def _day(one: Compared) -> str:
    if one.starts_local is None:
        return gettext("common.date_not_recorded")
    if one.known == "about":
        return format_month(one.starts_local)
    return format_day(one.starts_local, weekday=False, year=True)


def _sentence(rows: Sequence[Compared]) -> str:
    recorded = [one.came for one in rows if one.came is not None]
    if not recorded:
        return gettext("compare.no_figures")
    return ngettext(
        "compare.people_sentence",
        len(recorded),
        people=format_number(sum(recorded)),
    )


def _shares_sentence(rows: Sequence[Compared]) -> str:
    """Empty where no event has a report: people who were counted by hand are not known to have been registered."""
    found = _places(rows)
    if not found:
        return ""
    return ngettext(
        "compare.shares_sentence",
        len(found),
        registered=format_number(sum(places for one, places, came in found)),
        attended=format_number(sum(came for one, places, came in found)),
    )


def _places(rows: Sequence[Compared]) -> list[tuple[Compared, int, int]]:
    """Events with a report: how many had a place, and how many of them came."""
    return [
        (one, one.registered, one.attended) for one in rows if one.registered is not None and one.attended is not None
    ]


def _rates_sentence(rows: Sequence[Compared]) -> str:
    rates = [one.no_show_rate for one in rows if one.no_show_rate is not None]
    if not rates:
        return ""
    lowest, highest = format_percent(min(rates)), format_percent(max(rates))
    if lowest == highest:
        return gettext("compare.no_show_sentence", share=lowest)
    return gettext("compare.no_show_range_sentence", lowest=lowest, highest=highest)
