"""A headcount is shown as one, on the page and on paper: the demo's open discussion, as anybody finds it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shared.command.demo.load import EMAIL, PASSWORD, load, tour
from shared.models import Event
from tests.conftest import Committed
from tests.printed import words_of

SAID = {
    "en": ("22 people, counted by hand", "this number was counted by hand.", "Counted by hand"),
    "ru": ("22 гостя, подсчёт вручную", "это число подсчитано вручную.", "Подсчитано вручную"),
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
    """The report that the tour leads to."""
    return tour(committed.settings).report.removeprefix(committed.settings.base_url)


def test_the_open_discussion_shows_its_headcount_and_says_that_it_is_one(organizer: FlaskClient, address: str) -> None:
    for language, (number, sentence, label) in SAID.items():
        organizer.set_cookie("language", language)
        page = organizer.get(address).text
        assert "Open Discussion on domestic violence" in page
        assert number in page.replace("<strong>", "").replace("</strong>", "")
        assert sentence in page
        assert f"{address}.pdf?language={language}" in page

        answer = organizer.get(f"{address}.pdf?language={language}")
        printed = words_of(answer.data)
        assert f'discussion-domestic-violence-{language}.pdf"' in answer.headers["Content-Disposition"]
        assert "Open Discussion on domestic violence" in printed
        assert f"22 {label}" in printed
        assert sentence in printed


def test_a_headcount_makes_no_table_and_nothing_makes_no_page(
    committed: Committed, organizer: FlaskClient, address: str
) -> None:
    assert [organizer.get(f"{address}.{form}").status_code for form in ("csv", "xlsx")] == [404, 404]
    with committed.sessions.begin() as db:
        db.scalars(select(Event).where(Event.headcount.is_not(None))).one().headcount = None
    assert organizer.get(f"{address}.pdf").status_code == 404
