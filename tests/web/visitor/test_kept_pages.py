"""What visitors may see a second late, and what nobody does: with real commits and the second that a process keeps."""

import gzip
import re

import pytest
from flask import Flask, template_rendered
from flask.testing import FlaskClient

from shared import clock
from shared.models import Event, Registration, RegistrationState
from tests.conftest import Committed, Statements, browser, counted
from tests.factories import make_event
from tests.support.registration_form import GOOD, send
from web.current import resources


@pytest.fixture
def kept_app(committed: Committed) -> Flask:
    return committed.keeping_app()


@pytest.fixture
def visitor(committed: Committed, kept_app: Flask) -> FlaskClient:
    with committed.sessions.begin() as db:
        make_event(db, slug="talks", capacity=2, title={"en": "The first title"})
    return browser(kept_app)


@pytest.fixture
def full(visitor: FlaskClient, committed: Committed) -> None:
    with committed.sessions.begin() as db:
        talks = db.query(Event).one()
        talks.taken = talks.ticket_types[0].taken = 2


@pytest.fixture
def statements(committed: Committed) -> Statements:
    """Count the statements of the application."""
    return counted(committed.engine)


def once_of(page: str) -> str:
    return re.findall(r'name="once" value="([^"]+)"', page)[0]


def retitle(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        db.query(Event).one().title = {"en": "Another title"}


def test_two_visitors_get_one_page_with_a_form_of_their_own(visitor: FlaskClient, kept_app: Flask) -> None:
    first, second = visitor.get("/en/e/talks"), browser(kept_app).get("/en/e/talks")
    assert once_of(first.text) != once_of(second.text)
    assert first.text.replace(once_of(first.text), "") == second.text.replace(once_of(second.text), "")
    assert first.headers["ETag"] == second.headers["ETag"]


def test_a_packed_page_is_the_page(visitor: FlaskClient) -> None:
    answer = visitor.get("/en/e/talks", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    page = gzip.decompress(answer.data).decode()
    assert page.replace(once_of(page), "") == (plain := visitor.get("/en/e/talks").text).replace(once_of(plain), "")


def test_a_kept_page_and_a_known_tag_take_no_statement(visitor: FlaskClient, statements: Statements) -> None:
    tag = visitor.get("/en/e/talks").headers["ETag"]
    visitor.get("/en/")
    with statements() as executed:
        assert visitor.get("/en/e/talks").status_code == 200
        assert visitor.get("/en/e/talks", headers={"If-None-Match": tag}).status_code == 304
        assert visitor.get("/en/").status_code == 200
    assert executed == []


@pytest.mark.parametrize("file", ["/calendar.ics", "/feed.xml", "/sitemap.xml"])
def test_a_file_for_programs_is_made_once_in_a_minute(visitor: FlaskClient, statements: Statements, file: str) -> None:
    first = visitor.get(f"{file}?lang=ru").data
    with statements() as executed:
        assert visitor.get(f"{file}?lang=ru").data == first
    assert executed == []


def test_who_is_signed_in_reads_what_is_in_the_database(visitor: FlaskClient, committed: Committed) -> None:
    visitor.get("/en/e/talks")
    visitor.get("/en/")
    retitle(committed)
    assert "The first title" in visitor.get("/en/e/talks").text
    visitor.set_cookie("sign_in", "anything")
    for address in ("/en/e/talks", "/en/"):
        assert "Another title" in visitor.get(address).text


def test_what_is_forgotten_is_read_anew(visitor: FlaskClient, kept_app: Flask, committed: Committed) -> None:
    visitor.get("/en/e/talks")
    retitle(committed)
    with kept_app.app_context():
        resources().forget()
    assert "Another title" in visitor.get("/en/e/talks").text


def test_a_registration_takes_one_statement(visitor: FlaskClient, statements: Statements) -> None:
    visitor.get("/en/e/talks")
    with statements() as executed:
        assert send(visitor).status_code == 303
    assert len(executed) == 1


def test_a_repeated_registration_takes_six_statements_at_most(visitor: FlaskClient, statements: Statements) -> None:
    send(visitor)
    with statements() as executed:
        assert send(visitor).status_code == 303
    assert len(executed) <= 6


def test_a_full_event_is_refused_by_one_statement(visitor: FlaskClient, full: None, statements: Statements) -> None:
    visitor.get("/en/e/talks")
    with statements() as executed:
        answer = send(visitor)
    assert (answer.status_code, len(executed)) == (409, 1)
    assert "All seats are taken" in answer.text


def test_of_a_refused_page_only_the_form_is_rendered_anew(visitor: FlaskClient, kept_app: Flask, full: None) -> None:
    send(visitor)
    rendered: list[str | None] = []
    with template_rendered.connected_to(lambda _, template, **__: rendered.append(template.name), kept_app):
        send(visitor, email="second@example.org")
    assert rendered == ["visitor/registration_form.html"]


@pytest.mark.parametrize("wrong", [{"email": "no address"}, {"name": ""}])
def test_a_refused_page_is_the_page_with_the_refused_form(
    visitor: FlaskClient, kept_app: Flask, committed: Committed, full: None, wrong: dict[str, str]
) -> None:
    assert "Check the form" not in send(visitor).text
    kept, anew = (send(client, **wrong) for client in (browser(kept_app), committed.client()))
    packed = visitor.post("/en/e/talks/registrations", data=GOOD | wrong, headers={"Accept-Encoding": "gzip"})
    pages = [kept.text, anew.text, gzip.decompress(packed.data).decode()]
    assert len({page.replace(once_of(page), "") for page in pages}) == 1
    assert [answer.status_code for answer in (kept, anew, packed)] == [422] * 3
    assert "Check the form" in kept.text


def test_the_last_seat_that_a_kept_page_shows_is_not_given_twice(
    visitor: FlaskClient, kept_app: Flask, committed: Committed
) -> None:
    visitor.get("/en/e/talks")
    answers = [send(browser(kept_app), email=f"guest{number}@example.org").status_code for number in range(4)]
    assert answers == [303, 303, 409, 409]
    with committed.sessions() as db:
        assert db.query(Event).one().taken == 2


def test_who_comes_after_the_last_seat_sees_the_waiting_list(visitor: FlaskClient, kept_app: Flask) -> None:
    for number in range(2):
        visitor.get("/en/e/talks")
        send(browser(kept_app), email=f"guest{number}@example.org")
    assert "Join the waiting list" in browser(kept_app).get("/en/e/talks").text


def test_a_refusal_shows_the_event_as_it_is(visitor: FlaskClient, committed: Committed) -> None:
    assert 'name="once"' in visitor.get("/en/e/talks").text
    with committed.sessions.begin() as db:
        talks = db.query(Event).one()
        talks.closes_at, talks.version = clock.now(), talks.version + 1
    answer = send(visitor)
    assert (answer.status_code, 'name="once"' in answer.text) == (409, False)


def test_a_registration_that_follows_a_change_obeys_the_event_as_it_is(
    visitor: FlaskClient, committed: Committed
) -> None:
    visitor.get("/en/e/talks")
    with committed.sessions.begin() as db:
        talks = db.query(Event).one()
        talks.confirm_by_mail, talks.version = True, talks.version + 1
    assert send(visitor).status_code == 303
    with committed.sessions() as db:
        assert db.query(Registration).one().state == RegistrationState.UNCONFIRMED
