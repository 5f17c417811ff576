"""Registration as a browser does it, and the address of a registration's page."""

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shared import links, tokens
from shared.models import Registration
from tests.factories import SECRET

GOOD = {"name": "Ҷаҳонгир Раҳимов", "email": "jahongir@example.org"}
FIRST, SECOND = "A" * 22, "B" * 22


def send(client: FlaskClient, lang: str = "en", slug: str = "talks", **fields: str | list[str]) -> TestResponse:
    """Send the form of an event; fields that are not named are valid."""
    return client.post(f"/{lang}/e/{slug}/registrations", data={**GOOD, **fields})


def count(db: Session, table: type = Registration) -> int:
    """Return the number of rows in a table."""
    return db.scalar(select(func.count()).select_from(table)) or 0


def own_address(registration: Registration, lang: str = "en") -> str:
    """Return the address of a registration's page."""
    token = tokens.make(SECRET, "registration", id=registration.id, version=registration.version)
    return links.registration(lang, token)
