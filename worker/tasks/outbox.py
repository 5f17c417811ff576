"""Sending messages, one at a time: claim, prepare and finish each on its own, send in no transaction."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy.exc import OperationalError
from structlog.contextvars import bound_contextvars

from shared import clock, heartbeats
from shared.config import Settings
from shared.models import FailureReason, OutboxMessage
from shared.outbox import budgets, outbox, outcomes, system_status
from shared.outbox.kinds import AT_MOST_ONCE
from worker import stopping
from worker.app import Sessions, app, at_once, sessions
from worker.configuration import settings
from worker.deliveries import prepare
from worker.email_message import Delayed, Skipped
from worker.failures import reason_of
from worker.lease_keeper import LeaseKeeper
from worker.mailer import Mailer

log = structlog.get_logger(__name__)

TICK = timedelta(seconds=20)
"""The duration of one tick; its last email may take an email's full time on top."""
UNKNOWN = "the worker ended"
ATTEMPTS_AT_NOBODY = 4
"""How often the worker tries an address that the mail server refuses for good: over two minutes."""


@app.task(name="outbox.deliver_due")
def deliver_due() -> None:
    """Deliver due messages, the most urgent first, until none is left, the tick is over or the worker is to stop."""
    with sessions().begin() as db:
        system_status.record_heartbeat(db, heartbeats.WORKER)
    with Mailer(settings()) as mailer:
        delivered = Counter(deliver(sessions(), settings(), mailer, until=clock.now() + TICK, at_once=at_once()))
    if delivered:
        log.info("delivered", **delivered)


@app.task(name="outbox.mark_failed")
def mark_failed() -> None:
    """Mark messages whose process died on the last attempt, so that organizers see them; delete budgets that are full
    again.
    """
    with sessions().begin() as db:
        buried = outbox.mark_failed(db)
        budgets.delete_full(db)
    if buried:
        log.error("buried", messages=buried)


def deliver(
    sessions: Sessions, settings: Settings, mailer: Mailer, *, until: datetime, at_once: Sessions | None = None
) -> Iterator[str]:
    """Deliver one message after the other; yield the result of each: "sent", "skipped", "delayed" or "failed".

    `at_once` are sessions on AUTOCOMMIT for the claim and the record that it was sent, which are one statement each.
    """
    single = at_once or sessions
    with LeaseKeeper(partial(_renew, single), mailer.cut) as keeper:
        while clock.now() < until and not stopping.is_asked():
            with single.begin() as db:
                message = outbox.claim(db)
            if message is None:
                return
            with keeper.hold(message), bound_contextvars(request_id=message.request_id, message=str(message.id)):
                result = _deliver(sessions, settings, mailer, message)
                if result == "sent":
                    _finish(single, message.id)
            yield result


def _deliver(sessions: Sessions, settings: Settings, mailer: Mailer, message: OutboxMessage) -> str:
    """Prepare and send a message; record whatever becomes of it, except that it was sent."""
    if message.handed_at:
        # Its process ended between the two: only a person can decide whether to risk a second email.
        _give_back(sessions, message, FailureReason.UNANSWERED, UNKNOWN)
        return "failed"
    try:
        with sessions.begin() as db:
            email = prepare(db, message, settings)
            if isinstance(email, Delayed):
                outbox.delay(db, message.id, email.until)
                return "delayed"
            if isinstance(email, Skipped):
                outbox.finish(db, message.id, outcomes.skipped(email.why))
                return "skipped"
        answer = mailer.send(email, message_id=message.id, handing_over=partial(_hand_over, sessions, message))
    except Exception as error:
        # The text may contain an address, so it is for the organizer's page and not for the log.
        log.warning("failed", attempt=message.attempts, error=type(error).__name__)
        _give_back(sessions, message, reason_of(error), str(error))
        return "failed"
    log.info("sent", answer=" ".join(word for word in answer.split() if "@" not in word))
    return "sent"


def _renew(sessions: Sessions, message: OutboxMessage) -> bool:
    with sessions.begin() as db:
        return outbox.renew(db, message.id, attempts=message.attempts)


def _hand_over(sessions: Sessions, message: OutboxMessage) -> None:
    if message.kind in AT_MOST_ONCE:
        with sessions.begin() as db:
            outbox.mark_sending(db, message.id)


def _give_back(sessions: Sessions, message: OutboxMessage, failure: FailureReason, detail: str) -> None:
    with sessions.begin() as db:
        outbox.retry(db, message.id, failure, detail, attempts=_worth(message, failure))


def _worth(message: OutboxMessage, failure: FailureReason) -> int:
    """Return the number of attempts worth making: an address that is refused for good should reach the organizer's call
    list soon, and not in two days. Not at once, since servers are also misconfigured for some minutes. A message that
    no one may get twice is not retried where it may have been sent.
    """
    if message.kind in AT_MOST_ONCE and failure == FailureReason.UNANSWERED:
        return message.attempts
    return ATTEMPTS_AT_NOBODY if failure in outcomes.RECIPIENT_REFUSED_FOR_GOOD else outbox.ATTEMPTS


def _finish(sessions: Sessions, message_id: UUID) -> None:
    try:
        _finish_once(sessions, message_id)
    except OperationalError:
        # The email is out: a connection that died meanwhile (PostgreSQL restarted) must not cause a second one.
        _finish_once(sessions, message_id)


def _finish_once(sessions: Sessions, message_id: UUID) -> None:
    with sessions.begin() as db:
        outbox.finish(db, message_id, outcomes.SENT)
