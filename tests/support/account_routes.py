"""Values of addresses and bodies about accounts, for tests/support/every_route.py."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.models import Event, Invitation
from tests.factories import SECRET, make_account

TOKENS = {
    "/account/sign-in/link/<token>": "sign_in_link",
    "/account/reset/<token>": "reset",
    "/account/invitation/<token>": "invitation",
}
"""The purpose of the token in the address of a rule."""


def values_of(db: Session, event: Event) -> dict[str, Any]:
    """Return a member and an invitation of the event's organization, and the tokens of emailed links."""
    member = make_account(db, organization=event.organization, role="viewer")
    end = int((clock.now() + timedelta(minutes=10)).timestamp())
    secrets = {
        purpose: tokens.make(SECRET, purpose, id=member.id, version=1, end=end)
        for purpose in ("sign_in_link", "reset", "second_factor")
    }
    invitation = Invitation(organization_id=event.organization_id, email="colleague@example.org", role="viewer")
    invitation.expires_at = clock.now() + timedelta(days=1)
    db.add(invitation)
    db.flush()
    secrets["invitation"] = tokens.make(SECRET, "invitation", id=invitation.id, version=1)
    numbers = {"organization_id": event.organization_id, "account_id": member.id, "sign_in_id": 1}
    return {**numbers, "invitation_id": invitation.id, **secrets}


def bodies_of(values: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return valid bodies."""
    invited = {"email": "new@example.org", "role": "viewer", "language": "tg"}
    return {
        "account.verify_code": {"data": {"pending": values["second_factor"], "code": "000000"}},
        "account_links.send_link": {"data": {"email": "somebody@example.org"}},
        "account_links.send_reset": {"data": {"email": "somebody@example.org"}},
        "account_links.reset": {"data": {"password": "a new password"}},
        "account_invitation.accept": {"data": {"name": "Ann", "password": "a new password"}},
        "account_own.change_profile": {"data": {"name": "Ann", "language": "tg"}},
        "account_own.change_password": {"data": {"old": "", "password": "a new password"}},
        "organizer_members.invite": {"data": invited},
        "organizer_members.change_role": {"data": {"role": "organizer"}},
    }
