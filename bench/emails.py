"""The worker beside its limit: tickets of the registrations before it, each with QR code, PDF and calendar entry."""

import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, TextClause, text

from bench import parts, statements
from bench.service import Service
from bench.table import Cost, Row
from shared.command.mailbox import KEPT
from shared.command.processes import CannotStart

PATIENCE_SECONDS = 60
PARTS = (b"image/png", b"application/pdf", b"text/calendar")
"""The media types of a ticket's email, beside its text."""

_SENT = text("SELECT count(*) FROM outbox WHERE outcome = 'sent'")
_OTHERS = text("SELECT count(*) FROM outbox WHERE outcome <> 'sent' OR attempts > 1")
_WAITING = text("SELECT count(*) FROM outbox WHERE finished_at IS NULL AND dead_at IS NULL")
_LEASED = text("SELECT count(*) FROM outbox WHERE finished_at IS NULL AND leased_until > now()")
_FORGET = text("DELETE FROM outbox WHERE finished_at IS NULL AND (leased_until IS NULL OR leased_until < now())")


def measure(service: Service, mailbox: Path, seconds: float) -> tuple[Row, list[str]]:
    """Measure how fast the worker sends what is queued, then empty the queue. Raises CannotStart."""
    _wait_for("the first email", lambda: _number(service.engine, _SENT) > 0)
    before, sent_before, began = parts.sample(), _number(service.engine, _SENT), time.monotonic()
    time.sleep(seconds)
    _wait_for("another email", lambda: _number(service.engine, _SENT) > sent_before)
    sent = _number(service.engine, _SENT) - sent_before
    rate = sent / (time.monotonic() - began)
    usage = parts.used(before)
    counted, executed = statements.count(service, lambda: _send_more(service.engine, seconds / 5))
    faults = [] if _number(service.engine, _WAITING) else ["the queue ran empty: too few registrations came before"]
    faults += empty_queue(service.engine, mailbox)
    row = Row(
        measure="emails",
        clients=service.plan.processes if service.plan else 0,
        per_second=rate,
        cost=Cost.of(usage, sent),
        statements=executed.statements / max(1, counted),
        round_trips=executed.round_trips / max(1, counted),
        kb=_size(mailbox),
    )
    return row, [f"emails: {fault}" for fault in faults]


def _send_more(engine: Engine, seconds: float) -> int:
    before = _number(engine, _SENT)
    time.sleep(seconds)
    return _number(engine, _SENT) - before


def empty_queue(engine: Engine, mailbox: Path) -> list[str]:
    """Delete what the worker has not begun, wait for the rest, and return what is wrong with the emails.

    Raises CannotStart.
    """
    with engine.begin() as connection:
        connection.execute(_FORGET)
    _wait_for("the last email", lambda: not _number(engine, _LEASED))
    sent, emails = _number(engine, _SENT), list(mailbox.glob("*.eml"))
    faults = [] if len(emails) == min(sent, KEPT) else [f"{sent} were sent, {len(emails)} arrived"]
    if others := _number(engine, _OTHERS):
        faults.append(f"{others} were not sent at the first attempt")
    # The mailbox may delete the oldest meanwhile.
    content = max(emails).read_bytes()
    return faults + [f"an email without {part.decode()}" for part in PARTS if part not in content]


def _size(mailbox: Path) -> float:
    return max(mailbox.glob("*.eml")).stat().st_size / 1000


def _wait_for(what: str, is_there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_there():
        if time.monotonic() > deadline:
            raise CannotStart(f"{what} did not come within {PATIENCE_SECONDS} s")
        time.sleep(0.02)


def _number(engine: Engine, query: TextClause) -> int:
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())
