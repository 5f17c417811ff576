"""The outbox, the email budgets, and the heartbeats of the worker."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, SmallInteger, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column
from structlog.contextvars import get_contextvars

from shared.database import Base, Choice, Created, choice_check


class FailureReason(StrEnum):
    """Why an email could not be sent. The mail server's answer is beside it, as the message's outcome."""

    ADDRESS_REFUSED = "address_refused"
    RECIPIENT_REFUSED = "recipient_refused"
    """For another reason than the address: by the server's policy, for example."""
    EMAIL_REFUSED = "email_refused"
    """For its content or a quota: another day the server may accept it."""
    SENDER_REFUSED = "sender_refused"
    SIGN_IN_REFUSED = "sign_in_refused"
    MAILBOX_FULL = "mailbox_full"
    MAILBOX_FULL_NOW = "mailbox_full_now"
    NOT_NOW = "not_now"
    """The server refuses temporarily: 4yz (RFC 5321)."""
    UNANSWERED = "unanswered"
    """It is unknown whether the server has the email."""
    ADDRESS_INVALID = "address_invalid"
    ADDRESS_UNSUPPORTED = "address_unsupported"
    SERVER_NOT_FOUND = "server_not_found"
    SERVER_UNREACHABLE = "server_unreachable"
    SERVER_TIMEOUT = "server_timeout"
    CERTIFICATE_WRONG = "certificate_wrong"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_CLOSED = "connection_closed"
    KEY_MISSING = "key_missing"
    DATABASE_UNREACHABLE = "database_unreachable"
    OTHER = "other"


def request_id() -> str | None:
    """Return the id in the log lines of the request that this thread answers; None outside a request."""
    return get_contextvars().get("request_id")


class OutboxMessage(Base):
    """A side effect, enqueued in the transaction that made it necessary. Its id becomes the email's Message-ID."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "key"),
        choice_check("failure", FailureReason),
        Index("ix_outbox_mailing", "key", postgresql_where=text("kind = 'mailing'")),
        Index("ix_outbox_dead", "dead_at", postgresql_where=text("dead_at IS NOT NULL")),
        Index("ix_outbox_due", "priority", "due_at", postgresql_where=text("finished_at IS NULL AND dead_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    kind: Mapped[str]
    subject: Mapped[int]
    """The id of the row that it is about."""
    key: Mapped[str] = mapped_column(server_default="")
    """Distinguishes occasions of the same kind and subject."""
    before: Mapped[dict[str, Any] | None]
    """For news of a changed event: its time and place before, as events.when_and_where() writes them."""
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="5")
    """Lower goes first: 1 a ticket, 5 news, 9 a mailing to everyone."""
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    exempt: Mapped[bool] = mapped_column(server_default=false())
    """An organizer caused it, so it does not count against its recipient's budget."""
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    leased_until: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]
    """When the sending of an email that must not be sent twice began. If nothing more is known, the email may or may
    not have been sent.
    """
    finished_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    """As shared/outbox/outcomes.py writes it, or the detail of the last failure: the mail server's answer."""
    failure: Mapped[FailureReason | None] = mapped_column(Choice(FailureReason))
    """Why the last attempt failed, as shared/outbox/outcomes.py reads it."""
    request_id: Mapped[str | None] = mapped_column(default=request_id)
    """The id in the log lines of the request that enqueued it; none for what the worker itself enqueued."""
    created_at: Mapped[Created]


class EmailBudget(Base):
    """How much one recipient has used of the emails that strangers may cause; a row that is full again is as good as
    none.
    """

    __tablename__ = "email_budget"

    recipient: Mapped[bytes] = mapped_column(primary_key=True)
    """A keyed hash: no address outlives its registration here."""
    full_at: Mapped[datetime]
    """When the whole burst is available again, if nothing more is sent."""


class Heartbeat(Base):
    """When a process last did something, so that the status page can tell that it is down."""

    __tablename__ = "pulse"

    part: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
