"""Doors, where tickets are scanned, and the phones that scan there."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, Created, Id, Texts, choice_check, texts_check
from shared.models.event import Event, EventSession

PASS_LASTS_AFTER_EVENT = timedelta(hours=24)
"""How long after the end of its event a pass still shows names, unless it has its own end."""
PASS_LASTS_WITHOUT_END = timedelta(days=30)
"""The same for an event whose end is unknown, from the creation of the pass."""


class Door(Base):
    """A place where tickets are scanned. A closed one pairs no more phones; its phones work until their pass ends."""

    __tablename__ = "door"
    __table_args__ = (texts_check("name"), UniqueConstraint("event_id", "id"))

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    name: Mapped[Texts]
    position: Mapped[int] = mapped_column(server_default="0")
    closed_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()


class DoorPass(Base):
    """Permission for up to `phones` phones of volunteers to scan at a door, until it closes. Not an account.

    It may name some of the event's sessions; without any it is valid for all.
    """

    __tablename__ = "door_pass"
    __table_args__ = (CheckConstraint("phones BETWEEN 1 AND 100", name="phones"), Index(None, "door_id"))

    id: Mapped[Id]
    door_id: Mapped[int] = mapped_column(ForeignKey("door.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(server_default="1")
    """Version of the token in its link; raising it revokes every earlier link."""
    phones: Mapped[int] = mapped_column(server_default="5")
    expires_at: Mapped[datetime | None]
    created_at: Mapped[Created]

    door: Mapped[Door] = relationship()
    named_sessions: Mapped[list[EventSession]] = relationship(
        secondary="door_pass_session", order_by=(EventSession.position, EventSession.id), viewonly=True
    )

    @property
    def ends_at(self) -> datetime:
        """Return when it stops showing names; scans of its phones are accepted even later."""
        end = self.door.event.ends_at
        return self.expires_at or (end + PASS_LASTS_AFTER_EVENT if end else self.created_at + PASS_LASTS_WITHOUT_END)

    @property
    def sessions(self) -> list[EventSession]:
        """Return the sessions for which its phones scan."""
        return self.named_sessions or self.door.event.sessions


class DoorPassSession(Base):
    """A session for which a pass is valid; both belong to one event."""

    __tablename__ = "door_pass_session"
    __table_args__ = (
        ForeignKeyConstraint(
            ["event_id", "session_id"], ["event_session.event_id", "event_session.id"], ondelete="CASCADE"
        ),
    )

    door_pass_id: Mapped[int] = mapped_column(ForeignKey("door_pass.id", ondelete="CASCADE"), primary_key=True)
    session_id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]


class Device(Base):
    """A phone that scans at an event. `phone` is the UUID that it stores, so that pairing it again, also with another
    door, finds the same row: to the fold one phone is one device.

    Without a pass it is no phone: the paper list, or a phone whose scans came as a file.
    """

    __tablename__ = "device"
    __table_args__ = (
        Index("uq_device_event_phone", "event_id", "phone", unique=True, postgresql_where=text("revoked_at IS NULL")),
        Index(None, "door_pass_id"),
        CheckConstraint("scans >= 0", name="scans"),
        CheckConstraint("(door_pass_id IS NULL) = (token_hash IS NULL)", name="token_hash"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    door_pass_id: Mapped[int | None] = mapped_column(ForeignKey("door_pass.id"))
    phone: Mapped[UUID]
    token_hash: Mapped[bytes | None] = mapped_column(unique=True)
    paired_at: Mapped[Created]
    stamps_from: Mapped[Created]
    """No scan of it has an earlier stamp: when the first pass that paired it was created."""
    seen_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    revoked_at: Mapped[datetime | None]
    allowed_at: Mapped[datetime | None]
    """When an organizer allowed this revoked phone to pair again."""
    closed_at: Mapped[datetime | None]
    """When an organizer deleted the quarantine of this revoked phone: nothing more is accepted from it."""
    scans: Mapped[int] = mapped_column(server_default="0")
    """How many of its scans were stored: in the ledger, or once in quarantine. Fewer than were acknowledged to the
    phone means that the database was restored.
    """
    waiting: Mapped[int | None]
    """How many scans it had still to upload at its last contact."""
    clock_offset: Mapped[int | None]
    """Our clock minus its own at its last contact, in milliseconds."""
    version: Mapped[str | None]
    """The build of the scanner that it runs."""

    event: Mapped[Event] = relationship()
    door_pass: Mapped[DoorPass | None] = relationship()


class Shift(Base):
    """A volunteer's name with a phone and the time since when; the ledger of scans itself holds no name."""

    __tablename__ = "shift"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    since: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Milliseconds since 1970, on the phone's corrected clock."""
    name: Mapped[str]


class Epoch(Base):
    """The one row whose value the cursors of phones depend on: a new value has every phone fetch the roster whole.

    shared/door/roster_cursor.py notices a restore without it. It is for those who put files of PostgreSQL back.
    """

    __tablename__ = "epoch"
    __table_args__ = (CheckConstraint("is_only", name="is_only"),)

    is_only: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    value: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))


QUARANTINED_KINDS = ("scan", "walk_in", "shift")


class Quarantined(Base):
    """A scan, a walk-in or a shift that does not count until an organizer accepts it.

    Apart from the ledger, so that no count can include it.
    """

    __tablename__ = "quarantined"
    __table_args__ = (choice_check("kind", QUARANTINED_KINDS),)

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    """The phone's id of a scan or a walk-in, or the start of a shift: the same one twice is stored once."""
    content: Mapped[dict[str, Any]]
    """Its content as the phone sent it; shared.door.quarantine writes and reads it."""
    received_at: Mapped[Created]
