"""Signing in and out, and choosing a language."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts import accounts
from shared.models import SignIn
from tests.conftest import Committed, Statements

EMAIL, PASSWORD = "manizha@example.org", "a good password"


@pytest.fixture(autouse=True)
def account(db: Session) -> None:
    accounts.create(db, email=EMAIL, name="Manizha", password=PASSWORD)


def sign_in(client: FlaskClient, **form: str) -> object:
    return client.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD, **form})


def test_a_signed_in_account_sees_its_events_until_it_signs_out(client: FlaskClient) -> None:
    answer = client.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/organize/")
    assert client.get("/organize/").status_code == 200
    assert client.post("/account/sign-out").status_code == 303
    assert client.get("/organize/").status_code == 401


def test_signing_out_revokes_the_token_and_not_only_the_cookie(client: FlaskClient) -> None:
    sign_in(client)
    cookie = client.get_cookie("sign_in")
    assert cookie is not None
    client.post("/account/sign-out")
    client.set_cookie("sign_in", cookie.value)
    assert client.get("/organize/").status_code == 401


def test_a_wrong_address_and_a_wrong_password_get_the_same_answer(client: FlaskClient, db: Session) -> None:
    wrong_password = client.post("/account/sign-in", data={"email": EMAIL, "password": "wrong"})
    wrong_address = client.post("/account/sign-in", data={"email": "nobody@example.org", "password": PASSWORD})
    assert wrong_password.status_code == wrong_address.status_code == 401
    assert wrong_password.text.replace(EMAIL, "") == wrong_address.text.replace("nobody@example.org", "")
    assert db.scalar(select(func.count()).select_from(SignIn)) == 0


def test_the_form_comes_back_with_the_address_and_without_the_password(client: FlaskClient) -> None:
    answer = client.post("/account/sign-in", data={"email": EMAIL, "password": "wrong but mine"})
    assert EMAIL in answer.text
    assert "wrong but mine" not in answer.text


@pytest.mark.parametrize("form", [{}, {"email": EMAIL}, {"password": PASSWORD}, {"email": "\0", "password": "\0"}])
def test_an_incomplete_form_does_not_sign_in(client: FlaskClient, form: dict[str, str]) -> None:
    assert client.post("/account/sign-in", data=form).status_code == 401


def test_the_cookie_is_for_this_site_and_not_for_scripts(client: FlaskClient, committed: Committed) -> None:
    plain = client.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD}).headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    with committed.sessions.begin() as db:
        accounts.create(db, email=EMAIL, name="Manizha", password=PASSWORD)
    secure = committed.client(base_url="https://turnout.example").post(
        "/account/sign-in", data={"email": EMAIL, "password": PASSWORD}, base_url="https://turnout.example"
    )
    cookie = secure.headers["Set-Cookie"]
    assert cookie.startswith("__Host-sign_in=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "path",
    ["/organize/events/7/", "/organize/events/7/report?version=2", "/organize/events/7/people/?q=%D0%98+%2B&after=2"],
)
def test_signing_in_returns_to_the_page_that_required_it(client: FlaskClient, path: str) -> None:
    answer = client.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": path})
    assert answer.headers["Location"] == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/%09/evil.example",
        "/@evil.example",
        "/a\\evil.example",
        "/a\r\nSet-Cookie: a=b",
        "/a b",
        "javascript:x",
        "",
    ],
)
def test_signing_in_leads_to_no_other_site(client: FlaskClient, elsewhere: str) -> None:
    answer = client.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": elsewhere})
    assert answer.headers["Location"] == "/organize/"


def test_a_page_that_needs_a_sign_in_offers_it_and_leads_back(client: FlaskClient) -> None:
    answer = client.get("/organize/events/7/people/?q=%D0%98&after=2")
    assert answer.status_code == 401
    assert 'name="next" value="/organize/events/7/people/?q=%D0%98&amp;after=2"' in answer.text


def test_a_page_with_an_undecodable_query_offers_the_sign_in_too(client: FlaskClient) -> None:
    assert client.get("/organize/events/7/", environ_overrides={"QUERY_STRING": "q=\xff"}).status_code == 401


def test_a_chosen_language_is_remembered(client: FlaskClient) -> None:
    client.post("/account/language", data={"language": "tg"})
    assert '<html lang="tg"' in client.get("/account/sign-in").text
    assert client.post("/account/language", data={"language": "xx"}).status_code == 422


def test_signing_in_costs_two_statements(client: FlaskClient, statements: Statements) -> None:
    with statements() as executed:
        sign_in(client)
    assert len(executed) == 2, "\n".join(executed)
