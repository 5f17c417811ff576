"""A headcount is shown as one, on the page and on paper: the demo's open discussion, as anybody finds it."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shared import clock, links
from shared.command.demo.load import EMAIL, PASSWORD, load
from shared.models import Event
from tests.conftest import Committed
from tests.factories import make_registration, make_report, move_event
from tests.printed import words_of

SAID = {
    "en": ("22 people (headcount)", "this number was counted by hand.", "Headcount"),
    "ru": ("22 человека (подсчёт вручную)", "это число подсчитано вручную.", "Подсчёт вручную"),
    "tg": ("22 нафар, шумориши дастӣ", "ин шумора дастӣ ҳисоб карда шудааст.", "Шумориши дастӣ"),
}


@pytest.fixture
def organizer(committed: Committed) -> FlaskClient:
    """The demo's organizer, signed in."""
    load(committed.settings)
    client = committed.client()
    client.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD})
    return client


@pytest.fixture
def address(committed: Committed, organizer: FlaskClient) -> str:
    """Where its report is."""
    with committed.sessions.begin() as db:
        return links.event_report(db.scalars(select(Event.id).where(Event.headcount.is_not(None))).one())


def test_the_open_discussion_shows_its_headcount_and_says_that_it_is_one(organizer: FlaskClient, address: str) -> None:
    for language, (number, sentence, label) in SAID.items():
        organizer.set_cookie("language", language)
        page = organizer.get(address).text
        assert "Open Discussions" in page
        assert number in page.replace("<strong>", "").replace("</strong>", "")
        assert sentence in page
        assert f"{address}.pdf?language={language}" in page

        answer = organizer.get(f"{address}.pdf?language={language}")
        printed = words_of(answer.data)
        assert f'discussions-2017-{language}.pdf"' in answer.headers["Content-Disposition"]
        assert "Open Discussions" in printed
        assert f"22 {label}" in printed
        assert sentence in printed


def test_a_headcount_makes_no_table_and_nothing_makes_no_page(
    committed: Committed, organizer: FlaskClient, address: str
) -> None:
    assert [organizer.get(f"{address}.{form}").status_code for form in ("csv", "xlsx")] == [404, 404]
    with committed.sessions.begin() as db:
        db.scalars(select(Event).where(Event.headcount.is_not(None))).one().headcount = None
    assert organizer.get(f"{address}.pdf").status_code == 404


def link_of(organizer: FlaskClient, address: str) -> str:
    page = organizer.get(address).text
    return page.partition('readonly value="http://127.0.0.1:8000')[2].partition('"')[0]


def test_a_partner_reads_and_prints_the_headcount_without_sign_in(
    committed: Committed, organizer: FlaskClient, address: str
) -> None:
    link, partner = link_of(organizer, address), committed.client()
    for language, (number, sentence, label) in SAID.items():
        partner.set_cookie("language", language)
        answer = partner.get(link)
        assert answer.status_code == 200
        assert "Open Discussions" in answer.text
        assert number in answer.text.replace("<strong>", "").replace("</strong>", "")
        assert sentence in answer.text
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert f'href="{link}/report.pdf?language={language}"' in answer.text

        printed = words_of(partner.get(f"{link}/report.pdf?language={language}").data)
        assert f"22 {label}" in printed
        assert sentence in printed
    assert [partner.get(f"{link}/report.{form}").status_code for form in ("csv", "xlsx")] == [404, 404]


def test_the_revoked_link_of_a_headcount_is_a_page_that_does_not_exist(
    committed: Committed, organizer: FlaskClient, address: str
) -> None:
    given, partner = [], committed.client()
    for _ in range(3):
        given.append(link_of(organizer, address))
        assert partner.get(given[-1]).status_code == 200
        assert organizer.post(f"{address}/link").status_code == 303
        assert [partner.get(one).status_code for one in given] == [404] * len(given)
        assert partner.get(f"{given[-1]}/report.pdf").status_code == 404
    assert partner.get(link_of(organizer, address)).status_code == 200


def test_where_nothing_was_counted_there_is_nothing_to_share(
    committed: Committed, organizer: FlaskClient, address: str
) -> None:
    link, partner = link_of(organizer, address), committed.client()
    with committed.sessions.begin() as db:
        db.scalars(select(Event).where(Event.headcount.is_not(None))).one().headcount = None
    assert "There is nothing to share yet" in organizer.get(address).text
    assert link_of(organizer, address) == ""
    assert organizer.post(f"{address}/link").status_code == 404
    assert [partner.get(one).status_code for one in (link, f"{link}/report.pdf")] == [404, 404]


@pytest.mark.parametrize("is_draft", [True, False])
def test_of_a_draft_or_an_event_to_come_no_headcount_is_shared(
    committed: Committed, organizer: FlaskClient, address: str, is_draft: bool
) -> None:
    link = link_of(organizer, address)
    with committed.sessions.begin() as db:
        event = db.scalars(select(Event).where(Event.headcount.is_not(None))).one()
        if is_draft:
            event.state = "draft"
        else:
            starts = clock.now().replace(tzinfo=None) + timedelta(days=60)
            move_event(db, event, starts=starts, ends=starts + timedelta(hours=2))
    assert committed.client().get(link).status_code == 404
    assert link_of(organizer, address) == ""


def test_a_headcount_is_not_shared_as_the_only_figure_while_a_report_is_to_come(
    committed: Committed, organizer: FlaskClient, address: str
) -> None:
    link, partner = link_of(organizer, address), committed.client()
    with committed.sessions.begin() as db:
        event = db.scalars(select(Event).where(Event.headcount.is_not(None))).one()
        event.starts_at, event.ends_at = (clock.now() - timedelta(hours=hours) for hours in (3, 1))
    assert partner.get(link).status_code == 200, "nobody signed up: no report comes"
    with committed.sessions.begin() as db:
        make_registration(db, db.get_one(Event, event.id))
    page = organizer.get(address).text
    assert "The report is compiled automatically after the event." in page
    assert SAID["en"][1] not in page
    assert link_of(organizer, address) == ""
    assert [partner.get(one).status_code for one in (link, f"{link}/report.pdf")] == [404, 404]


def test_the_link_of_a_headcount_shows_the_report_once_there_is_one_and_is_revoked_with_its_link(
    committed: Committed, organizer: FlaskClient, address: str
) -> None:
    link, partner = link_of(organizer, address), committed.client()
    with committed.sessions.begin() as db:
        make_report(db, db.scalars(select(Event).where(Event.headcount.is_not(None))).one())
    page = partner.get(link)
    assert "Of 40 registered people 31 came" in page.text
    assert "Манижа" not in page.text
    assert partner.get(f"{link}/report.csv").status_code == 200

    of_report = link_of(organizer, address)
    assert organizer.post(f"{address}/link").status_code == 303
    assert [partner.get(one).status_code for one in (link, of_report)] == [404, 404]
