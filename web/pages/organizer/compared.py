"""Events beside each other: a series, and a year of an organization."""

from collections.abc import Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from shared.errors import Missing
from shared.i18n import format_day, format_month, format_number, format_percent, gettext, ngettext
from shared.papers.charts import bars_svg
from shared.queries import accounts
from shared.queries import series as queries
from shared.queries.series import Compared
from web.access import SIGNED_IN, Member
from web.pages.organizer import kept_by_nobody
from web.routes import Routes

pages = Routes("organizer_compared", __name__, url_prefix="/organize")
pages.after_request(kept_by_nobody)

PAGE = 24
LAST_PAGE = 10_000
FIRST_YEAR, LAST_YEAR = 1, 9998


@pages.get("/series/<int:series_id>", access=SIGNED_IN)
def of_series(db: Session, by: Member, series_id: int) -> ResponseReturnValue:
    """The events of a series; `?page=` turns the list. Raises Missing for another organization's."""
    series = queries.series(db, series_id=series_id)
    _require_membership(db, by, series.organization_id)
    number = _number()
    found = queries.of_series(db, series_id=series_id, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return _show(db, by, found, number, series.organization_id, titles=series.title)


@pages.get("/organizations/<int:organization_id>/years/<int:year>", access=SIGNED_IN)
def of_year(db: Session, by: Member, organization_id: int, year: int) -> ResponseReturnValue:
    """A year of an organization; `?page=` turns the list. Raises Missing for another one's."""
    organization = queries.organization(db, organization_id=organization_id)
    _require_membership(db, by, organization_id)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Missing("year")
    number = _number()
    offset = (number - 1) * PAGE
    found = queries.of_year(db, organization_id=organization_id, year=year, limit=PAGE + 1, offset=offset)
    return _show(db, by, found, number, organization_id, titles=organization.name, year=year)


def _require_membership(db: Session, by: Member, organization_id: int) -> None:
    if accounts.membership(db, account_id=by.account.id, organization_id=organization_id) is None:
        raise Missing("organization")


def _number() -> int:
    return min(max(request.args.get("page", 1, int), 1), LAST_PAGE)


def _show(
    db: Session,
    by: Member,
    found: Sequence[Compared],
    number: int,
    organization_id: int,
    *,
    titles: dict[str, str],
    year: int | None = None,
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
        chart=_chart(people, gettext("People who came"), said),
        rates_chart=_chart(rates, gettext("Did not come, per cent"), _rates_sentence(shown)),
        rates_said=_rates_sentence(shown),
        day=_day,
    )


def _chart(points: Sequence[tuple[str, int]], title: str, said: str) -> Markup:
    drawn = bars_svg(points, title=title, description=said, nothing=gettext("Nothing was recorded."))
    return Markup(drawn)  # noqa: S704 - the chart escapes its words itself


def _short(one: Compared) -> str:
    return f"{one.starts_local:%m.%y}" if one.starts_local else ""


def _day(one: Compared) -> str:
    if one.starts_local is None:
        return gettext("Time not recorded")
    if one.known == "about":
        return format_month(one.starts_local)
    return format_day(one.starts_local, weekday=False, year=True)


def _sentence(rows: Sequence[Compared]) -> str:
    recorded = [one.came for one in rows if one.came is not None]
    if not recorded:
        return gettext("No event has figures yet.")
    return ngettext(
        "%(people)s people came to %(num)s event with figures.",
        "%(people)s people came to %(num)s events with figures.",
        len(recorded),
        people=format_number(sum(recorded)),
    )


def _rates_sentence(rows: Sequence[Compared]) -> str:
    rates = [one.no_show_rate for one in rows if one.no_show_rate is not None]
    if not rates:
        return gettext("No event has figures yet.")
    lowest, highest = format_percent(min(rates)), format_percent(max(rates))
    return gettext(
        "Of those who had a place, between %(lowest)s and %(highest)s did not come.", lowest=lowest, highest=highest
    )
