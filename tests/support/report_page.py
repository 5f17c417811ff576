"""The page of a report, and the partner's link on it."""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared.models import Event
from tests.factories import make_account, make_sign_in


def sign_in(client: FlaskClient, db: Session, event: Event, role: str = "viewer") -> None:
    account = make_account(db, organization=event.organization, role=role)
    client.set_cookie("sign_in", make_sign_in(db, account))


def address(event: Event) -> str:
    return f"/organize/events/{event.id}/report"


def link_of(client: FlaskClient, event: Event) -> str:
    page = client.get(address(event)).text
    return page.partition('readonly value="http://127.0.0.1:8000')[2].partition('"')[0]
