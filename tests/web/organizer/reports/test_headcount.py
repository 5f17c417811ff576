"""A headcount is named as one, on the page and on paper: that of the demo's open discussion."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shared import clock, links
from shared.command.demo.load import EMAIL, PASSWORD, load
from shared.models import Event
from tests.conftest import Committed
from tests.factories import make_registration, make_report, move_event
from tests.support.pdf_text import words_of

TEXTS = {
    "en": ("22 people (headcount)", "this number is a headcount.", "Headcount"),
    "ru": ("22 человека (подсчёт вручную)", "это число подсчитано вручную.", "Подсчёт вручную"),
    "tg": ("22 нафар (шумориши дастӣ)", "ин шумора дастӣ ҳисоб карда шудааст.", "Шумориши дастӣ"),
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
    """The address of its report."""
    with committed.sessions.begin() as db:
        return links.event_report(db.scalars(select(Event.id).where(Event.headcount.is_not(None))).one())


def test_the_open_discussion_names_its_number_as_a_headcount(organizer: FlaskClient, address: str) -> None:
    for language, (number, sentence, label) in TEXTS.items():
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


def test_a_headcount_has_a_page_but_no_table(committed: Committed, organizer: FlaskClient, address: str) -> None:
    assert [organizer.get(f"{address}.{file_format}").status_code for file_format in ("csv", "xlsx")] == [404, 404]
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
    for language, (number, sentence, label) in TEXTS.items():
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
    assert [partner.get(f"{link}/report.{file_format}").status_code for file_format in ("csv", "xlsx")] == [404, 404]


def test_the_revoked_link_of_a_headcount_does_not_exist(
    committed: Committed, organizer: FlaskClient, address: str
) -> None:
    links_sent, partner = [], committed.client()
    for _ in range(3):
        links_sent.append(link_of(organizer, address))
        assert partner.get(links_sent[-1]).status_code == 200
        assert organizer.post(f"{address}/link").status_code == 303
        assert [partner.get(link).status_code for link in links_sent] == [404] * len(links_sent)
        assert partner.get(f"{links_sent[-1]}/report.pdf").status_code == 404
    assert partner.get(link_of(organizer, address)).status_code == 200


def test_without_a_headcount_there_is_nothing_to_share(
    committed: Committed, organizer: FlaskClient, address: str
) -> None:
    link, partner = link_of(organizer, address), committed.client()
    with committed.sessions.begin() as db:
        db.scalars(select(Event).where(Event.headcount.is_not(None))).one().headcount = None
    assert "There is nothing to share yet" in organizer.get(address).text
    assert link_of(organizer, address) == ""
    assert organizer.post(f"{address}/link").status_code == 404
    assert [partner.get(path).status_code for path in (link, f"{link}/report.pdf")] == [404, 404]


@pytest.mark.parametrize("is_draft", [True, False])
def test_no_headcount_of_a_draft_or_an_upcoming_event_is_shared(
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


def test_a_headcount_is_not_shared_alone_while_a_report_is_to_come(
    committed: Committed, organizer: FlaskClient, address: str
) -> None:
    link, partner = link_of(organizer, address), committed.client()
    with committed.sessions.begin() as db:
        event = db.scalars(select(Event).where(Event.headcount.is_not(None))).one()
        event.starts_at, event.ends_at = (clock.now() - timedelta(hours=hours) for hours in (3, 1))
    assert partner.get(link).status_code == 200, "no one registered, so there will be no report"
    with committed.sessions.begin() as db:
        make_registration(db, db.get_one(Event, event.id))
    page = organizer.get(address).text
    assert "The report is compiled automatically after the event." in page
    assert TEXTS["en"][1] not in page
    assert link_of(organizer, address) == ""
    assert [partner.get(path).status_code for path in (link, f"{link}/report.pdf")] == [404, 404]


def test_the_link_of_a_headcount_shows_the_report_when_there_is_one_and_is_revoked_with_its_link(
    committed: Committed, organizer: FlaskClient, address: str
) -> None:
    link, partner = link_of(organizer, address), committed.client()
    with committed.sessions.begin() as db:
        make_report(db, db.scalars(select(Event).where(Event.headcount.is_not(None))).one())
    page = partner.get(link)
    assert "Of 40 registered attendees, 31 came (78%)." in page.text
    assert "Манижа" not in page.text
    assert partner.get(f"{link}/report.csv").status_code == 200

    of_report = link_of(organizer, address)
    assert organizer.post(f"{address}/link").status_code == 303
    assert [partner.get(path).status_code for path in (link, of_report)] == [404, 404]
