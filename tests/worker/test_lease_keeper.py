"""A lease ends soon after its worker and never before; a stop and a lost lease end a delivery that waits."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from shared import clock
from shared.models import OutboxMessage
from shared.outbox import outbox
from tests.conftest import Committed
from tests.factories import make_event, make_registration
from tests.support.email_server import Postbox
from tests.support.hold import Hold, hold
from worker import lease_keeper, stopping
from worker.mailer import Mailer
from worker.tasks.outbox import deliver

__all__ = ["hold"]
Delivery = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def delivery(committed: Committed, postbox: Postbox, hold: Hold, monkeypatch: pytest.MonkeyPatch) -> Delivery:
    """Return a block in which the mail server lets the first of two tickets wait; it yields the results."""
    monkeypatch.setattr(lease_keeper, "_LOOK_EVERY", 0.02)
    postbox.at_recipient = hold
    settings = committed.settings.model_copy(update={"smtp_url": postbox.url})
    with committed.sessions.begin() as db:
        event = make_event(db)
        for _ in range(2):
            outbox.enqueue(db, "registration_confirmed", subject=make_registration(db, event, code=None).id)
    results: list[str] = []

    def run() -> None:
        with Mailer(settings) as mailer:
            results.extend(deliver(committed.sessions, settings, mailer, until=clock.now() + timedelta(seconds=60)))

    @contextmanager
    def waiting() -> Iterator[list[str]]:
        thread = threading.Thread(target=run)
        thread.start()
        assert hold.reached.wait(30)
        yield results
        thread.join(30)
        assert not thread.is_alive()

    return waiting


def leases(committed: Committed) -> list[float]:
    """Return the seconds until each lease ends."""
    left = text("SELECT extract(epoch FROM leased_until - now()) FROM outbox WHERE leased_until IS NOT NULL")
    with committed.sessions() as db:
        return [float(seconds) for seconds in db.scalars(left)]


def attempts(committed: Committed) -> list[int]:
    with committed.sessions() as db:
        return sorted(db.scalars(select(OutboxMessage.attempts)))


@pytest.fixture
def asked() -> Iterator[Callable[[], None]]:
    """Return what asks the worker of this process to stop; afterwards it is not asked."""
    yield stopping.ask
    stopping._asked[0] = 0


def until(fact: Callable[[], bool]) -> None:
    for _ in range(500):
        if fact():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it did not happen")


def test_emails_of_a_killed_worker_are_due_within_a_minute(
    committed: Committed, delivery: Delivery, hold: Hold
) -> None:
    with delivery():
        assert all(seconds < 45 for seconds in leases(committed))
        hold.let_go.set()


def test_the_lease_of_an_email_that_takes_long_is_renewed(
    committed: Committed, delivery: Delivery, hold: Hold, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_keeper, "RENEWED_EVERY", 0.1)
    with delivery() as results:
        with committed.sessions.begin() as db:
            db.execute(text("UPDATE outbox SET leased_until = now() + interval '9 s' WHERE leased_until IS NOT NULL"))
        until(lambda: min(leases(committed)) > 30)
        hold.let_go.set()
    assert results == ["sent", "sent"]
    assert len(postbox.accepted) == 2


@pytest.mark.parametrize(
    "loss", ["UPDATE outbox SET leased_until = now() - interval '1 s'", "UPDATE outbox SET attempts = attempts + 1"]
)
def test_an_email_whose_lease_is_lost_is_cut(
    committed: Committed, delivery: Delivery, postbox: Postbox, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    monkeypatch.setattr(lease_keeper, "RENEWED_EVERY", 0.1)
    monkeypatch.setattr(lease_keeper, "LOST_AFTER", 0.5)
    with delivery() as results, committed.sessions.begin() as db:
        db.execute(text(f"{loss} WHERE leased_until IS NOT NULL"))
    assert "failed" in results
    assert len(postbox.accepted) < 3


def test_a_worker_that_is_to_stop_cuts_the_email_that_waits_and_begins_no_other(
    committed: Committed,
    delivery: Delivery,
    postbox: Postbox,
    monkeypatch: pytest.MonkeyPatch,
    asked: Callable[[], None],
) -> None:
    monkeypatch.setattr(lease_keeper, "FINISHED_WITHIN", 0.1)
    with delivery() as results:
        asked()
    assert results == ["failed"]
    assert attempts(committed) == [0, 1]
    assert leases(committed) == []
    assert postbox.accepted == []


def test_a_worker_that_is_to_stop_finishes_the_email_that_is_soon_sent(
    committed: Committed, delivery: Delivery, hold: Hold, postbox: Postbox, asked: Callable[[], None]
) -> None:
    with delivery() as results:
        asked()
        hold.let_go.set()
    assert results == ["sent"]
    assert len(postbox.accepted) == 1
