"""Mailings, and the channels through which people find an event."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, Choice, Created, Id, Texts, choice_check, texts_check
from shared.models.event import Event


class Audience(StrEnum):
    """The recipients that a mailing can have, by their registrations or by their attendance."""

    EVERYBODY = "everybody"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CAME = "came"
    DID_NOT_COME = "did_not_come"


class Mailing(Base):
    """An email to an audience of an event, a text per language. Each recipient has a message of its own, so that no one
    gets a mailing twice; a draft has no due time.
    """

    __tablename__ = "mailing"
    __table_args__ = (
        texts_check("subject"),
        texts_check("body"),
        choice_check("audience", Audience),
        CheckConstraint("started_at IS NULL OR due_at IS NOT NULL", name="started_at"),
        Index(None, "event_id"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    audience: Mapped[Audience] = mapped_column(Choice(Audience))
    subject: Mapped[Texts]
    body: Mapped[Texts]
    due_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    """When its audience was selected and its messages were enqueued."""
    stopped_at: Mapped[datetime | None]
    created_at: Mapped[Created]

    event: Mapped[Event] = relationship()


class Channel(Base):
    """A place where a link to an event is published: its short address counts the registrations through it. They carry
    its code as their source, so that it can be renamed later.
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
