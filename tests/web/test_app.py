"""Rules for every request."""

import json
import subprocess
import sys

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from shared.config import Settings
from tests.conftest import make_settings
from web.app import create_app


def test_a_404_page_is_in_the_language_of_its_address(client: FlaskClient) -> None:
    answer = client.get("/ru/nothing")
    assert answer.status_code == 404
    assert '<html lang="ru"' in answer.text


def test_the_language_is_the_address_then_the_cookie_then_the_browsers(client: FlaskClient) -> None:
    browser = {"Accept-Language": "tg-TJ,ru;q=0.8,en;q=0.5"}
    assert '<html lang="tg"' in client.get("/nothing", headers=browser).text
    client.set_cookie("language", "ru")
    assert '<html lang="ru"' in client.get("/nothing", headers=browser).text
    assert '<html lang="en"' in client.get("/en/nothing", headers=browser).text


def test_an_unknown_language_in_the_address_is_404(client: FlaskClient) -> None:
    assert client.get("/xx/e/event").status_code == 404


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/healthz")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.mimetype == "text/html"


def test_the_api_answers_errors_as_problem_json(client: FlaskClient) -> None:
    answer = client.get("/api/nothing")
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json(force=True)["type"] == "/problems/missing"


def test_an_exception_is_logged_with_its_stack_and_shown_without(app: Flask, settings: Settings) -> None:
    broken = create_app(settings)
    broken.add_url_rule("/broken/<token>", view_func=lambda token: 1 / 0)
    with capture_logs() as lines:
        answer = broken.test_client().get("/broken/hidden-token")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    failed = next(line for line in lines if line["event"] == "failed")
    assert failed["exc_info"][0] is ZeroDivisionError
    assert "hidden-token" not in json.dumps(lines, default=str)


def test_a_request_is_logged_by_its_route_and_never_by_its_path(client: FlaskClient) -> None:
    with capture_logs() as lines:
        client.get("/mailbox/secret-name.eml")
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["route"] == "/mailbox/<name>.eml"
    assert line["status"] == 404
    assert line["ms"] >= 0


def test_a_request_keeps_the_id_that_a_proxy_gave_it(client: FlaskClient) -> None:
    assert (
        client.get("/healthz", headers={"X-Request-Id": "from-the-proxy"}).headers["X-Request-Id"] == "from-the-proxy"
    )
    created = client.get("/healthz", headers={"X-Request-Id": "bad\tid"}).headers["X-Request-Id"]
    assert len(created) == 32


def test_without_the_database_the_page_says_when_to_try_again(settings: Settings) -> None:
    away = make_settings("postgresql://nobody@/nothing?host=/nowhere", settings.redis_url)
    client = create_app(away).test_client()
    client.set_cookie("sign_in", "anything")
    answer = client.get("/organize/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_the_web_tier_loads_neither_celery_nor_the_worker(settings: Settings) -> None:
    environment = {name.upper(): str(value) for name, value in settings.model_dump(exclude_none=True).items()}
    environment["TURNOUT_DEMO"] = "0"
    program = "import sys, web.wsgi; print([name for name in ('celery', 'kombu', 'worker') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", ["/static/css/tokens.css?v=1", "/static/built/fonts/noto-sans-latin.woff2"])
def test_static_files_with_a_version_are_cached_for_a_year(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        assert answer.cache_control.max_age == 31_536_000


def test_other_static_files_are_revalidated(client: FlaskClient) -> None:
    with client.get("/static/css/tokens.css") as answer:
        assert answer.cache_control.no_cache
