"""Each refusal's status and words, as a page and as a problem."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import BaseModel

from shared.errors import DomainError, Full, Invalid
from tests.conftest import make_settings
from web import errors
from web.app import create_app

raised: list[Exception] = []


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    app: Flask = create_app(make_settings("postgresql://nowhere/nothing", "unix:///nowhere"))

    def fail() -> str:
        raise raised[-1]

    app.add_url_rule("/api/fails", "api_fails", fail)
    app.add_url_rule("/<lang>/fails", "page_fails", lambda lang: fail())
    return app.test_client()


def make(kind: type[DomainError]) -> DomainError:
    return Invalid("email") if issubclass(kind, Invalid) else kind()


@pytest.mark.parametrize("kind", errors.ANSWERS, ids=lambda kind: kind.__name__)
def test_each_domain_error_is_a_problem_with_its_status_and_reason(
    client: FlaskClient, kind: type[DomainError]
) -> None:
    raised.append(make(kind))
    answer = client.get("/api/fails")
    body = answer.get_json(force=True)
    assert answer.status_code == body["status"] == errors.ANSWERS[kind].status
    assert answer.mimetype == "application/problem+json"
    assert body["type"] == f"/problems/{raised[-1].reason.replace('_', '-')}"  # type: ignore[attr-defined]  # a DomainError
    assert body["title"]


@pytest.mark.parametrize("kind", errors.ANSWERS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("language", ["en", "ru", "tg"])
def test_each_domain_error_is_a_page_in_each_language(
    client: FlaskClient, kind: type[DomainError], language: str
) -> None:
    raised.append(make(kind))
    answer = client.get(f"/{language}/fails")
    assert answer.status_code == errors.ANSWERS[kind].status
    assert f'<html lang="{language}"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_error_without_an_answer_gets_that_of_its_base_class(client: FlaskClient) -> None:
    class FullTonight(Full):
        reason = "full_tonight"

    raised.append(FullTonight())
    answer = client.get("/api/fails")
    assert (answer.status_code, answer.get_json(force=True)["type"]) == (409, "/problems/full-tonight")


def test_an_invalid_value_names_its_field(client: FlaskClient) -> None:
    raised.append(Invalid("email", "account_exists"))
    assert client.get("/api/fails").get_json(force=True)["errors"] == [{"field": "email", "reason": "account_exists"}]


def test_a_body_of_the_wrong_shape_names_its_fields_and_repeats_nothing(client: FlaskClient) -> None:
    class Body(BaseModel):
        at: int

    try:
        Body.model_validate({"at": "a secret"})
    except ValueError as error:
        raised.append(error)
    answer = client.get("/api/fails")
    assert answer.status_code == 422
    assert answer.get_json(force=True)["errors"] == [{"field": "at", "reason": "int_parsing"}]
    assert "a secret" not in answer.text


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("/tg/e/italk-7/registrations", "/tg/e/italk-7"),
        ("/organize/events/3/doors/7/name", "/organize/events/3/doors/"),
        ("/account/language", "/account/"),
    ],
)
def test_a_reload_after_a_post_leads_to_the_page_above(client: FlaskClient, form: str, page: str) -> None:
    answer = client.get(form)
    assert (answer.status_code, answer.location) == (303, page)


def test_a_program_that_reads_a_post_only_address_gets_405(client: FlaskClient) -> None:
    assert client.get("/api/door/pair").status_code == 405
