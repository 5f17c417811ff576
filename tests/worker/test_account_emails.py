"""Emails to organizers: each on a real mail server, in each language, and not when it is too late."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from itertools import combinations
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from shared import clock, i18n, tokens
from shared.accounts import sign_ins
from shared.config import LANGUAGES, Settings
from shared.models import Account, Invitation, OutboxMessage
from shared.models.account import DEMO_DOMAIN
from shared.outbox import outbox
from tests.factories import make_account, make_organization
from tests.support.received_email import links_of, page_of, text_of
from tests.worker.conftest import Carry
from web.organizer.audit.texts import ACTS
from worker import account_emails
from worker.deliveries import prepare
from worker.email_message import Email, Skipped

KINDS = ("sign_in_link", "password_reset", "account_notice", "invitation")
NOT_LINKED = ("account_notice",)
"""Its link has no token: its reader asks for one."""
PURPOSES = {"sign_in_link": "sign_in_link", "password_reset": "reset", "invitation": "invitation"}
every_kind = pytest.mark.parametrize("kind", KINDS)
Owe = Callable[..., OutboxMessage]
ACCOUNTS = Path(sign_ins.__file__).parent


def end(minutes: float = 30) -> int:
    return int((clock.now() + timedelta(minutes=minutes)).timestamp())


def invite(db: Session, **overrides: object) -> Invitation:
    columns = {"email": "guest@example.org", "role": "organizer", "expires_at": clock.now() + timedelta(days=7)}
    columns["organization_id"] = make_organization(db).id
    invitation = Invitation(**{**columns, **overrides})
    db.add(invitation)
    db.flush()
    db.refresh(invitation)
    return invitation


def owe(db: Session, kind: str, *, language: str = "en", email: str = "guest@example.org") -> OutboxMessage:
    """Enqueue an email about a new account, or about an invitation."""
    if kind == "invitation":
        subject, key = invite(db, language=language, email=email).id, "1"
    else:
        key = "account.password_changed 1" if kind == "account_notice" else f"1.{end()}"
        subject = make_account(db, language=language, email=email, name="Шариф").id
    outbox.enqueue(db, kind, subject=subject, key=key)
    return db.query(OutboxMessage).filter_by(kind=kind, subject=subject).one()


@pytest.fixture
def arrive(db: Session, carry: Carry) -> Callable[..., EmailMessage]:
    return lambda kind, **who: carry(owe(db, kind, **who))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in NOT_LINKED])
def test_it_brings_one_link_whose_token_is_good_for_this_only(arrive, mailing: Settings, kind: str) -> None:
    message = arrive(kind)
    [link] = links_of(message)
    token = link.rpartition("/")[2]
    assert link.startswith("https://turnout.example/account/")
    for purpose in PURPOSES.values():
        read = (
            tokens.verify(mailing.secrets, purpose, token)
            if purpose == "invitation"
            else tokens.verify_until(mailing.secrets, purpose, token, now=clock.now())
        )
        assert (read is not None) == (purpose == PURPOSES[kind])


@every_kind
def test_it_is_in_the_language_that_was_chosen_and_no_line_of_it_in_another(arrive, kind: str) -> None:
    letters = [arrive(kind, language=language, email=f"{language}@example.org") for language in LANGUAGES]
    assert [letter["Content-Language"] for letter in letters] == list(LANGUAGES)
    assert len({letter["Subject"] for letter in letters}) == len(LANGUAGES)
    for lines, other_lines in combinations(({*text_of(letter).splitlines()} for letter in letters), 2):
        assert lines & other_lines <= {"", "-- "}


@every_kind
def test_it_says_the_same_as_text_and_as_a_page_and_shows_what_it_brings(arrive, kind: str) -> None:
    message = arrive(kind)
    for words in (text_of(message), page_of(message)):
        assert "Hello" in words
        assert not {"{{", "{%", "%(", "None"} & set(words.split())
    assert "\n\n\n" not in text_of(message).replace("\r", "")
    assert "cid:cover.png@turnout" in page_of(message)
    assert message["List-Unsubscribe"] is None


@pytest.mark.parametrize("action", account_emails.NOTICES)
def test_a_notice_says_what_happened_and_leads_to_another_password(db: Session, mailing: Settings, action: str) -> None:
    sign_ins.notify(db, account=make_account(db, language="en"), action=action)
    mail = prepare(db, db.query(OutboxMessage).one(), mailing)
    assert isinstance(mail, Email)
    with i18n.use_language("en"):
        happened = i18n.gettext(account_emails.NOTICES[action])
    for words in (mail.text, mail.html):
        assert happened in words
        assert "https://turnout.example/account/reset" in words
        assert "If it was not you" in words


def test_every_act_that_is_noted_has_its_words() -> None:
    noted = re.findall(
        r'\bnotify\([^)]*action="([a-z._]+)"', "".join(path.read_text() for path in ACCOUNTS.glob("*.py"))
    )
    assert set(noted) == account_emails.NOTICES.keys() <= ACTS.keys()


@pytest.mark.parametrize("kind", ["sign_in_link", "password_reset", "account_notice"])
def test_a_demo_account_is_emailed_nothing_where_the_service_is_public(
    db: Session, mailing: Settings, kind: str
) -> None:
    owed = owe(db, kind, email=f"organizer@{DEMO_DOMAIN}")
    assert isinstance(prepare(db, owed, mailing), Skipped)


def test_an_invitation_comes_from_the_organization_and_explains_the_role(arrive) -> None:
    message = arrive("invitation")
    assert message["From"].addresses[0].display_name == "Peshraft"
    assert "Peshraft invites you" in text_of(message)
    assert "create and edit events" in text_of(message)


@pytest.mark.parametrize(("role", "organizes"), [("owner", True), ("organizer", True), ("viewer", False)])
def test_only_owners_and_organizers_are_invited_to_organize(
    db: Session, mailing: Settings, role: str, organizes: bool
) -> None:
    asked = invite(db, role=role)
    outbox.enqueue(db, "invitation", subject=asked.id, key="1")
    mail = prepare(db, db.query(OutboxMessage).filter_by(kind="invitation").one(), mailing)
    assert isinstance(mail, Email)
    for words in (mail.subject, mail.text, mail.html):
        assert bool(re.search(r"\borganize\b", words)) is organizes
        assert ("to see" in words) is not organizes


@pytest.mark.parametrize(
    ("key", "why"), [("1.1", "too late"), (f"2.{end()}", "another link was used meanwhile")], ids=["late", "used"]
)
def test_a_link_that_would_be_refused_is_not_emailed(db: Session, mailing: Settings, key: str, why: str) -> None:
    account: Account = make_account(db)
    outbox.enqueue(db, "sign_in_link", subject=account.id, key=key)
    assert prepare(db, db.query(OutboxMessage).filter_by(subject=account.id).one(), mailing) == Skipped(why)


@pytest.mark.parametrize("gone", [{"accepted_at": clock.now()}, {"withdrawn_at": clock.now()}], ids=list)
def test_a_closed_invitation_is_not_emailed(db: Session, mailing: Settings, gone: dict) -> None:
    asked = invite(db, **gone)
    outbox.enqueue(db, "invitation", subject=asked.id, key="1")
    assert prepare(db, db.query(OutboxMessage).one(), mailing) == Skipped("not open any more")


@every_kind
def test_a_deleted_person_gets_no_email(db: Session, mailing: Settings, kind: str) -> None:
    outbox.enqueue(db, kind, subject=999_999, key=f"1.{end()}")
    assert isinstance(prepare(db, db.query(OutboxMessage).one(), mailing), Skipped)
