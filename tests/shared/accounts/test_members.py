"""Members of an organization: invited, joined, changed, removed, and never without an owner."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts import accounts, members
from shared.errors import Conflicting, Invalid, Missing, NotAllowed
from shared.models import Account, Audit, Invitation, Organization, OutboxMessage
from tests.factories import make_account, make_organization


@pytest.fixture
def organization(db: Session) -> Organization:
    return make_organization(db)


@pytest.fixture
def owner(db: Session, organization: Organization) -> Account:
    return make_account(db, organization=organization, role="owner")


def invite(db: Session, owner: Account, organization: Organization, **changes: str) -> Invitation:
    values = {"email": "Colleague@Example.org", "role": "organizer", "language": "tg", **changes}
    return members.invite(db, by=owner, organization_id=organization.id, **values)


def role(db: Session, account: Account, organization: Organization) -> str | None:
    membership = accounts.membership(db, account_id=account.id, organization_id=organization.id)
    return membership.role if membership else None


def acts(db: Session, organization: Organization) -> list[str]:
    query = select(Audit.action).where(Audit.organization_id == organization.id)
    return list(db.scalars(query.order_by(Audit.id)))


def test_an_invitation_is_emailed_and_audited(db: Session, owner: Account, organization: Organization) -> None:
    asked = invite(db, owner, organization)
    [owed] = db.scalars(select(OutboxMessage)).all()
    assert (owed.kind, owed.subject, owed.key) == ("invitation", asked.id, "1")
    assert asked.email == "colleague@example.org"
    assert acts(db, organization) == ["member.invited"]


def test_members_and_invited_people_are_not_invited_again(
    db: Session, owner: Account, organization: Organization
) -> None:
    invite(db, owner, organization)
    for email, reason in (
        ("colleague@example.org", "invited_already"),
        (owner.email, "member_already"),
        ("x", "email"),
    ):
        with pytest.raises(Invalid) as refusal:
            invite(db, owner, organization, email=email)
        assert (refusal.value.field, refusal.value.reason) == ("email", reason)
    other_organization = make_organization(db)
    assert invite(db, make_account(db, organization=other_organization, role="owner"), other_organization).id


def test_open_invitations_of_an_organization_are_limited(
    db: Session, owner: Account, organization: Organization, monkeypatch
) -> None:
    monkeypatch.setattr(members, "MOST_OPEN", 2)
    for number in range(2):
        invite(db, owner, organization, email=f"{number}@example.org")
    with pytest.raises(Conflicting):
        invite(db, owner, organization, email="3@example.org")


def test_joining_uses_up_the_invitation(db: Session, owner: Account, organization: Organization) -> None:
    asked, colleague = invite(db, owner, organization), make_account(db)
    members.accept(db, invitation=asked, account=colleague)
    assert role(db, colleague, organization) == "organizer"
    with pytest.raises(Missing):
        members.accept(db, invitation=asked, account=make_account(db))
    assert acts(db, organization) == ["member.invited", "member.joined"]


@pytest.mark.parametrize(("before", "asked", "after"), [("owner", "viewer", "owner"), ("viewer", "owner", "owner")])
def test_an_existing_member_keeps_the_higher_role(
    db: Session, owner: Account, organization: Organization, before: str, asked: str, after: str
) -> None:
    member = make_account(db, organization=organization, role=before)
    members.accept(db, invitation=invite(db, owner, organization, role=asked), account=member)
    assert role(db, member, organization) == after


def test_an_invitation_ends_after_seven_days_when_revoked_and_when_resent(
    db: Session, owner: Account, organization: Organization
) -> None:
    asked = invite(db, owner, organization)
    args = {"by": owner, "organization_id": organization.id, "invitation_id": asked.id}
    with time_machine.travel(clock.now() + timedelta(days=8)):
        with pytest.raises(Missing):
            members.accept(db, invitation=asked, account=make_account(db))
        members.send_again(db, **args)
        now = clock.now()
        assert members.invitation(db, invitation_id=asked.id, version=1, now=now) is None
        assert members.invitation(db, invitation_id=asked.id, version=2, now=now) is asked
    members.revoke_invitation(db, **args)
    for act in (members.revoke_invitation, members.send_again):
        with pytest.raises(Missing):
            act(db, **args)
    keys = db.scalars(select(OutboxMessage.key).order_by(OutboxMessage.key)).all()
    assert keys == ["1", "2"]


def test_an_invitation_of_another_organization_is_missing(
    db: Session, owner: Account, organization: Organization
) -> None:
    invitation, other_organization = invite(db, owner, organization), make_organization(db)
    stranger = make_account(db, organization=other_organization, role="owner")
    for act in (members.revoke_invitation, members.send_again):
        with pytest.raises(Missing):
            act(db, by=stranger, organization_id=other_organization.id, invitation_id=invitation.id)


def test_roles_change_and_members_are_removed(db: Session, owner: Account, organization: Organization) -> None:
    member = make_account(db, organization=organization, role="viewer")
    here = {"by": owner, "organization_id": organization.id, "account_id": member.id}
    members.change_role(db, **here, role="organizer")
    assert role(db, member, organization) == "organizer"
    members.remove(db, **here)
    assert role(db, member, organization) is None
    with pytest.raises(Missing):
        members.remove(db, **here)
    assert acts(db, organization) == ["member.role_changed", "member.removed"]


def test_the_last_owner_stays(db: Session, owner: Account, organization: Organization) -> None:
    here = {"by": owner, "organization_id": organization.id, "account_id": owner.id}
    for act in (lambda: members.change_role(db, **here, role="viewer"), lambda: members.remove(db, **here)):
        with pytest.raises(Conflicting) as refusal:
            act()
        assert refusal.value.reason == "last_owner"
    members.change_role(db, **here, role="owner")
    second_owner = make_account(db, organization=organization, role="owner")
    members.remove(db, **here)
    assert role(db, second_owner, organization) == "owner"


def test_a_former_owner_changes_nothing(db: Session, owner: Account, organization: Organization) -> None:
    organizer = make_account(db, organization=organization, role="organizer")
    with pytest.raises(NotAllowed):
        members.change_role(db, by=organizer, organization_id=organization.id, account_id=owner.id, role="viewer")
