"""The members page: for owners only, and only of their own organization."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Account, Invitation, Membership, Organization
from tests.conftest import Statements
from tests.factories import make_account, make_organization, make_sign_in


@pytest.fixture
def organization(db: Session) -> Organization:
    return make_organization(db)


@pytest.fixture
def boss(db: Session, organization: Organization) -> Account:
    return make_account(db, organization=organization, role="owner", name="Зарина")


@pytest.fixture
def base(organization: Organization) -> str:
    return f"/organize/organizations/{organization.id}/members"


@pytest.fixture
def owner(client: FlaskClient, db: Session, boss: Account) -> FlaskClient:
    client.set_cookie("sign_in", make_sign_in(db, boss))
    return client


INVITE = {"email": "colleague@example.org", "role": "organizer", "language": "ru"}


def test_an_invitation_is_sent_resent_and_revoked(owner: FlaskClient, db: Session, base: str) -> None:
    assert owner.post(f"{base}/invitations", data=INVITE).status_code == 303
    page = owner.get(f"{base}?said=invited").text
    assert "colleague@example.org" in page
    [invitation] = db.scalars(select(Invitation)).all()
    assert (invitation.language, invitation.role) == ("ru", "organizer")
    assert owner.post(f"{base}/invitations/{invitation.id}/again").status_code == 303
    db.refresh(invitation)
    assert invitation.version == 2
    assert owner.post(f"{base}/invitations/{invitation.id}/withdraw").status_code == 303
    assert owner.post(f"{base}/invitations/{invitation.id}/again").status_code == 404
    assert "colleague@example.org" not in owner.get(base).text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "nonsense"}, "This is not an email address"),
        ({"email": ""}, "This is not an email address"),
        ({"email": "ж@x.example"}, "This is not an email address"),
        ({"email": f"n@{'.'.join(['d' * 60] * 4)}.orgorgorgorg"}, "This is not an email address"),
        ({"role": "king"}, "Choose one of the options"),
        ({"language": "xx"}, "Choose one of the options"),
    ],
)
def test_an_invalid_invitation_is_refused_at_its_field(
    owner: FlaskClient, db: Session, base: str, change: dict[str, str], words: str
) -> None:
    answer = owner.post(f"{base}/invitations", data={**INVITE, **change})
    assert (answer.status_code, words in answer.text) == (422, True)
    assert db.scalars(select(Invitation)).all() == []


def test_roles_change_members_are_removed_and_the_last_owner_stays(
    owner: FlaskClient, db: Session, base: str, boss: Account, organization: Organization
) -> None:
    member = make_account(db, organization=organization, role="viewer", name="Некрӯз")
    assert owner.post(f"{base}/{member.id}/role", data={"role": "organizer"}).status_code == 303
    assert owner.post(f"{base}/{member.id}/role", data={"role": "king"}).status_code == 422
    db.expire_all()
    assert db.get_one(Membership, (organization.id, member.id)).role == "organizer"
    assert owner.post(f"{base}/{member.id}/remove").status_code == 303
    assert "Некрӯз" not in owner.get(base).text
    for path, form in (("role", {"role": "viewer"}), ("remove", {})):
        answer = owner.post(f"{base}/{boss.id}/{path}", data=form)
        assert (answer.status_code, "An organization must have an owner" in answer.text) == (409, True)
    assert owner.post(f"{base}/{member.id}/remove").status_code == 404


def test_an_owner_who_steps_down_is_redirected(
    owner: FlaskClient, db: Session, base: str, boss: Account, organization: Organization
) -> None:
    make_account(db, organization=organization, role="owner")
    answer = owner.post(f"{base}/{boss.id}/role", data={"role": "organizer"})
    assert answer.headers["Location"] == "/organize/"
    assert owner.get(base).status_code == 403


@pytest.mark.parametrize("role", ["organizer", "viewer"])
def test_the_page_is_for_owners(
    client: FlaskClient, db: Session, base: str, organization: Organization, role: str
) -> None:
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, organization=organization, role=role)))
    assert client.get(base).status_code == 403


def test_an_owner_of_two_organizations_sees_each_apart(
    owner: FlaskClient, db: Session, base: str, boss: Account
) -> None:
    organization = make_organization(db, name={"en": "Donish"})
    db.add(Membership(organization_id=organization.id, account_id=boss.id, role="owner"))
    make_account(db, organization=organization, role="viewer", name="Некрӯз")
    assert "Некрӯз" not in owner.get(base).text
    assert "Некрӯз" in owner.get(f"/organize/organizations/{organization.id}/members").text
    account = owner.get("/account/").text
    assert "Donish" in account
    assert "Peshraft" in account


def test_an_unknown_organization_is_not_found(owner: FlaskClient) -> None:
    assert owner.get("/organize/organizations/999999999/members").status_code == 404


def test_many_members_have_pages_and_need_the_same_statements(
    owner: FlaskClient, db: Session, base: str, organization: Organization, statements: Statements
) -> None:
    with statements() as few:
        owner.get(base)
    for number in range(60):
        make_account(db, organization=organization, role="viewer", name=f"Ҷон {number:02}")
    with statements() as many:
        first = owner.get(base).text
    assert len(few) == len(many) <= 5
    second = owner.get(f"{base}?page=2").text
    named = [re.findall(r"Ҷон \d\d", page) for page in (first, second)]
    assert len(set(named[0]) & set(named[1])) == 0
    assert len(set(named[0]) | set(named[1])) == 60
