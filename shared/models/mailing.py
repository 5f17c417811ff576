"""What an organizer writes to many at once, and where people heard of an event."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, Created, Id, Texts, choice_check, texts_check
from shared.models.event import Event

AUDIENCES = ("everybody", "confirmed", "waiting", "came", "did_not_come")


class Mailing(Base):
    """A mail to an audience of an event, a text per language. Each person's mail is a promise of its own, so nobody is
    mailed twice by one mailing; a draft has no due time.
    """

    __tablename__ = "mailing"
    __table_args__ = (
        texts_check("subject"),
        texts_check("body"),
        choice_check("audience", AUDIENCES),
        CheckConstraint("started_at IS NULL OR due_at IS NOT NULL", name="started_at"),
        Index(None, "event_id"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    audience: Mapped[str]
    subject: Mapped[Texts]
    body: Mapped[Texts]
    due_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    """When its audience was drawn up and enqueued."""
    stopped_at: Mapped[datetime | None]
    created_at: Mapped[Created]

    event: Mapped[Event] = relationship()


class Channel(Base):
    """Where a link to an event is given out: its short address counts who came that way. Their registrations carry its
    code as their source, so that it may be called otherwise later.
    """

    __tablename__ = "channel"
    __table_args__ = (
        CheckConstraint("code ~ '^[a-z0-9]{4,12}$'", name="code"),
        CheckConstraint("name <> '' AND name IS NFC NORMALIZED", name="name"),
        Index(None, "event_id"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    created_at: Mapped[Created]

    event: Mapped[Event] = relationship()
