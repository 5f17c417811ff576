"""The account's page: profile, password, second factor, sign-ins and activity; and joining by an invitation."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.accounts import accounts, members, one_time_codes, second_factors
from shared.audit import audit
from shared.models import Account, Membership, SignIn
from tests.conftest import Statements
from tests.factories import SECRET, make_account, make_organization, make_sign_in
from web.account.own_account import name_of

EMAIL, PASSWORD = "manizha@example.org", "a good password"
FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0"


@pytest.fixture
def account(db: Session) -> Account:
    return accounts.create(db, email=EMAIL, name="Manizha", password=PASSWORD)


@pytest.fixture
def own(client: FlaskClient, db: Session, account: Account) -> FlaskClient:
    """The account's browser."""
    client.set_cookie("sign_in", make_sign_in(db, account))
    return client


def live(db: Session, account: Account) -> int:
    valid = (SignIn.account_id == account.id, SignIn.revoked_at.is_(None))
    return db.scalar(select(func.count()).select_from(SignIn).where(*valid)) or 0


# Profile and password


def test_name_and_language_are_changed_and_errors_are_at_their_fields(
    own: FlaskClient, db: Session, account: Account
) -> None:
    assert own.post("/account/profile", data={"name": " Манижа ", "language": "tg"}).status_code == 303
    db.refresh(account)
    assert (account.name, account.language) == ("Манижа", "tg")
    wrong = own.post("/account/profile", data={"name": "", "language": "xx"})
    assert wrong.status_code == 422
    assert "Enter a name." in wrong.text
    assert own.post("/account/profile", data={"name": "x" * 101, "language": "tg"}).status_code == 422


def test_a_password_is_changed_with_the_old_one_and_others_are_signed_out(
    own: FlaskClient, db: Session, account: Account
) -> None:
    make_sign_in(db, account)
    wrong = own.post("/account/password", data={"old": "wrong guess", "password": "another password"})
    assert (wrong.status_code, live(db, account)) == (422, 2)
    assert "wrong guess" not in wrong.text
    assert "another password" not in wrong.text
    right = own.post("/account/password", data={"old": PASSWORD, "password": "another password"})
    assert (right.status_code, live(db, account)) == (303, 1)
    assert own.get("/account/?said=password").status_code == 200


# Sign-ins


def test_sign_ins_are_listed_with_their_browser_and_ended(own: FlaskClient, db: Session, account: Account) -> None:
    make_sign_in(db, account, browser=FIREFOX)
    content = own.get("/account/").text
    assert "Firefox, Android" in content
    assert content.count("this browser") == 1
    [path] = re.findall(r'action="(/account/sign-ins/\d+/revoke)"', content)
    assert own.post(path).status_code == 303
    assert live(db, account) == 1
    make_sign_in(db, account)
    own.post("/account/sign-ins/revoke-others")
    assert live(db, account) == 1
    assert own.get("/account/").status_code == 200


def test_no_one_revokes_a_sign_in_of_another_account(own: FlaskClient, db: Session) -> None:
    stranger = make_account(db)
    make_sign_in(db, stranger)
    theirs = db.scalars(select(SignIn.id).where(SignIn.account_id == stranger.id)).one()
    own.post(f"/account/sign-ins/{theirs}/revoke")
    assert live(db, stranger) == 1


def test_the_last_use_of_a_browser_is_recorded_at_intervals(
    own: FlaskClient, db: Session, account: Account, statements: Statements
) -> None:
    with statements() as executed:
        own.get("/organize/")
    assert not [statement for statement in executed if statement.startswith("UPDATE")]
    later = clock.now() + timedelta(minutes=10)
    with time_machine.travel(later):
        own.get("/organize/")
    db.expire_all()
    assert db.scalars(select(SignIn.seen_at)).one() >= later


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/129.0 Safari/537.36 Edg/129.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/129.0 YaBrowser/24.10 Safari/537.36", "Yandex Browser, Linux"),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_a_browser_has_the_name_that_its_user_knows(user_agent: str, name: str) -> None:
    assert name_of(user_agent) == name


# Activity


def activities(page: str) -> list[str]:
    """Return the lines of an activity, without their times."""
    lines = re.findall(r'<li class="line">\s*<p class="quiet"><time.*?</p>(.*?)</li>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", line).split()) for line in lines]


def test_an_accounts_activity_is_shown_to_its_owner_only(own: FlaskClient, db: Session, account: Account) -> None:
    assert activities(own.get("/account/history").text) == []
    profile = {"name": "Manizha", "language": "tg"}
    own.post("/account/profile", data=profile)
    own.post("/account/profile", data=profile)
    make_sign_in(db, account)
    make_sign_in(db, account)
    [revoke, _] = re.findall(r'action="(/account/sign-ins/\d+/revoke)"', own.get("/account/").text)
    for path in (revoke, revoke, "/account/sign-ins/revoke-others", "/account/sign-ins/revoke-others"):
        own.post(path)
    own.post("/account/password", data={"old": PASSWORD, "password": "another password"})
    own.post("/account/password", data={"old": "wrong guess", "password": "another password"})
    secret, codes = set_up(own, "another password")
    for _ in range(2):
        own.post("/account/second-factor/codes", data={"password": "another password", "code": codes[0]})
    own.post("/account/second-factor/stop", data={"password": "another password", "code": next_code(secret)})
    page = own.get("/account/history").text
    assert activities(page) == [
        "Two-step verification turned off",
        "New recovery codes created; earlier codes no longer work",
        "Recovery code used",
        "Two-step verification turned on",
        "Password changed; all other browsers signed out",
        "Other browsers signed out: 1 browser",
        "Other browsers signed out: 1 browser",
        "Account edited: language",
    ]
    assert activities(own.get("/account/").text) == activities(page)[:5]
    assert secret not in page
    own.set_cookie("sign_in", make_sign_in(db, make_account(db, role="owner")))
    assert activities(own.get("/account/history").text) == []


def test_the_activity_names_a_reset_password_and_a_second_factor_that_the_operator_removed(
    own: FlaskClient, db: Session, account: Account
) -> None:
    set_up(own)
    db.refresh(account)
    second_factors.remove(db, account=account)
    second_factors.remove(db, account=account)
    accounts.reset_password(db, account_id=account.id, version=account.version, new="another password")
    own.set_cookie("sign_in", make_sign_in(db, account))
    assert activities(own.get("/account/history").text)[:2] == [
        "Password reset through an emailed link; all browsers signed out",
        "Two-step verification turned off by the Turnout administrator",
    ]


def test_a_long_activity_is_paged_at_the_same_cost(
    own: FlaskClient, db: Session, account: Account, statements: Statements
) -> None:
    with statements() as few:
        own.get("/account/")
    for _ in range(60):
        audit.note_own(db, account=account, action="account.edited", fields=["name"])
    with statements() as many:
        own.get("/account/")
    assert len(few) == len(many) == 4
    with statements() as executed:
        first = own.get("/account/history").text
    assert (len(executed), len(activities(first))) == (3, 50)
    match = re.search(r'rel="next" href="([^"]+)"', first)
    assert match
    assert len(activities(own.get(f"/account/history{match[1]}").text)) == 10


# The second factor


def secret_in(page: str) -> str:
    match = re.search(r'class="secret"><code>([A-Z2-7 ]+)</code>', page)
    assert match, page
    return match[1].replace(" ", "")


def set_up(own: FlaskClient, password: str = PASSWORD) -> tuple[str, list[str]]:
    """Set up a second factor like a browser; return its secret and the recovery codes."""
    own.post("/account/second-factor/start", data={"password": password})
    page = own.get("/account/second-factor/").text
    assert "<svg" in page
    secret = secret_in(page)
    code = one_time_codes.code_at(secret, clock.now())
    content = own.post("/account/second-factor/confirm", data={"code": code}).text
    return secret, re.findall(r"<code>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</code>", content)


def next_code(secret: str) -> str:
    """Return the code after the one that was used: valid already, and still in half a minute."""
    return one_time_codes.code_at(secret, clock.now() + timedelta(seconds=one_time_codes.STEP_SECONDS))


def pending_in(page: str) -> str:
    match = re.search(r'name="pending" value="([^"]+)"', page)
    assert match
    return match[1]


def test_a_second_factor_is_set_up_used_and_turned_off(own: FlaskClient, db: Session, account: Account) -> None:
    secret, codes = set_up(own)
    assert len(codes) == 10
    page = own.get("/account/second-factor/").text
    assert "10 recovery codes left" in page
    assert secret not in page
    assert codes[0] not in page
    own.post("/account/sign-out")
    before = live(db, account)

    first_step = own.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": "/account/"})
    assert (first_step.status_code, live(db, account)) == (200, before)
    assert "Set-Cookie" not in first_step.headers
    pending = pending_in(first_step.text)
    wrong = own.post("/account/sign-in/code", data={"pending": pending, "code": "12", "next": "/account/"})
    assert (wrong.status_code, live(db, account)) == (422, before)
    code = next_code(secret)
    right = own.post(
        "/account/sign-in/code", data={"pending": pending_in(wrong.text), "code": code, "next": "/account/"}
    )
    assert (right.status_code, right.headers["Location"], live(db, account)) == (303, "/account/", before + 1)
    assert own.post("/account/sign-in/code", data={"pending": pending, "code": code}).status_code == 422
    assert own.post("/account/sign-in/code", data={"pending": pending, "code": codes[0]}).status_code == 303

    renewed = own.post("/account/second-factor/codes", data={"password": PASSWORD, "code": codes[1]}).text
    assert codes[2] not in renewed
    assert own.post("/account/second-factor/stop", data={"password": PASSWORD, "code": codes[2]}).status_code == 422
    [*_, another] = re.findall(r"<code>([0-9A-Z-]{14})</code>", renewed)
    assert own.post("/account/second-factor/stop", data={"password": PASSWORD, "code": another}).status_code == 303
    assert own.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD}).status_code == 303


def test_a_wrong_recovery_code_is_reported_at_its_own_field(own: FlaskClient, db: Session) -> None:
    secret, codes = set_up(own)
    for at in ("stop", "codes"):
        answers = [
            own.post(f"/account/second-factor/{at}", data={"password": PASSWORD, "code": code}).text
            for code in ("ABCD-EFGH-JKMN", "1")
        ]
        sentences = [page.split(f'id="{at}-code-error">')[1].split("</p>")[0] for page in answers]
        assert ["not one of your recovery codes" in sentence for sentence in sentences] == [True, False]
    own.post("/account/sign-out")
    first_step = own.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD})
    for code in ("ABCD-EFGH-JKMN", next_code(secret)):
        answer = own.post("/account/sign-in/code", data={"pending": pending_in(first_step.text), "recovery": code})
        app, _, recovery = answer.text.partition('<details class="act-twice" open>')
        assert (answer.status_code, "autofocus" in app, "autofocus" in recovery) == (422, False, True)
        assert ('class="error"' in app, "clock on your phone" in answer.text, code in answer.text) == (
            False,
            False,
            False,
        )
        assert "This is not one of your recovery codes" in recovery.split('id="recovery-error">')[1].split("</p>")[0]
    good = {"pending": pending_in(first_step.text), "recovery": codes[0].lower()}
    assert [own.post("/account/sign-in/code", data=good).status_code for _ in range(2)] == [303, 422]


def test_setting_up_can_be_cancelled_and_does_not_change_an_active_second_factor(
    own: FlaskClient, db: Session, account: Account
) -> None:
    own.post("/account/second-factor/start", data={"password": PASSWORD})
    db.refresh(account)
    assert account.totp_secret is not None
    wrong = own.post("/account/second-factor/confirm", data={"code": "000"})
    assert wrong.status_code == 422
    assert own.post("/account/second-factor/stop").status_code == 303
    db.refresh(account)
    assert account.totp_secret is None
    set_up(own)
    db.refresh(account)
    sealed = account.totp_secret
    assert own.post("/account/second-factor/start", data={"password": PASSWORD}).status_code == 303
    db.refresh(account)
    assert account.totp_secret == sealed


def test_the_first_step_expires_after_ten_minutes_or_with_another_password(
    own: FlaskClient, db: Session, account: Account
) -> None:
    secret, _ = set_up(own)
    first_step = own.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD})
    pending = pending_in(first_step.text)
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        code = next_code(secret)
        assert own.post("/account/sign-in/code", data={"pending": pending, "code": code}).status_code == 401
    own.post("/account/password", data={"old": PASSWORD, "password": "another password"})
    code = next_code(secret)
    assert own.post("/account/sign-in/code", data={"pending": pending, "code": code}).status_code == 401
    forged = tokens.make(b"another secret that is long enough", "second_factor", id=account.id, version=2, end=2**40)
    assert own.post("/account/sign-in/code", data={"pending": forged, "code": code}).status_code == 401


# Invitations


@pytest.fixture
def invitation(db: Session) -> str:
    """The path of an invitation."""
    organization = make_organization(db)
    owner = make_account(db, organization=organization, role="owner", name="Некрӯз")
    row = members.invite(
        db, by=owner, organization_id=organization.id, email="guest@example.org", role="viewer", language="tg"
    )
    return f"/account/invitation/{tokens.make(SECRET, 'invitation', id=row.id, version=1)}"


def test_an_invitation_makes_an_account_and_signs_in(client: FlaskClient, db: Session, invitation: str) -> None:
    content = client.get(invitation)
    assert content.status_code == 200
    for words in ("Peshraft", "Некрӯз", "guest@example.org", "Can view events and figures"):
        assert words in content.text
    short = client.post(invitation, data={"name": "Гость", "password": "short"})
    assert (short.status_code, "Гость" in short.text) == (422, True)
    assert db.scalars(select(Account).where(Account.email == "guest@example.org")).one_or_none() is None
    assert client.post(invitation, data={"name": "Гость", "password": PASSWORD}).status_code == 303
    assert client.get("/organize/").status_code == 200
    created = db.scalars(select(Account).where(Account.email == "guest@example.org")).one()
    assert db.scalars(select(Membership.role).where(Membership.account_id == created.id)).one() == "viewer"
    again = client.get(invitation)
    assert (again.status_code, "no longer valid" in again.text) == (404, True)


def test_an_invitation_is_accepted_with_the_signed_in_account(
    own: FlaskClient, db: Session, account: Account, invitation: str
) -> None:
    assert EMAIL in own.get(invitation).text
    assert own.post(invitation).status_code == 303
    assert db.scalars(select(Membership.role).where(Membership.account_id == account.id)).one() == "viewer"


def test_an_invited_account_signs_in_first(client: FlaskClient, db: Session, invitation: str) -> None:
    accounts.create(db, email="guest@example.org", name="Guest", password=PASSWORD)
    content = client.get(invitation)
    assert f"/account/sign-in?next={invitation}" in content.text
    assert 'name="password"' not in content.text
    assert client.post(invitation, data={"name": "Guest", "password": "another password"}).status_code == 422
    signed = client.post(
        "/account/sign-in", data={"email": "guest@example.org", "password": PASSWORD, "next": invitation}
    )
    assert signed.headers["Location"] == invitation
    assert client.post(invitation).status_code == 303


def test_a_forged_invitation_is_invalid(client: FlaskClient) -> None:
    assert client.get("/account/invitation/1.1.xxxx").status_code == 404
    assert client.post("/account/invitation/1.1.xxxx").status_code == 404
