"""Limits on signing in, its security events, and accounts that cannot sign in here."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from shared import clock, tokens
from shared.accounts import passwords, second_factors, sign_ins
from shared.command.demo.load import EMAIL as DEMO
from shared.command.demo.load import PASSWORD as PRINTED
from shared.command.demo.load import load
from shared.errors import Busy
from shared.models import Account
from tests.conftest import Committed
from tests.conftest import browser as forms_from_here
from tests.factories import SECRET, make_account, make_sign_in
from tests.support.every_route import password_hash
from web.account.steps import ACCOUNT_LIMITS

PASSWORD = "a good password"
SPELLINGS = (
    "manizha@example.org",
    "Manizha@Example.ORG",
    " manizha@example.org ",
    "manizha@ｅxample.org",
    "manizha@example。org",
    "manizha@ＥＸＡＭＰＬＥ.org",
)
PUBLIC = "https://turnout.example"


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare passwords at no cost: these tests count attempts."""
    monkeypatch.setattr(passwords, "matches", lambda stored, typed: stored is not None and typed == PASSWORD)


@pytest.fixture
def owner(committed: Committed) -> Iterator[Account]:
    """An account without any counts before and after."""
    with committed.sessions.begin() as db:
        account = make_account(db, email="manizha@example.org", password_hash=password_hash())
    _forget(committed)
    yield account
    _forget(committed)


def _counts(committed: Committed) -> list[bytes]:
    with Redis.from_url(committed.settings.redis_url) as redis:
        return [key for name in ("sign_in", "account_mail") for key in redis.keys(f"limit:{name}*")]


def _forget(committed: Committed) -> None:
    with Redis.from_url(committed.settings.redis_url) as redis:
        for key in _counts(committed):
            redis.delete(key)


@pytest.fixture
def browser(committed: Committed) -> Callable[..., FlaskClient]:
    """A browser of a network, with limits on."""

    app = committed.client(turnout_rate_limits="on", secret_key=SECRET.decode()).application

    def make(network: str = "192.0.2.1") -> FlaskClient:
        client = forms_from_here(app)
        client.environ_base["REMOTE_ADDR"] = network
        return client

    return make


def attempt(client: FlaskClient, email: str = "manizha@example.org", password: str = "wrong") -> int:
    return client.post("/account/sign-in", data={"email": email, "password": password}).status_code


@pytest.mark.usefixtures("cheap", "owner")
def test_all_spellings_of_an_address_count_as_one_account(browser) -> None:
    client = browser()
    answers = [attempt(client, SPELLINGS[number % len(SPELLINGS)]) for number in range(11)]
    assert answers == [401] * 10 + [429]
    assert attempt(client, SPELLINGS[3], PASSWORD) == 429


@pytest.mark.usefixtures("cheap", "owner")
def test_an_account_is_guessed_at_thirty_times_an_hour_from_however_many_networks(browser) -> None:
    answers = [attempt(browser(f"192.0.2.{number}"), SPELLINGS[number % len(SPELLINGS)]) for number in range(33)]
    assert answers == [401] * 30 + [429] * 3


@pytest.mark.usefixtures("cheap", "owner")
def test_a_text_that_is_not_an_address_counts_as_written(browser) -> None:
    client = browser()
    answers = [attempt(client, text) for text in ("ａdmin", "ADMIN", "admin ") * 4]
    assert answers == [401] * 10 + [429] * 2


@pytest.mark.usefixtures("cheap", "owner")
def test_strangers_who_guess_lock_out_neither_a_known_browser_nor_the_emailed_link(browser) -> None:
    known = browser("192.0.2.7")
    assert attempt(known, password=PASSWORD) == 303
    for number in range(31):
        attempt(browser(f"198.51.100.{number}"))
    elsewhere = browser("192.0.2.8")
    assert attempt(elsewhere, password=PASSWORD) == 429
    assert attempt(known, password=PASSWORD) == 303
    assert elsewhere.post("/account/sign-in/link", data={"email": "manizha@example.org"}).status_code == 303


@pytest.mark.usefixtures("cheap", "owner")
def test_a_known_browser_is_limited_too_and_known_for_its_own_account_only(browser, committed: Committed) -> None:
    with committed.sessions.begin() as db:
        make_account(db, email="stranger@example.org", password_hash=password_hash())
    stranger = browser("192.0.2.9")
    assert attempt(stranger, "stranger@example.org", PASSWORD) == 303
    for number in range(30):
        attempt(browser(f"198.51.100.{number}"))
    assert attempt(stranger) == 429
    forged = tokens.make(b"another secret that is long enough", "known_browser", id=1, version=1)
    stranger.set_cookie("known_browser", forged)
    assert attempt(stranger) == 429
    answers = [attempt(stranger, "stranger@example.org") for _ in range(11)]
    assert answers[0] == 401
    assert answers[10] == 429


@pytest.mark.usefixtures("cheap", "owner")
def test_a_forgetful_owner_of_fifty_wrong_passwords_in_a_day_still_signs_in(browser, committed: Committed) -> None:
    client = browser()
    for _ in range(5):
        assert [attempt(client) for _ in range(10)] == [401] * 10
        with Redis.from_url(committed.settings.redis_url) as redis:
            # An hour later: nothing is remembered for longer.
            assert 0 < max(redis.ttl(key) for key in _counts(committed)) <= 3600
        _forget(committed)
    assert attempt(client, password=PASSWORD) == 303


@pytest.mark.usefixtures("cheap", "owner")
def test_the_right_password_resets_the_counts_of_its_account(browser) -> None:
    client = browser()
    for _ in range(4):
        assert [attempt(client) for _ in range(9)] == [401] * 9
        assert attempt(client, password=PASSWORD) == 303


@pytest.mark.usefixtures("cheap", "owner")
def test_at_the_limit_the_page_says_what_to_do(browser) -> None:
    client = browser()
    for _ in range(10):
        attempt(client)
    answer = client.post("/account/sign-in", data={"email": "manizha@example.org", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Request a link by email" in answer.text
    assert 'href="/account/sign-in/link"' in answer.text
    assert 'value="manizha@example.org"' in answer.text
    assert PASSWORD not in answer.text


@pytest.mark.usefixtures("cheap", "owner")
def test_switched_off_nothing_is_limited(committed: Committed) -> None:
    client = committed.client()
    assert [attempt(client) for _ in range(40)] == [401] * 40
    assert all(limit.count <= 30 for limit in ACCOUNT_LIMITS)


def test_while_many_sign_in_the_page_says_to_try_again(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> bool:
        raise Busy("signing_in")

    monkeypatch.setattr(passwords, "matches", busy)
    answer = client.post("/account/sign-in", data={"email": "manizha@example.org", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert "Many people are signing in. Try again in a few seconds." in answer.text
    assert 'value="manizha@example.org"' in answer.text
    assert "is wrong" not in answer.text


# Security events


@pytest.mark.usefixtures("cheap")
def test_a_wrong_password_is_logged_with_the_account_and_never_its_address(client: FlaskClient, db: Session) -> None:
    account = make_account(db, email="manizha@example.org", password_hash=password_hash())
    with capture_logs() as logs:
        for email in (SPELLINGS[3], "nobody@example.org", "no address", "\0"):
            attempt(client, email)
    noted = [line for line in logs if line["event"] == "security"]
    assert [line["security"] for line in noted] == ["wrong_password"] * 4
    assert [line["account_id"] for line in noted] == [account.id, 0, 0, 0]
    assert "example" not in str(noted)


def test_a_wrong_code_is_logged_and_counted_although_its_page_is_a_refusal(browser, committed: Committed) -> None:
    with committed.sessions.begin() as db:
        account = make_account(db)
        second_factors.start(db, account=account, password="", secrets=(SECRET,))
        account.totp_since = clock.now()
    end = int(clock.now().timestamp()) + 60
    pending = tokens.make(SECRET, "second_factor", id=account.id, version=1, end=end)
    for client, counts in ((committed.client(), False), (browser(), True)):
        with capture_logs() as logs:
            answer = client.post("/account/sign-in/code", data={"pending": pending, "code": "1"})
        assert answer.status_code == 422
        assert [line["account_id"] for line in logs if line.get("security") == "wrong_code"] == [account.id]
        with committed.sessions.begin() as db:
            until = db.scalars(select(Account.wrong_codes_until).where(Account.id == account.id)).one()
            assert (until is not None) is counts


# Asking for the password again


def test_a_browser_left_signed_in_cannot_set_a_second_factor_up_without_the_password(
    client: FlaskClient, db: Session
) -> None:
    account = make_account(db, password_hash=password_hash())
    client.set_cookie("sign_in", make_sign_in(db, account))
    assert 'id="start-password"' in client.get("/account/second-factor/").text
    for form in ({}, {"password": "a wrong password"}):
        answer = client.post("/account/second-factor/start", data=form)
        assert (answer.status_code, "This is not your current password. Try again." in answer.text) == (422, True)
        assert "a wrong password" not in answer.text
    db.refresh(account)
    assert account.totp_secret is None


# The demo


def test_a_demo_account_made_before_signs_in_nowhere_but_on_its_own_machine(committed: Committed) -> None:
    load(committed.settings)
    local = committed.client()
    assert attempt(local, DEMO, PRINTED) == 303
    assert local.get("/organize/").status_code == 200

    public = committed.client(base_url=PUBLIC, secret_key=SECRET.decode())
    wrong = public.post("/account/sign-in", data={"email": DEMO, "password": "wrong"}, base_url=PUBLIC)
    right = public.post("/account/sign-in", data={"email": DEMO, "password": PRINTED}, base_url=PUBLIC)
    assert (right.status_code, right.text) == (wrong.status_code, wrong.text)
    assert right.status_code == 401
    assert "Set-Cookie" not in right.headers
    assert public.get("/account/first", base_url=PUBLIC).status_code == 200

    with committed.sessions.begin() as db:
        account = db.scalars(select(Account).where(Account.email == DEMO)).one()
        sign_in = sign_ins.start(db, account=account)
    end = int(clock.now().timestamp()) + 60
    for purpose, path in (("sign_in_link", "sign-in/link"), ("reset", "reset")):
        token = tokens.make(SECRET, purpose, id=account.id, version=account.version, end=end)
        form = {"password": "another password"}
        assert public.post(f"/account/{path}/{token}", data=form, base_url=PUBLIC).status_code == 401
    pending = tokens.make(SECRET, "second_factor", id=account.id, version=account.version, end=end)
    form = {"pending": pending, "code": "1"}
    assert public.post("/account/sign-in/code", data=form, base_url=PUBLIC).status_code == 401
    public.set_cookie("__Host-sign_in", sign_in, domain="turnout.example", secure=True)
    assert public.get("/organize/", base_url=PUBLIC).status_code == 401
    local.set_cookie("sign_in", sign_in)
    assert local.get("/organize/").status_code == 200
