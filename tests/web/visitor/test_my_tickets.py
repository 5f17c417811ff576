"""The tickets in this browser's cookie."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared.config import LANGUAGES
from shared.i18n import gettext, use_language
from tests.factories import make_event
from tests.support.registration_form import send
from web.ticket_cookie import COOKIE


@pytest.fixture
def attendee(client: FlaskClient, db: Session) -> FlaskClient:
    """A browser that has registered."""
    make_event(db, slug="talks")
    assert send(client).status_code == 303
    return client


def test_a_browser_forgets_its_tickets_when_it_is_asked_to(attendee: FlaskClient) -> None:
    assert "Ҷаҳонгир" in attendee.get("/en/my").text
    answer = attendee.post("/en/my/forget")
    assert (answer.status_code, answer.location) == (303, "/en/my?said=forgotten")
    cleared = answer.headers["Set-Cookie"]
    assert cleared.startswith(f"{COOKIE}=;")
    assert "Max-Age=0" in cleared
    assert attendee.get_cookie(COOKIE) is None
    page = attendee.get(answer.location).text
    assert "Your tickets are removed from this browser." in page
    assert "Ҷаҳонгир" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_to_remove_tickets_is_a_form_in_each_language(attendee: FlaskClient, language: str) -> None:
    page = attendee.get(f"/{language}/my").text
    assert f'<form method="post" action="/{language}/my/forget">' in page
    with use_language(language):
        assert gettext("mine.remove_button") in page


def test_a_browser_without_tickets_is_not_offered_to_remove_them(client: FlaskClient) -> None:
    assert "/my/forget" not in client.get("/en/my").text


@pytest.mark.parametrize("address", ["/en/", "/en/e/talks", "/en/e/nothing-here", "/en/e/talks/sent?by=phone"])
def test_my_tickets_is_linked_from_the_list_the_event_and_the_404_page(
    client: FlaskClient, db: Session, address: str
) -> None:
    make_event(db, slug="talks")
    assert re.search(r'href="[^"]*/en/my"', client.get(address).text)


def test_another_site_cannot_have_a_browser_forget(attendee: FlaskClient) -> None:
    assert attendee.post("/en/my/forget", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert attendee.get_cookie(COOKIE)
