"""The outbox, the email budgets, and the heartbeats of the worker."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, SmallInteger, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, Created


class OutboxMessage(Base):
    """A side effect, enqueued in the transaction that made it necessary. Its id becomes the email's Message-ID."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "key"),
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
    """As shared/outbox/outcomes.py writes it, or the last error."""
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
