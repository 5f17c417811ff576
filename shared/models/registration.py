"""Registrations: one person's seat in one event."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    false,
    func,
    literal,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, Choice, Created, Id, choice_check
from shared.models.event import Event, TicketType

JOINING_LASTS = timedelta(hours=24)
REVISION = text("(pg_current_xact_id()::text::bigint)")
"""The transaction that last wrote a row. A door that polls from the oldest transaction still open misses none."""

NAME_WORDS = "name_words(event_id, name_key)"
"""The words of a name, each behind its event: `5/madina`.

So a search for a common name reads the people of one event, not of all. An index of event and words together would need
an extension.
"""


class RegistrationState(StrEnum):
    """The states of a registration."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    CANCELLED = "cancelled"


class CancelledBy(StrEnum):
    """Who cancelled a registration. Lapsed: no one, since it was not confirmed in time."""

    SELF = "self"
    ORGANIZER = "organizer"
    LAPSED = "lapsed"


class Registration(Base):
    """One person's registration for one event. A guest refers to its host; a walk-in was made at the door.

    `ticket_id` is how a door identifies a person: 16 lower-case hex digits, or the UUID that a phone gave a walk-in.
    """

    __tablename__ = "registration"
    __table_args__ = (
        choice_check("state", RegistrationState),
        choice_check("cancelled_by", CancelledBy),
        ForeignKeyConstraint(["event_id", "ticket_type_id"], ["ticket_type.event_id", "ticket_type.id"]),
        ForeignKeyConstraint(["event_id", "host_id"], ["registration.event_id", "registration.id"]),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "short_code"),
        CheckConstraint("(state IN ('unconfirmed', 'offered')) = (deadline IS NOT NULL)", name="deadline"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_at"),
        CheckConstraint("state <> 'confirmed' OR confirmed_at IS NOT NULL", name="confirmed_at"),
        CheckConstraint("host_id IS NOT NULL OR walk_in OR contact_key IS NOT NULL", name="contact"),
        CheckConstraint("merged_into IS NULL OR walk_in", name="merged_into"),
        CheckConstraint("walk_in OR ticket_id ~ '^[0-9a-f]{16}$'", name="ticket_id"),
        CheckConstraint("name <> '' AND name IS NFC NORMALIZED", name="name"),
        Index(
            "uq_registration_live_contact",
            "event_id",
            "contact_key",
            unique=True,
            postgresql_where=text("state <> 'cancelled' AND host_id IS NULL"),
        ),
        Index(
            "uq_registration_once",
            "event_id",
            "contact_key",
            "once",
            unique=True,
            postgresql_where=text("once IS NOT NULL AND host_id IS NULL"),
        ),
        Index(
            "ix_registration_list",
            "event_id",
            "name_order",
            "id",
            postgresql_include=["ticket_id", "state", "ticket_type_id", "language", "source", "walk_in"],
        ),
        Index("ix_registration_walk_ins", "event_id", "name_order", "id", postgresql_where=text("walk_in")),
        Index(None, "event_id", "name_key"),
        Index(
            "ix_registration_without_place",
            "event_id",
            "ticket_id",
            postgresql_where=text("state IN ('waiting', 'cancelled') AND NOT walk_in"),
        ),
        Index(
            "ix_registration_event_words",
            text(NAME_WORDS),
            postgresql_using="gin",
        ),
        Index("ix_registration_email", "event_id", "email", postgresql_ops={"email": "text_pattern_ops"}),
        Index(None, "event_id", "revision"),
        Index("ix_registration_held", "event_id", postgresql_where=text("held")),
        Index(None, "host_id"),
        Index(None, "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    ticket_type_id: Mapped[int]
    host_id: Mapped[int | None]
    state: Mapped[RegistrationState] = mapped_column(Choice(RegistrationState))
    deadline: Mapped[datetime | None]
    ticket_id: Mapped[str] = mapped_column(unique=True)
    short_code: Mapped[str | None]
    held: Mapped[bool] = mapped_column(server_default=false())
    """Whether it came from a network beyond its share and waits to be confirmed, or was not confirmed in time:
    unconfirmed it has a seat until the deadline, cancelled it can still join the waiting list.
    """
    walk_in: Mapped[bool] = mapped_column(server_default=false())
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    merged_into: Mapped[str | None]
    """For a walk-in that turned out to have a ticket: that ticket's id, for whose admission the scans then count."""

    name: Mapped[str]
    name_key: Mapped[str]
    name_order: Mapped[str] = mapped_column(Text(collation="C"), Computed("name_order(name)", persisted=True))
    """Sort key of the name: by the Tajik alphabet, which contains the Russian one; the door computes the same."""

    email: Mapped[str | None]
    phone: Mapped[str | None]
    contact_key: Mapped[str | None]
    language: Mapped[str]
    once: Mapped[str | None]
    source: Mapped[str | None]
    consent: Mapped[str | None]
    """The version of the wording that the person agreed to; the wording itself is a row of consent_wording."""
    answers: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """By question key: text, number, true or false, an option's key, a list of keys, or a date as YYYY-MM-DD."""

    code: Mapped[str | None]
    """The signed code, once the worker has made it; never reissued."""
    qr: Mapped[str | None]
    """Its QR code as SVG; PNG and PDF are drawn on request."""
    version: Mapped[int] = mapped_column(server_default="1")
    """Version of the token in this registration's address; raising it revokes every earlier link."""

    moves: Mapped[int] = mapped_column(server_default="0")
    """How often its ticket type changed; its calendar entries add these to the event's sequence."""

    created_at: Mapped[Created]
    confirmed_at: Mapped[datetime | None]
    waited_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[CancelledBy | None] = mapped_column(Choice(CancelledBy))
    sent_again_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(server_default=REVISION)

    event: Mapped[Event] = relationship(viewonly=True)
    ticket_type: Mapped[TicketType] = relationship(viewonly=True)

    def joins_until(self) -> datetime | None:
        """Return until when a registration beyond a network's share can be confirmed to wait for a seat."""
        has_lapsed = self.state == RegistrationState.CANCELLED and self.cancelled_by == CancelledBy.LAPSED
        if self.held and has_lapsed and self.waited_at:
            return self.waited_at + JOINING_LASTS
        return None

    @hybrid_property
    def is_live(self) -> bool:
        """Return whether it still counts: every state but cancelled."""
        return self.state != RegistrationState.CANCELLED

    @is_live.inplace.expression
    @classmethod
    def _is_live(cls) -> ColumnElement[bool]:
        # In the words of the partial index: of a parameter PostgreSQL's generic plan cannot tell that the index has it.
        return cls.state != literal(RegistrationState.CANCELLED, Text, literal_execute=True)


# People search a number by its end; an expression can be indexed only once its column exists.
Index(
    "ix_registration_phone",
    Registration.event_id,
    func.reverse(Registration.phone).label("phone_end"),
    postgresql_ops={"phone_end": "text_pattern_ops"},
)


class ConsentWording(Base):
    """A consent wording by version and language, word for word; never changed, only followed by another."""

    __tablename__ = "consent_wording"

    version: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    wording: Mapped[str]
    created_at: Mapped[Created]


class Unsubscription(Base):
    """A contact that wants no news from an organization. Tickets and changes to its own registration still arrive."""

    __tablename__ = "unsubscription"

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    contact_key: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[Created]
