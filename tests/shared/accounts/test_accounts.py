"""Accounts: one per address, a sign-in per browser, the same answer to every wrong guess."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts import accounts, sign_ins
from shared.accounts.accounts import membership
from shared.accounts.sign_ins import of_account as live
from shared.accounts.sign_ins import signed_in
from shared.errors import Invalid, Unidentified
from shared.models import Account, SignIn
from tests.factories import make_organization


@pytest.fixture
def account(db: Session) -> Account:
    return accounts.create(db, email="Zarina@Example.org", name="Зарина", password="correct horse")


def test_an_address_has_one_account_however_it_is_spelt(db: Session, account: Account) -> None:
    with pytest.raises(Invalid) as refusal:
        accounts.create(db, email="zarina@example.ORG", name="Z", password="another one")
    assert refusal.value.field == "email"


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
def test_a_password_too_short_or_too_long_is_invalid(db: Session, password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        accounts.create(db, email="a@example.org", name="A", password=password)
    assert refusal.value.field == "password"


def test_signing_in_returns_a_token_that_is_stored_as_its_digest(db: Session, account: Account) -> None:
    identified = sign_ins.by_password(db, email="zarina@example.org", password="correct horse")
    token = sign_ins.start(db, account=identified, browser="Firefox")
    assert signed_in(db, token=token, now=clock.now()).account_id == account.id
    assert token.encode() not in db.scalars(select(SignIn.token_hash)).one()


@pytest.mark.parametrize(
    ("email", "password"),
    [("zarina@example.org", "wrong"), ("nobody@example.org", "correct horse"), ("nonsense", "correct horse")],
)
def test_a_wrong_address_and_a_wrong_password_are_refused_alike(
    db: Session, account: Account, email: str, password: str
) -> None:
    with pytest.raises(Unidentified) as refusal:
        sign_ins.by_password(db, email=email, password=password)
    assert refusal.value.reason == "sign_in"


def test_a_sign_in_ends_when_asked_and_after_two_weeks(db: Session, account: Account) -> None:
    token, other_token = (sign_ins.start(db, account=account) for _ in range(2))
    sign_ins.sign_out(db, token=token)
    with pytest.raises(Unidentified):
        signed_in(db, token=token, now=clock.now())
    assert signed_in(db, token=other_token, now=clock.now()).account_id == account.id
    with time_machine.travel(clock.now() + timedelta(days=15)), pytest.raises(Unidentified):
        signed_in(db, token=other_token, now=clock.now())


def test_a_browser_that_was_not_seen_for_a_week_is_signed_out(db: Session, account: Account) -> None:
    idle, used = (sign_ins.start(db, account=account) for _ in range(2))
    with time_machine.travel(clock.now() + timedelta(days=5)):
        sign_ins.note_seen(db, sign_in_id=signed_in(db, token=used, now=clock.now()).id, now=clock.now())
        assert signed_in(db, token=idle, now=clock.now()).account_id == account.id
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1)):
        assert signed_in(db, token=used, now=clock.now()).account_id == account.id
        with pytest.raises(Unidentified):
            signed_in(db, token=idle, now=clock.now())
        assert len(live(db, account_id=account.id, now=clock.now(), limit=9)) == 1


def test_joining_again_changes_the_role(db: Session, account: Account) -> None:
    organization = make_organization(db)
    accounts.join(db, organization=organization, account=account, role="viewer")
    accounts.join(db, organization=organization, account=account, role="owner")
    db.flush()
    member = membership(db, account_id=account.id, organization_id=organization.id)
    assert member is not None
    assert member.role == "owner"


@pytest.mark.parametrize("zone", ["Europe", "Factory"])
def test_an_organizations_zone_is_known_to_phones_too(db: Session, zone: str) -> None:
    with pytest.raises(Invalid) as refusal:
        accounts.add_organization(db, name="Зона", zone=zone, language="ru")
    assert (refusal.value.field, refusal.value.reason) == ("zone", "zone_unknown")
    assert accounts.add_organization(db, name="Зона", zone="Asia/Tashkent", language="ru").zone
