"""The setting to count returning attendees, as an organization's owners see and change it."""

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import links
from shared.models import Organization, Visit
from tests.factories import make_account, make_event, make_organization, make_sign_in


def owner_of(db: Session, client: FlaskClient) -> Organization:
    organization = make_organization(db)
    account = make_account(db, organization=organization, role="owner")
    client.set_cookie("sign_in", make_sign_in(db, account))
    return organization


def test_an_owner_deletes_all_marks_and_starts_again(db: Session, client: FlaskClient) -> None:
    organization = owner_of(db, client)
    event = make_event(db, organization=organization)
    db.add(Visit(event_id=event.id, mark=b"m" * 32, organization_id=organization.id, at=event.starts_at))
    db.flush()
    page = links.returning(organization.id)
    assert "Delete everyone’s marks" in client.get(page).text
    assert client.post(f"{page}/forget").location == page
    assert db.scalars(select(Visit)).all() == []
    assert "Count returning attendees from now on" in client.get(page).text
    client.post(f"{page}/recognise")
    db.refresh(organization)
    assert organization.salt is not None
    assert "Delete everyone’s marks" in client.get(page).text
