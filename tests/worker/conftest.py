"""A mail server, settings that name it, and the emails that arrive there."""

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.config import Settings
from shared.models import Event, OutboxMessage, Registration
from shared.outbox import outbox
from tests.support.email_server import Postbox, open_postbox
from tests.support.email_stories import KEYS, STORIES, event_for
from worker.deliveries import prepare
from worker.email_message import Email
from worker.mailer import Mailer

Carry = Callable[[OutboxMessage], EmailMessage]
Post = Callable[..., EmailMessage]
Tell = Callable[..., EmailMessage]


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """Run a mail server that accepts everything."""
    with open_postbox() as box:
        yield box


@pytest.fixture
def mailing(settings: Settings, postbox: Postbox) -> Settings:
    """Return settings whose emails arrive in the postbox."""
    return settings.model_copy(update={"smtp_url": postbox.url, "base_url": "https://turnout.example"})


def enqueued_message(
    db: Session, registration: Registration, kind: str = "registration_confirmed", key: str = ""
) -> OutboxMessage:
    """Return the message of a kind to a registration, as an operation enqueued it or as one would."""
    outbox.enqueue(db, kind, subject=registration.id, key=key)
    return db.query(OutboxMessage).filter_by(subject=registration.id, kind=kind, key=key).one()


@pytest.fixture
def carry(db: Session, mailing: Settings, postbox: Postbox) -> Carry:
    """Return a function that sends a message and returns the email that arrived."""

    def send(owed: OutboxMessage) -> EmailMessage:
        mail = prepare(db, owed, mailing)
        assert isinstance(mail, Email), mail
        with Mailer(mailing) as mailer:
            mailer.send(mail, message_id=owed.id)
        return postbox.accepted[-1]

    return send


@pytest.fixture
def post(db: Session, carry: Carry) -> Post:
    """Return a function that sends a registration an email of a kind and returns the email that arrived."""

    def send(registration: Registration, kind: str = "registration_confirmed", key: str = "") -> EmailMessage:
        return carry(enqueued_message(db, registration, kind, key))

    return send


@pytest.fixture
def tell(db: Session, post: Post) -> Tell:
    """Return a function that plays the story of a message kind until its email arrives, and returns the email."""

    def live_and_post(kind: str, event: Event | None = None, **who: Any) -> EmailMessage:
        event = event or event_for(db, kind)
        registration = STORIES[kind](db, event, **{"language": "en", "name": "Шариф", **who})
        return post(registration, kind, KEYS.get(kind, ""))

    return live_and_post
