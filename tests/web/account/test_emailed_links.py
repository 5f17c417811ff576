"""Emailed links: they show on GET and act on POST, once; no one learns that an address has an account."""

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shared import clock, tokens
from shared.accounts import accounts, members
from shared.config import Settings
from shared.models import Account, OutboxMessage, SignIn
from tests.conftest import Committed, Statements
from tests.factories import SECRET, make_account, make_organization
from worker.deliveries import prepare
from worker.email_message import Email, Skipped

EMAIL, PASSWORD = "manizha@example.org", "a good password"


@pytest.fixture(autouse=True)
def account(db: Session) -> Account:
    return accounts.create(db, email=EMAIL, name="Manizha", password=PASSWORD)


def mailed(db: Session, settings: Settings) -> str:
    """Return the path of the link in the newest email."""
    message = db.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at.desc(), OutboxMessage.id)).first()
    assert message is not None
    email = prepare(db, message, settings)
    assert isinstance(email, Email), email
    return email.text.split(settings.base_url)[1].split()[0]


def signed_in(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(SignIn).where(SignIn.revoked_at.is_(None))) or 0


@pytest.mark.parametrize("path", ["/account/sign-in/link", "/account/reset"])
def test_asking_is_answered_alike_and_by_the_same_work_with_and_without_an_account(
    client: FlaskClient, db: Session, settings: Settings, statements: Statements, path: str
) -> None:
    with statements() as with_account:
        answers = [client.post(path, data={"email": EMAIL})]
    with statements() as without_account:
        answers.append(client.post(path, data={"email": "nobody@example.org"}))
    assert with_account == without_account
    messages = db.scalars(select(OutboxMessage).order_by(OutboxMessage.subject)).all()
    assert [type(prepare(db, message, settings)) for message in messages] == [Skipped, Email]
    assert {(answer.status_code, answer.headers["Location"], answer.text) for answer in answers} == {
        (303, "/account/sent", answers[0].text)
    }
    assert client.get("/account/sent").status_code == 200


@pytest.mark.parametrize("path", ["/account/sign-in/link", "/account/reset"])
def test_an_invalid_address_is_reported_at_the_field(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data={"email": "nonsense"})
    assert answer.status_code == 422
    assert "This is not an email address" in answer.text
    assert 'value="nonsense"' in answer.text


def test_a_link_signs_in_once_and_an_email_scanner_does_not_use_it_up(
    client: FlaskClient, db: Session, settings: Settings
) -> None:
    client.post("/account/sign-in/link", data={"email": EMAIL})
    path = mailed(db, settings)
    for _ in range(3):
        page = client.get(path)
        assert (page.status_code, signed_in(db)) == (200, 0)
        assert page.text.count("<button") == 1 + 3  # and the three languages
        assert page.headers["Cache-Control"] == "no-store"
    assert client.post(path).headers["Location"] == "/organize/"
    assert client.get("/organize/").status_code == 200
    again = client.post(path)
    assert again.status_code == 401
    assert "This link no longer works" in again.text
    assert client.get(path).status_code == 401


def test_a_link_expires_after_half_an_hour(client: FlaskClient, db: Session, settings: Settings) -> None:
    client.post("/account/sign-in/link", data={"email": EMAIL})
    path = mailed(db, settings)
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        assert client.post(path).status_code == 401
    assert client.post(path).status_code == 303


@pytest.mark.parametrize("token", ["x", "1.1.1.x", "9" * 400])
def test_a_forged_link_is_invalid(client: FlaskClient, token: str) -> None:
    for path in ("/account/sign-in/link/", "/account/reset/"):
        assert client.get(path + token).status_code == 401
        assert client.post(path + token, data={"password": "another password"}).status_code == 401


def test_a_sign_in_link_cannot_set_a_password(client: FlaskClient, db: Session, settings: Settings) -> None:
    client.post("/account/sign-in/link", data={"email": EMAIL})
    token = mailed(db, settings).rpartition("/")[2]
    assert client.post(f"/account/reset/{token}", data={"password": "another password"}).status_code == 401


def test_a_password_is_reset_once_and_signs_out_every_browser(
    client: FlaskClient, db: Session, settings: Settings
) -> None:
    client.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD})
    client.post("/account/reset", data={"email": EMAIL})
    path = mailed(db, settings)
    assert client.get(path).status_code == 200
    short = client.post(path, data={"password": "short"})
    assert (short.status_code, "8 to 200" in short.text, "short" in short.text.split("<form")[1]) == (422, True, False)
    chosen = client.post(path, data={"password": "another password"})
    assert chosen.headers["Location"] == "/account/sign-in?said=reset&next=/organize/"
    assert signed_in(db) == 0
    assert client.get("/organize/").status_code == 401
    assert client.post(path, data={"password": "a third password"}).status_code == 401
    assert client.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD}).status_code == 401
    assert client.post("/account/sign-in", data={"email": EMAIL, "password": "another password"}).status_code == 303


def test_a_link_asks_for_the_second_factor_too(
    client: FlaskClient, db: Session, settings: Settings, account: Account
) -> None:
    account.totp_secret, account.totp_since = b"sealed", clock.now()
    db.flush()
    client.post("/account/sign-in/link", data={"email": EMAIL})
    answer = client.post(mailed(db, settings))
    assert (answer.status_code, signed_in(db)) == (200, 0)
    assert 'name="pending"' in answer.text


def test_an_emailed_link_leads_an_invited_person_to_the_invitation(
    client: FlaskClient, db: Session, settings: Settings, account: Account
) -> None:
    organization = make_organization(db)
    owner = make_account(db, organization=organization, role="owner")
    body = {"organization_id": organization.id, "email": EMAIL.upper(), "role": "viewer", "language": "tg"}
    invitation = members.invite(db, by=owner, **body)
    path = f"/account/invitation/{tokens.make(SECRET, 'invitation', id=invitation.id, version=1)}"

    def use(way: str) -> TestResponse:
        db.execute(delete(OutboxMessage))
        client.post(f"/account/{way}", data={"email": EMAIL})
        db.refresh(account)
        return client.post(mailed(db, settings), data={"password": "another password"})

    chosen = use("reset")
    assert chosen.headers["Location"] == f"/account/sign-in?said=reset&next={path}"
    assert f'name="next" value="{path}"' in client.get(chosen.headers["Location"]).text
    assert use("sign-in/link").headers["Location"] == path
    assert client.post(path).status_code == 303
    assert use("sign-in/link").headers["Location"] == "/organize/"


def test_emails_and_guesses_are_limited(committed: Committed) -> None:
    client = committed.client(turnout_rate_limits="on", secret_key=SECRET.decode())
    statuses = [client.post("/account/reset", data={"email": "Limited@example.org"}).status_code for _ in range(6)]
    assert statuses == [303] * 5 + [429]
    pending = tokens.make(SECRET, "second_factor", id=987_654, version=1, end=int(clock.now().timestamp()) + 60)
    guesses = [client.post("/account/sign-in/code", data={"pending": pending}).status_code for _ in range(11)]
    assert (guesses[:10], guesses[10]) == ([401] * 10, 429)
    firsts = [client.post("/account/first", data={"code": "x"}).status_code for _ in range(11)]
    assert (firsts[:10], firsts[10]) == ([422] * 10, 429)
