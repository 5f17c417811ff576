"""Events side by side: of a series, and of a year."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Organization, Series
from tests.conftest import Statements
from tests.factories import (
    make_event,
    make_organization,
    make_report,
    make_series,
)


@pytest.fixture
def organization(db: Session) -> Organization:
    return make_organization(db)


@pytest.fixture
def series(db: Session, organization: Organization) -> Series:
    return make_series(db, organization_id=organization.id)


def test_a_series_compares_the_figures_of_its_reports(
    viewer: FlaskClient, db: Session, organization: Organization, series: Series
) -> None:
    for days, title in ((400, "iTalk 1"), (200, "iTalk 2")):
        event = make_event(
            db,
            organization=organization,
            series_id=series.id,
            title={"en": title},
            starts_at=clock.now() - timedelta(days=days),
        )
        make_report(db, event, figures={"people": days})
    make_report(db, event, version=2, figures={"people": 300, "returning": None})
    counted = make_event(
        db,
        organization=organization,
        series_id=series.id,
        headcount=22,
        starts_at=clock.now() - timedelta(days=100),
    )
    make_event(db, organization=organization, series_id=series.id, title={"en": "Upcoming events"})
    page = viewer.get(f"/organize/series/{series.id}").text
    assert "722 people came to 3 events with figures." in page
    assert page.index(f"/events/{counted.id}/report") < page.index("iTalk 2") < page.index("iTalk 1")
    assert '22 <span class="quiet">(headcount)</span>' in page
    assert "<td>25</td><td>6</td><td>72%</td>" in page, "new, returning, seats used"
    assert "<td>–</td><td>–</td><td>72%</td>" in page, "returning attendees are not counted"
    assert page.count("<svg") == 3
    assert "At 2 events with a report, 80 people were registered and 62 of them came." in page
    assert re.search(r"No-shows: \d+% of registered attendees\.", page), "both alike: no range from itself to itself"
    assert "Upcoming events" not in page


def test_without_figures_there_are_no_empty_charts(
    viewer: FlaskClient, db: Session, organization: Organization, series: Series
) -> None:
    event = make_event(db, organization=organization, series_id=series.id, starts_at=clock.now() - timedelta(days=9))
    address = f"/organize/series/{series.id}"
    assert "An evening of talks" in viewer.get(address).text
    assert "<svg" not in viewer.get(address).text
    event.headcount = 22
    db.flush()
    assert "<svg" in viewer.get(address).text


def test_a_headcount_counts_as_people_who_came(
    viewer: FlaskClient, db: Session, organization: Organization, series: Series
) -> None:
    over = clock.now() - timedelta(days=9)
    make_event(db, organization=organization, series_id=series.id, starts_at=over, headcount=22)
    page = viewer.get(f"/organize/series/{series.id}").text
    assert "22 people came to 1 event with figures." in page
    assert "Only headcounts are available here." in page
    assert "No event has figures yet." not in page
    assert page.count("<svg") == 1, "people who came; of how many were registered nothing is known"


@pytest.mark.parametrize("people", [None, 0], ids=["not recorded", "as in reports up to rule 4"])
def test_where_tickets_were_not_scanned_the_headcount_is_the_number_of_people_who_came(
    viewer: FlaskClient, db: Session, organization: Organization, series: Series, people: int | None
) -> None:
    over = clock.now() - timedelta(days=9)
    event = make_event(db, organization=organization, series_id=series.id, starts_at=over, headcount=35)
    rate = None if people is None else 1.0
    nothing = dict.fromkeys(("attended", "no_shows", "capacity_use", "returning"), people)
    make_report(db, event, scans=0, figures={**nothing, "people": people, "no_show_rate": rate, "headcount": 35})
    page = viewer.get(f"/organize/series/{series.id}").text
    assert "35 people came to 1 event with figures." in page
    row = page.partition("<tbody>")[2].partition("</tbody>")[0].partition("</th>")[2]
    assert re.sub(r"<[^>]+>", " ", row).split() == ["40", "–", "35", "(headcount)", "–", "–", "–", "–"]
    assert page.count("<svg") == 1, "people who came; no-shows are not known"


def test_the_year_of_an_event_is_that_of_its_own_clock(
    viewer: FlaskClient, db: Session, organization: Organization
) -> None:
    # In Dushanbe it is already the first of January.
    make_report(
        db,
        make_event(
            db,
            organization=organization,
            title={"en": "New Year"},
            starts_at=datetime(2024, 12, 31, 20, tzinfo=UTC),
        ),
    )
    pages = {year: viewer.get(f"/organize/organizations/{organization.id}/years/{year}").text for year in (2024, 2025)}
    assert "New Year" in pages[2025]
    assert "New Year" not in pages[2024]
    assert "There are no past events here yet. After an event, this page shows" in pages[2024]
    assert f"/organize/organizations/{organization.id}/years/2025" in pages[2024]


@pytest.mark.parametrize("year", [0, 9999])
def test_an_impossible_year_does_not_exist(viewer: FlaskClient, organization: Organization, year: int) -> None:
    assert viewer.get(f"/organize/organizations/{organization.id}/years/{year}").status_code == 404


def test_events_without_figures_explain_where_figures_come_from(
    viewer: FlaskClient, db: Session, organization: Organization
) -> None:
    over = clock.now() - timedelta(days=30)
    event = make_event(db, organization=organization, starts_at=over)
    address = f"/organize/organizations/{organization.id}/years/{over.year}"
    page = viewer.get(address).text
    assert "No event has figures yet." in page
    assert "The figures for an event come from its report" in page
    make_report(db, event)
    assert "The figures for an event come from" not in viewer.get(address).text


def test_the_series_and_years_of_another_organization_do_not_exist(viewer: FlaskClient, db: Session) -> None:
    series = make_series(db)
    year = f"/organize/organizations/{series.organization_id}/years/2025"
    for path in (f"/organize/series/{series.id}", year, "/organize/series/99999999"):
        assert viewer.get(path).status_code == 404


def stamp(page: str) -> str:
    return str(re.findall(r'name="version" value="(\w+)"', page)[0])


def test_a_series_is_renamed_language_by_language(
    organizer: FlaskClient, db: Session, organization: Organization, series: Series
) -> None:
    page, act = f"/organize/series/{series.id}", f"/organize/organizations/{organization.id}/series/{series.id}"
    series.title = {"ru": "Вечера"}
    db.flush()
    form = {"version": stamp(organizer.get(page).text), "title.ru": "Вечера", "title.tg": "Шомҳо", "title.en": ""}
    answer = organizer.post(act, data=form, follow_redirects=True)
    assert "Saved." in answer.text
    db.refresh(series)
    assert series.title == {"ru": "Вечера", "tg": "Шомҳо"}
    answer = organizer.post(act, data={**form, "title.ru": "Другое"})
    assert answer.status_code == 409, "another organizer saved meanwhile"
    assert "Someone else saved changes here while you were editing." in answer.text
    current = stamp(organizer.get(page).text)
    answer = organizer.post(act, data={"version": current, "title.ru": "Вечера", "title.tg": ""})
    assert answer.status_code == 422
    assert 'id="series-title.tg-error"' in answer.text
    make_series(db, organization_id=organization.id)
    answer = organizer.post(act, data={"version": current, "title.tg": "iTalk"})
    assert "A series with this name already exists." in answer.text
    db.refresh(series)
    assert series.title == {"ru": "Вечера", "tg": "Шомҳо"}


def test_another_organization_s_series_keeps_its_name(
    organizer: FlaskClient, db: Session, organization: Organization
) -> None:
    foreign = make_series(db)
    form = {"version": "", "title.tg": "Mine", "title.ru": "Mine", "title.en": "Mine"}
    ours = f"/organize/organizations/{organization.id}/series/{foreign.id}"
    theirs = f"/organize/organizations/{foreign.organization_id}/series/{foreign.id}"
    assert [organizer.post(path, data=form).status_code for path in (ours, theirs)] == [404, 404]
    db.refresh(foreign)
    assert foreign.title == {"en": "iTalk"}


def test_a_viewer_cannot_rename_a_series(viewer: FlaskClient, organization: Organization, series: Series) -> None:
    assert "Rename series" not in viewer.get(f"/organize/series/{series.id}").text
    path = f"/organize/organizations/{organization.id}/series/{series.id}"
    assert viewer.post(path, data={"title.en": "Mine"}).status_code == 403


def test_a_long_series_has_pages_of_equal_cost(
    viewer: FlaskClient, db: Session, organization: Organization, series: Series, statements: Statements
) -> None:
    path, counts = f"/organize/series/{series.id}", []
    for days in (range(1, 3), range(3, 30)):
        for day in days:
            event = make_event(
                db, organization=organization, series_id=series.id, starts_at=clock.now() - timedelta(days=day)
            )
            make_report(db, event)
        db.expire_all()
        with statements() as executed:
            page = viewer.get(path).text
        counts.append(len(executed))
    assert 'rel="next" href="?page=2"' in page
    assert page.count('<tr><th scope="row">') == 24
    assert viewer.get(f"{path}?page=2").text.count('<tr><th scope="row">') == 5
    assert counts[0] == counts[1] <= 6, "\n".join(executed)


def test_my_events_lead_to_the_latest_year_that_has_events_to_compare(
    viewer: FlaskClient, db: Session, organization: Organization
) -> None:
    for year in (2017, 2018):
        make_event(db, organization=organization, starts_at=datetime(year, 10, 7, 13, tzinfo=UTC))
    make_event(db, organization=organization, starts_local=None, ends_local=None, known="unknown")
    make_event(db, organization=organization, state="cancelled", starts_at=clock.now() - timedelta(days=1))
    assert re.findall(r"/years/(\d+)", viewer.get("/organize/").text) == ["2018"]


def test_where_no_event_has_a_year_there_is_none_to_compare(
    viewer: FlaskClient, db: Session, organization: Organization
) -> None:
    make_event(db, organization=organization, starts_local=None, ends_local=None, known="unknown")
    page = viewer.get("/organize/").text
    assert "Date not recorded" in page
    assert "Compare events" not in page
