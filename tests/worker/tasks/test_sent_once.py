"""A mailing reaches no one twice: an email of unknown outcome waits for an organizer's decision."""

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import literal, select

from shared import clock
from shared.config import Settings
from shared.models import FailureReason, Mailing, OutboxMessage
from shared.outbox import outbox
from tests.conftest import Committed
from tests.factories import make_event, make_registration
from tests.support.email_server import ACCEPTED, Postbox
from worker.mailer import Mailer
from worker.tasks.outbox import UNKNOWN, deliver


@pytest.fixture
def sending(committed: Committed, postbox: Postbox) -> Settings:
    return committed.settings.model_copy(update={"smtp_url": postbox.url})


def message(committed: Committed, kind: str) -> None:
    """Enqueue a mailing to a person, or their ticket."""
    with committed.sessions.begin() as db:
        event = make_event(db)
        registration = make_registration(db, event, code=None)
        texts = {"subject": {"tg": "Хабар"}, "body": {"tg": "Салом"}}
        mailing = Mailing(event_id=event.id, audience="everybody", due_at=clock.now(), **texts)
        db.add(mailing)
        db.flush()
        outbox.enqueue(db, kind, subject=registration.id, key=str(mailing.id) if kind == "mailing" else "")


def tick(committed: Committed, settings: Settings) -> Counter[str]:
    """Run one tick of a worker."""
    with Mailer(settings, deadline=10) as mailer:
        return Counter(deliver(committed.sessions, settings, mailer, until=clock.now() + timedelta(seconds=30)))


def only(committed: Committed) -> OutboxMessage:
    with committed.sessions() as db:
        return db.scalars(select(OutboxMessage)).one()


def test_an_email_whose_worker_died_while_sending_is_not_resent_automatically(
    committed: Committed, sending: Settings, postbox: Postbox
) -> None:
    message(committed, "mailing")
    with committed.sessions.begin() as db:
        claimed = outbox.claim(db)
        assert claimed is not None
        outbox.mark_sending(db, claimed.id)
        db.get_one(OutboxMessage, claimed.id).leased_until = clock.now() - timedelta(seconds=1)
    assert tick(committed, sending) == {"failed": 1}
    failed = only(committed)
    assert (failed.failure, failed.outcome, failed.dead_at is not None) == (FailureReason.UNANSWERED, UNKNOWN, True)
    assert postbox.accepted == []
    with committed.sessions.begin() as db:
        outbox.requeue(db, select(OutboxMessage.id, literal(1)))
    assert (only(committed).failure, only(committed).outcome) == (None, None)
    assert tick(committed, sending) == {"sent": 1}
    assert len(postbox.accepted) == 1


@pytest.mark.parametrize(("kind", "is_noted"), [("mailing", True), ("registration_confirmed", False)])
def test_it_is_noted_before_the_mail_server_has_it(
    committed: Committed, sending: Settings, postbox: Postbox, kind: str, is_noted: bool
) -> None:
    notes = []

    async def look() -> str:
        notes.append(only(committed).handed_at is not None)
        return ACCEPTED

    postbox.at_recipient = look
    message(committed, kind)
    assert tick(committed, sending) == {"sent": 1}
    assert notes == [is_noted]


@contextlib.contextmanager
def server_lost_at(word: bytes) -> Iterator[int]:
    """Run a mail server that hangs up on one client as soon as it reads that; return its port."""
    answers = {b"DATA": b"354 go on\r\n", b"EHLO": b"250 there\r\n"}
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client, client.makefile("rb") as lines:
                client.sendall(b"220 here\r\n")
                is_content = False
                for line in lines:
                    command = line[:4].upper()
                    if word in (command, line):
                        return
                    if not is_content:
                        client.sendall(answers.get(command, b"250 well\r\n"))
                    is_content = is_content or command == b"DATA"

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)


@pytest.mark.parametrize(
    ("kind", "lost_at", "is_given_up"),
    [
        ("mailing", b".\r\n", True),
        ("mailing", b"RCPT", False),
        ("registration_confirmed", b".\r\n", False),
    ],
)
def test_only_a_mailing_that_the_server_may_have_fails_at_once(
    committed: Committed, sending: Settings, kind: str, lost_at: bytes, is_given_up: bool
) -> None:
    message(committed, kind)
    with server_lost_at(lost_at) as port:
        lost = sending.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{port}"})
        assert tick(committed, lost) == {"failed": 1}
    assert (only(committed).dead_at is not None) is is_given_up
    assert only(committed).handed_at is None
