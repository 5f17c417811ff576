"""What every answer and every unsafe request must satisfy."""

import pytest
from flask.testing import FlaskClient

from tests.conftest import Committed
from web.security import BODY_LIMIT

SIGN_OUT = "/account/sign-out"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://[::"},
        {"Origin": "http://localhost.elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_a_form_that_another_site_sends_is_refused(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post(SIGN_OUT, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}]
)
def test_a_form_of_ours_or_a_program_is_let_through(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post(SIGN_OUT, headers=headers).status_code == 303


def test_a_link_from_another_site_opens_the_page(client: FlaskClient) -> None:
    assert client.get("/account/sign-in", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_a_body_of_more_than_two_megabytes_is_refused(client: FlaskClient) -> None:
    answer = client.post("/api/door/pair", data=b" " * (BODY_LIMIT + 1), content_type="application/json")
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


def test_a_page_may_run_only_our_scripts_and_be_framed_by_nobody(client: FlaskClient) -> None:
    policy = client.get("/account/sign-in").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_only_the_scanner_may_use_the_camera_and_webassembly(client: FlaskClient) -> None:
    door, page = client.get("/door/").headers, client.get("/account/sign-in").headers
    assert "camera=(self)" in door["Permissions-Policy"]
    assert "'wasm-unsafe-eval'" in door["Content-Security-Policy"]
    assert "camera=()" in page["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/door/reader.js", "/door/bench"])
def test_what_reads_codes_beside_the_scanner_may_use_webassembly_too(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        assert "script-src 'self' 'wasm-unsafe-eval'" in answer.headers["Content-Security-Policy"]


def test_browsers_are_told_to_stay_on_https_where_there_is_https(client: FlaskClient, committed: Committed) -> None:
    assert "Strict-Transport-Security" not in client.get("/healthz").headers
    secure = committed.client(base_url="https://turnout.example")
    assert "Strict-Transport-Security" in secure.get("/healthz").headers


def test_an_error_carries_the_same_headers(client: FlaskClient) -> None:
    assert client.get("/nothing").headers["X-Content-Type-Options"] == "nosniff"
