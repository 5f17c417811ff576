"""Deliveries of the outbox, on real commits and a mail server on a real socket."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text, update
from sqlalchemy.orm import Session

from shared import clock
from shared.database import make_engine, make_sessions
from shared.models import FailureReason, OutboxMessage, Registration
from shared.outbox import outbox
from shared.registrations import new_registration, self_service
from tests.conftest import Committed
from tests.factories import make_event, make_registration
from tests.support.email_server import Postbox
from worker.mailer import Mailer
from worker.tasks.outbox import deliver

Promised = Callable[..., list[int]]
Delivering = Callable[[], Counter[str]]


@pytest.fixture
def enqueued(committed: Committed) -> Promised:
    """Return a function that adds registrations of one event, each with its ticket email queued; it returns the ids."""

    def make(count: int = 1, **overrides: Any) -> list[int]:
        with committed.sessions.begin() as db:
            event = make_event(db, capacity=500)
            registrations = [make_registration(db, event, code=None, **overrides) for _ in range(count)]
            for registration in registrations:
                outbox.enqueue(db, "registration_confirmed", subject=registration.id)
            return [registration.id for registration in registrations]

    return make


@pytest.fixture
def deliver_due(committed: Committed, postbox: Postbox) -> Delivering:
    """Run one tick of a worker."""
    settings = committed.settings.model_copy(update={"smtp_url": postbox.url})
    at_once = make_sessions(committed.engine.execution_options(isolation_level="AUTOCOMMIT"))

    def tick() -> Counter[str]:
        with Mailer(settings) as mailer:
            until = clock.now() + timedelta(seconds=60)
            return Counter(deliver(committed.sessions, settings, mailer, until=until, at_once=at_once))

    return tick


def change(committed: Committed, **values: Any) -> None:
    with committed.sessions.begin() as db:
        db.execute(update(OutboxMessage).values(**values))


def only_message(committed: Committed) -> OutboxMessage:
    with committed.sessions() as db:
        return db.scalars(select(OutboxMessage)).one()


def test_a_queued_ticket_is_emailed_once(committed, enqueued, deliver_due, postbox):
    enqueued()
    assert deliver_due() == {"sent": 1}
    assert deliver_due() == {}
    message = only_message(committed)
    assert (message.outcome, message.attempts, message.leased_until) == ("sent", 1, None)
    assert message.finished_at is not None
    assert len(postbox.accepted) == 1


@pytest.fixture
def costs(committed: Committed) -> Iterator[Counter[str]]:
    """Count the transactions and the statements of a test; a statement on AUTOCOMMIT has none of its own."""
    counted = Counter[str]()

    def begin(connection: Connection) -> None:
        counted["transactions"] += connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT"

    def execute(*_: object) -> None:
        counted["statements"] += 1

    hooks = {"begin": begin, "before_cursor_execute": execute}
    for name, hook in hooks.items():
        event.listen(committed.engine, name, hook)
    yield counted
    for name, hook in hooks.items():
        event.remove(committed.engine, name, hook)


@pytest.mark.parametrize(
    ("overrides", "result", "transactions", "statements"),
    [({}, "sent", 1, 7), ({"email": None, "phone": "+992900000001"}, "skipped", 1, 4)],
)
def test_what_an_email_costs_the_database(enqueued, deliver_due, costs, overrides, result, transactions, statements):
    enqueued(**overrides)
    costs.clear()
    assert deliver_due() == {result: 1}
    costs.subtract(statements=1)  # the last claim finds nothing
    assert costs == {"transactions": transactions, "statements": statements}


def test_a_registration_by_the_operation_is_emailed(committed, deliver_due, postbox):
    with committed.sessions.begin() as db:
        slug = make_event(db).slug
    asked = new_registration.NewRegistration(
        name="Манижа", language="tg", email="manizha@example.org", companions=("Шариф",)
    )
    with committed.sessions.begin() as db:
        self_service.register(db, slug=slug, new_registration=asked)
    assert deliver_due() == {"sent": 1}
    assert postbox.recipients == ["manizha@example.org"]


def test_without_an_address_nothing_is_emailed_and_the_code_is_drawn(committed, enqueued, deliver_due, postbox):
    [registration_id] = enqueued(email=None, phone="+992900000001")
    assert deliver_due() == {"skipped": 1}
    assert only_message(committed).outcome == "skipped: no address"
    assert postbox.accepted == []
    with committed.sessions() as db:
        registration = db.get_one(Registration, registration_id)
    assert registration.code is not None
    assert registration.qr.startswith("<svg")


def test_a_cancelled_registration_is_not_confirmed_by_email(committed, enqueued, deliver_due, postbox):
    [registration_id] = enqueued()
    with committed.sessions.begin() as db:
        self_service.cancel(db, registration_id=registration_id, by="self")
    assert deliver_due() == {"skipped": 1, "sent": 1}
    with committed.sessions() as db:
        outcomes = {message.kind: message.outcome for message in db.scalars(select(OutboxMessage))}
    assert outcomes == {
        "registration_confirmed": "skipped: not confirmed any more",
        "place_given_up": "sent",
    }
    [message] = postbox.accepted
    assert "Чипта" not in message["Subject"]


def test_a_refused_email_is_retried_later_each_time_with_the_same_id(committed, enqueued, deliver_due, postbox):
    enqueued()
    postbox.refuse("451 4.7.1 come back later")
    delays = []
    for _ in range(3):
        change(committed, due_at=clock.now() - timedelta(seconds=1))
        before = clock.now()
        assert deliver_due() == {"failed": 1}
        message = only_message(committed)
        assert message.failure == FailureReason.NOT_NOW
        assert "(451, b'4.7.1 come back later')" in message.outcome
        delays.append((message.due_at - clock.now(), message.due_at - before))
    for delay, (since_after, since_before) in zip((15, 30, 60), delays, strict=True):
        assert since_after <= timedelta(seconds=delay) <= since_before
    postbox.refuse(None)
    change(committed, due_at=clock.now() - timedelta(seconds=1))
    assert deliver_due() == {"sent": 1}
    message = only_message(committed)
    assert (message.outcome, message.failure) == ("sent", None)
    assert postbox.message_ids == [f"<{message.id}@127.0.0.1>"]


def test_an_unconfirmed_email_is_sent_again_with_the_same_id(enqueued, deliver_due, postbox, committed):
    enqueued()
    deliver_due()
    change(committed, finished_at=None, outcome=None)
    deliver_due()
    first, second = postbox.message_ids
    assert first == second


@pytest.mark.parametrize(
    ("answer", "is_dead"),
    [
        ("550 5.1.1 no such mailbox", True),
        ("552 5.2.2 over quota", True),
        ("554 5.7.1 blocked", True),
        ("450 4.2.1 busy", False),
    ],
)
def test_an_address_refused_for_good_fails_soon(committed, enqueued, deliver_due, postbox, answer: str, is_dead: bool):
    enqueued()
    postbox.refuse(answer)
    for _ in range(4):
        assert only_message(committed).dead_at is None
        change(committed, due_at=clock.now() - timedelta(seconds=1))
        assert deliver_due() == {"failed": 1}
    assert (only_message(committed).dead_at is not None) is is_dead


def test_an_email_refused_for_its_content_is_retried(committed, enqueued, deliver_due, postbox):
    async def full() -> str:
        return "550 5.4.5 Daily user sending limit exceeded"

    enqueued()
    postbox.at_content = full
    for _ in range(5):
        change(committed, due_at=clock.now() - timedelta(seconds=1))
        assert deliver_due() == {"failed": 1}
    message = only_message(committed)
    assert message.failure == FailureReason.EMAIL_REFUSED
    assert message.outcome == "(550, b'5.4.5 Daily user sending limit exceeded')"
    assert message.dead_at is None


def test_a_message_fails_after_the_last_attempt(committed, enqueued, deliver_due, postbox):
    enqueued()
    postbox.refuse("451 4.3.2 not now")
    change(committed, attempts=outbox.ATTEMPTS - 1)
    assert deliver_due() == {"failed": 1}
    assert only_message(committed).dead_at is not None
    change(committed, due_at=clock.now() - timedelta(seconds=1))
    assert deliver_due() == {}


def test_the_last_attempt_that_took_its_worker_along_is_buried(committed, enqueued):
    enqueued()
    change(committed, attempts=outbox.ATTEMPTS, leased_until=clock.now() - timedelta(seconds=1))
    with committed.sessions.begin() as db:
        assert outbox.claim(db) is None
        assert outbox.mark_failed(db) == 1
    assert only_message(committed).dead_at is not None


def test_one_broken_message_does_not_hold_up_the_others(committed, enqueued, deliver_due, postbox):
    [broken, *_] = enqueued(3)
    with committed.sessions.begin() as db:
        db.execute(update(Registration).where(Registration.id == broken).values(short_code=None, ticket_id="f" * 16))
        db.execute(text("UPDATE registration SET code = repeat('Я', 400) WHERE id = :id"), {"id": broken})
    assert deliver_due() == {"failed": 1, "sent": 2}


def test_a_secret_that_did_not_make_the_key_is_named(committed, enqueued, postbox):
    enqueued()
    settings = committed.settings.model_copy(update={"smtp_url": postbox.url, "secret_key": "another" * 10})
    settings.__dict__.pop("secrets", None)
    with Mailer(settings) as mailer:
        outcomes = list(deliver(committed.sessions, settings, mailer, until=clock.now() + timedelta(seconds=60)))
    assert outcomes == ["failed"]
    message = only_message(committed)
    assert message.failure == FailureReason.KEY_MISSING
    assert message.outcome.startswith("SECRET_KEY did not make the ticket key")


def test_urgent_messages_go_first_whenever_they_were_queued(committed, enqueued, deliver_due, postbox):
    slow, fast = enqueued(2)
    with committed.sessions.begin() as db:
        db.execute(
            update(OutboxMessage)
            .where(OutboxMessage.subject == slow)
            .values(priority=9, due_at=clock.now() - timedelta(1))
        )
        addresses = [db.get_one(Registration, id_).email for id_ in (fast, slow)]
    deliver_due()
    assert postbox.recipients == addresses


def test_several_workers_send_each_message_once(enqueued, deliver_due, postbox):
    enqueued(24)
    together = threading.Barrier(4)
    outcomes: Counter[str] = Counter()

    def work() -> None:
        together.wait(10)
        outcomes.update(deliver_due())

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert outcomes == {"sent": 24}
    assert len(set(postbox.message_ids)) == len(postbox.accepted) == 24


def test_a_row_that_another_worker_is_claiming_is_passed_over(committed, enqueued):
    enqueued(2)
    with committed.sessions.begin() as worker, committed.sessions.begin() as other_worker:
        first, second = outbox.claim(worker), outbox.claim(other_worker)
        assert first.id != second.id
        assert outbox.claim(other_worker) is None


def test_a_claimed_row_comes_back_only_when_its_lease_is_over(committed, enqueued):
    enqueued()
    assert claim(committed.sessions).attempts == 1
    assert claim(committed.sessions) is None
    change(committed, leased_until=clock.now() - timedelta(seconds=1))
    assert claim(committed.sessions).attempts == 2


def claim(sessions: Callable[[], Session]) -> OutboxMessage | None:
    with sessions.begin() as db:
        return outbox.claim(db)


def test_no_transaction_is_open_while_the_mail_server_is_asked(committed, enqueued, deliver_due, postbox):
    enqueued()
    states: list[str] = []

    async def look() -> str:
        with committed.engine.connect() as connection:
            busy = "state <> 'idle' AND datname = current_database() AND pid <> pg_backend_pid()"
            states.extend(connection.scalars(text(f"SELECT state FROM pg_stat_activity WHERE {busy}")))
        return "250 2.0.0 accepted"

    postbox.at_content = look
    assert deliver_due() == {"sent": 1}
    assert states == []


def test_a_sent_email_is_recorded_though_the_database_hung_up(committed, enqueued, deliver_due, postbox):
    enqueued()
    operator = make_engine(committed.settings)

    async def hang_up_on_everybody() -> str:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        with operator.begin() as connection:
            cut = connection.scalars(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
            assert any(cut)
        return "250 2.0.0 accepted"

    postbox.at_content = hang_up_on_everybody
    assert deliver_due() == {"sent": 1}
    operator.dispose()
    assert only_message(committed).outcome == "sent"
    assert len(postbox.accepted) == 1
