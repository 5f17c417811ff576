"""One id leads from a click to the worker and to what the email server said."""

from datetime import timedelta

import pytest
from structlog.contextvars import clear_contextvars, merge_contextvars
from structlog.testing import capture_logs

from shared import clock
from shared.models import OutboxMessage
from shared.outbox import outbox
from shared.outbox.kinds import MessageKind
from tests.conftest import Committed
from tests.factories import make_event
from tests.support.email_server import Postbox
from tests.support.registration_form import GOOD
from worker.mailer import Mailer
from worker.tasks.outbox import deliver

CLICK = "a-click-of-somebody"


@pytest.fixture
def registered(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        make_event(db, slug="talks")
    answer = committed.client().post("/en/e/talks/registrations", data=GOOD, headers={"X-Request-Id": CLICK})
    assert answer.status_code == 303


def test_the_email_of_a_registration_is_sent_under_the_id_of_its_request(
    committed: Committed, registered: None, postbox: Postbox
) -> None:
    settings = committed.settings.model_copy(update={"smtp_url": postbox.url})
    with capture_logs(processors=[merge_contextvars]) as lines, Mailer(settings) as mailer:
        assert list(deliver(committed.sessions, settings, mailer, until=clock.now() + timedelta(minutes=1))) == ["sent"]
    [line] = [line for line in lines if line["event"] == "sent"]
    with committed.sessions() as db:
        message = db.query(OutboxMessage).one()
    assert (line["request_id"], line["message"]) == (CLICK, str(message.id))
    assert line["answer"]


def test_the_answer_of_the_email_server_is_logged_without_addresses(
    committed: Committed, registered: None, postbox: Postbox
) -> None:
    async def accept() -> str:
        return "250 2.0.0 jahongir@example.org has it as 4F2A"

    postbox.after_content = accept
    settings = committed.settings.model_copy(update={"smtp_url": postbox.url})
    with capture_logs() as lines, Mailer(settings) as mailer:
        list(deliver(committed.sessions, settings, mailer, until=clock.now() + timedelta(minutes=1)))
    assert [line["answer"] for line in lines if line["event"] == "sent"] == ["2.0.0 has it as 4F2A"]


def test_what_no_request_enqueued_has_no_id(committed: Committed) -> None:
    clear_contextvars()  # a thread keeps those of its last request
    with committed.sessions.begin() as db:
        outbox.enqueue(db, MessageKind.REGISTRATION_CONFIRMED, subject=1)
        outbox.enqueue_each(db, MessageKind.REGISTRATION_CONFIRMED, subjects=[2])
        assert {message.request_id for message in db.query(OutboxMessage)} == {None}
