"""The rules for every response and every unsafe request."""

from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from shared.events import pictures
from tests.conftest import Committed, make_settings
from tests.factories import make_event
from tests.support.every_route import PICTURE
from web.app import create_app

SIGN_OUT = "/account/sign-out"


@pytest.fixture
def program(app: Flask, client: FlaskClient) -> FlaskClient:
    """A client that does not say where its forms are from."""
    return app.test_client()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://[::"},
        {"Origin": "http://localhost.elsewhere.example"},
        {"Origin": "https://localhost"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_a_form_that_another_site_sends_is_refused(program: FlaskClient, headers: dict[str, str]) -> None:
    with capture_logs() as lines:
        assert program.post(SIGN_OUT, headers=headers).status_code == 403
    assert [line["security"] for line in lines if line["event"] == "security"] == ["cross_site"]


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}]
)
def test_a_form_of_ours_or_a_program_is_let_through(program: FlaskClient, headers: dict[str, str]) -> None:
    assert program.post(SIGN_OUT, headers=headers).status_code == 303


@pytest.mark.parametrize(
    ("cookie", "status"), [("sign_in", 403), ("places", 403), ("language", 403), ("of_another_site", 303)]
)
def test_a_form_with_a_cookie_of_ours_must_say_where_it_is_from(program: FlaskClient, cookie: str, status: int) -> None:
    program.set_cookie(cookie, "x")
    assert program.post(SIGN_OUT).status_code == status
    assert program.post(SIGN_OUT, headers={"Origin": "http://localhost"}).status_code == 303


@pytest.fixture
def public() -> FlaskClient:
    """A public installation; these requests need no database."""
    settings = make_settings("postgresql://nowhere/nothing", "unix:///nowhere", base_url="https://turnout.example")
    return create_app(settings).test_client()


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("turnout.example", "https://turnout.example", 405),
        ("turnout.example:8443", "https://turnout.example:8443", 405),
        ("127.0.0.1:8000", "https://turnout.example", 405),  # a proxy that passes on no host
        ("127.0.0.1:8000", "http://127.0.0.1:8000", 405),
        ("turnout.example", "http://turnout.example", 403),
        ("turnout.example", "https://turnout.example:444", 403),
        ("127.0.0.1:8000", "http://127.0.0.1:9000", 403),
    ],
)
def test_an_origin_is_scheme_host_and_port(public: FlaskClient, host: str, origin: str, status: int) -> None:
    # A page that takes no form: 405 is an answer to a form that was let through.
    answer = public.post("/healthz", headers={"Host": host, "Origin": origin})
    assert answer.status_code == status


FOREIGN = [
    "evil.example",
    "evil.example:443",
    "sub.turnout.example",
    "turnout.example.evil.example",
    "turnout.example, evil.example",
    "turnout.example:443,evil.example",
    "turnout.example@evil.example",
    "turnout.example:x",
    "turnout.example/.evil.example",
    "192.0.2.1",
    "0.0.0.0",
    "[::",
    "[2001:db8::1]",
    "",
]


@pytest.mark.parametrize("host", FOREIGN)
def test_a_foreign_host_is_refused_and_never_led_to(public: FlaskClient, host: str) -> None:
    for path in ("/en", "/account", "/en//", "/static/css/tokens.css", "/nothing"):
        with capture_logs() as lines:
            answer = public.get(path, headers={"Host": host})
        assert (answer.status_code, answer.headers["Cache-Control"]) == (421, "no-store")
        assert answer.location is None
        assert "evil" not in answer.text
        assert 'href="https://turnout.example/' in answer.text
        assert [line["security"] for line in lines if line["event"] == "security"] == ["foreign_host"]


@pytest.mark.parametrize(
    "host",
    ["turnout.example", "TURNOUT.example:8443", "localhost", "127.0.0.1:8000", "127.0.0.2", "[::1]", "[::1]:8000"],
)
def test_our_host_on_any_port_and_this_machine_are_answered(public: FlaskClient, host: str) -> None:
    answer = public.get("/en", headers={"Host": host})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (308, "no-cache")
    assert urlsplit(answer.location).hostname == urlsplit(f"//{host}").hostname


def test_an_internationalized_host_is_recognized_by_its_ascii_name() -> None:
    settings = make_settings("postgresql://nowhere/nothing", "unix:///nowhere", base_url="https://чорабинӣ.example")
    client = create_app(settings).test_client()
    assert client.get("/en", headers={"Host": "xn--80acvubm1cw2g.example"}).status_code == 308


def test_a_probe_asks_by_whatever_address_it_knows(public: FlaskClient) -> None:
    for path in ("/healthz", "/readyz"):
        assert public.get(path, headers={"Host": "10.0.0.7:8000"}).status_code != 421


def test_a_link_from_another_site_opens_the_page(client: FlaskClient) -> None:
    assert client.get("/account/sign-in", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


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
def test_the_reader_and_the_speed_test_may_use_webassembly_too(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        assert "script-src 'self' 'wasm-unsafe-eval'" in answer.headers["Content-Security-Policy"]


def test_browsers_are_told_to_stay_on_https_where_there_is_https(client: FlaskClient, committed: Committed) -> None:
    assert "Strict-Transport-Security" not in client.get("/healthz").headers
    secure = committed.client(base_url="https://turnout.example")
    assert secure.get("/healthz").headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_an_error_carries_the_same_headers(client: FlaskClient) -> None:
    assert client.get("/nothing").headers["X-Content-Type-Options"] == "nosniff"


def test_no_other_site_may_embed_anything_but_pictures(client: FlaskClient, db: Session) -> None:
    event = make_event(db, slug="talks")
    sha256 = pictures.store(db, content=PICTURE.read_bytes())
    page = f"/en/e/{event.slug}"
    for path in (page, f"{page}.png", f"/img/{sha256}", "/static/img/mark.svg"):
        with client.get(path) as answer:
            is_shared = path.endswith((".png", sha256))
            assert answer.headers["Cross-Origin-Resource-Policy"] == ("cross-origin" if is_shared else "same-origin")


@pytest.mark.parametrize("path", ["/en/r/%0D%0Ax/confirm", "/en/r/x%0Ay/cancel", "/account/%0dx", "/%00", "/%7f"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_with_a_line_break_is_none_of_ours(public: FlaskClient, path: str, method: str) -> None:
    assert public.open(path, method=method, base_url="https://turnout.example").status_code == 404
