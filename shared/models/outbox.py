"""What the worker owes, and when it was last at work."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, SmallInteger, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, Created


class OutboxMessage(Base):
    """A side effect, promised in the transaction that made it necessary. Its id becomes the mail's Message-ID."""

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
    """Tells occasions of the same kind and subject apart."""
    before: Mapped[dict[str, Any] | None]
    """Of the news that an event has changed: when and where it was before, as events.when_and_where() writes it."""
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="5")
    """Lower goes first: 1 a ticket, 5 news, 9 a mailing to everybody."""
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    exempt: Mapped[bool] = mapped_column(server_default=false())
    """An organizer caused it, so it does not count against the budget of its recipient."""
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    leased_until: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]
    """When a mail that nobody may get twice was handed to the mail server. Where that is all that is known of it, so is
    not whether it was sent."""
    finished_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    """`sent`, `skipped: <why>`, or the last error."""
    created_at: Mapped[Created]


class EmailBudget(Base):
    """How much of what strangers may cause is spent for one recipient; a row that is full again is as good as none."""

    __tablename__ = "email_budget"

    recipient: Mapped[bytes] = mapped_column(primary_key=True)
    """A keyed hash: no address outlives its registration here."""
    full_at: Mapped[datetime]
    """When all of the burst is there again, if nothing more is sent."""


class Heartbeat(Base):
    """When a part of the service last did something, so that people can be told that it is away."""

    __tablename__ = "pulse"

    part: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
