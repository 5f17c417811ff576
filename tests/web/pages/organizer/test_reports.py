"""The report, for organizers and for a partner."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.models import Event
from tests.conftest import Statements
from tests.factories import SECRET, make_account, make_event, make_report, make_sign_in, moment


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, starts_at=clock.now() - timedelta(days=3), capacity=50)


def sign_in(client: FlaskClient, db: Session, event: Event, role: str = "viewer") -> None:
    account = make_account(db, organization=event.organization, role=role)
    client.set_cookie("sign_in", make_sign_in(db, account))


def address(event: Event) -> str:
    return f"/organize/events/{event.id}/report"


def test_a_viewer_reads_figures_doors_and_where_they_come_from(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event)
    page = client.get(address(event)).text
    assert "Of 40 registered people 31 came, which is 78%. With walk-ins it was 36 people." in page
    assert "9 (22%)" in page
    assert "72% of 50" in page
    assert "North door" in page
    assert "Манижа" in page
    assert "Most came from 17:55 on: 14 people in 5 minutes." in page
    assert "17:58" in page, "the median, in local time"
    assert "Version 1, compiled" in page
    assert "from 40 scans" in page
    assert "Refused: ticket of another event" in page
    assert "<svg" in page
    assert "<table>" in page


@pytest.mark.parametrize("language", ["en", "ru", "tg"])
def test_an_event_at_which_nothing_happened_has_a_report_too(
    client: FlaskClient, db: Session, event: Event, language: str
) -> None:
    nobody = {"registered": 0, "attended": 0, "people": 0, "no_show_rate": None, "capacity_use": None, "doors": []}
    nobody |= {"arrivals": {"first": None, "median": None, "peak": None, "last": None, "bins": [], "inside": []}}
    make_report(db, event, figures=nobody)
    sign_in(client, db, event)
    client.set_cookie("language", language)
    assert client.get(address(event)).status_code == 200


def test_a_report_of_an_older_rule_lacks_figures_and_is_shown(client: FlaskClient, db: Session, event: Event) -> None:
    report = make_report(db, event)
    report.figures = {name: value for name, value in report.figures.items() if name not in {"phones", "returning"}}
    db.flush()
    sign_in(client, db, event)
    assert client.get(address(event)).status_code == 200


def test_versions_are_listed_with_what_changed(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    make_report(db, event, version=2, figures={"people": 38}, changes={"people": [36, 38], "phones.all": [2, 3]})
    sign_in(client, db, event)
    newest, first = client.get(address(event)).text, client.get(f"{address(event)}?version=1").text
    assert "People in all: 36, now 38" in newest
    assert "Version 2, compiled" in newest
    assert "Version 1, compiled" in first
    assert client.get(f"{address(event)}?version=9").status_code == 404


def test_what_was_not_compiled_is_not_recorded_beside_a_headcount(
    client: FlaskClient, db: Session, event: Event
) -> None:
    sign_in(client, db, event)
    assert "Attendance not recorded" in client.get(address(event)).text
    event.headcount = 180
    db.flush()
    page = client.get(address(event)).text
    assert "<strong>180</strong> people, counted by hand" in page


def test_before_the_event_it_says_when_the_report_comes(client: FlaskClient, db: Session) -> None:
    coming = make_event(db)
    sign_in(client, db, coming)
    assert "compiled after the event" in client.get(address(coming)).text


def link_of(client: FlaskClient, event: Event) -> str:
    page = client.get(address(event)).text
    return page.partition('readonly value="http://127.0.0.1:8000')[2].partition('"')[0]


def test_a_partner_reads_it_without_sign_in_and_without_names(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    link = link_of(client, event)
    client.delete_cookie("sign_in")
    answer = client.get(link)
    assert answer.status_code == 200
    assert "36" in answer.text
    assert "North door" in answer.text
    for name in ("Манижа", "Сорбон"):
        assert name not in answer.text
    assert 'name="robots" content="noindex"' in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_one_link_stays_good_for_later_versions(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    link = link_of(client, event)
    make_report(db, event, version=2, figures={"people": 77})
    assert link_of(client, event) == link
    assert "77" in client.get(link).text


def test_a_revoked_link_is_a_page_that_does_not_exist(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    link = link_of(client, event)
    assert client.post(f"{address(event)}/link").status_code == 303
    assert client.get(link).status_code == 404
    assert client.get(link_of(client, event)).status_code == 200


def test_viewers_share_nothing(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "viewer")
    assert link_of(client, event) == ""


@pytest.mark.parametrize("token", ["nonsense", "1.1.x", "9999.1.x"])
def test_a_forged_link_is_a_page_that_does_not_exist(client: FlaskClient, token: str) -> None:
    assert client.get(f"/reports/{token}").status_code == 404


def test_a_link_to_another_thing_opens_no_report(client: FlaskClient, db: Session, event: Event) -> None:
    report = make_report(db, event)
    other = tokens.make(SECRET, "registration", id=report.id, version=1)
    assert client.get(f"/reports/{other}").status_code == 404


def test_a_report_costs_as_many_statements_for_three_versions_as_for_one(
    client: FlaskClient, db: Session, event: Event, statements: Statements
) -> None:
    sign_in(client, db, event)
    path, counts = address(event), []
    for versions in ([1], [2, 3]):
        for version in versions:
            make_report(db, event, version=version, compiled_at=moment(18, version))
        db.expire_all()
        with statements() as seen:
            client.get(path)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 7, "\n".join(seen)
