"""Where tickets are scanned, and the phones that scan there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, Created, Id, Texts, texts_check
from shared.models.event import Event


class Door(Base):
    """Where tickets are scanned. Closing it ends its passes and revokes no scan."""

    __tablename__ = "door"
    __table_args__ = (texts_check("name"), Index(None, "event_id"))

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    name: Mapped[Texts]
    position: Mapped[int] = mapped_column(server_default="0")
    closed_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()


class DoorPass(Base):
    """What lets a volunteer's phone scan at a door: good for `phones` phones, until the door closes. Not an account."""

    __tablename__ = "door_pass"
    __table_args__ = (CheckConstraint("phones BETWEEN 1 AND 100", name="phones"), Index(None, "door_id"))

    id: Mapped[Id]
    door_id: Mapped[int] = mapped_column(ForeignKey("door.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(server_default="1")
    phones: Mapped[int] = mapped_column(server_default="5")
    created_at: Mapped[Created]

    door: Mapped[Door] = relationship()


class Device(Base):
    """A paired phone. `phone` is the UUID that it keeps for itself, so that pairing again finds the same row."""

    __tablename__ = "device"
    __table_args__ = (
        Index(
            "uq_device_pass_phone", "door_pass_id", "phone", unique=True, postgresql_where=text("revoked_at IS NULL")
        ),
        CheckConstraint("scans >= 0", name="scans"),
    )

    id: Mapped[Id]
    door_pass_id: Mapped[int] = mapped_column(ForeignKey("door_pass.id"))
    phone: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    paired_at: Mapped[Created]
    seen_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    revoked_at: Mapped[datetime | None]
    scans: Mapped[int] = mapped_column(server_default="0")
    """How many of its scans the ledger holds. Fewer than the phone was told means that the ledger was restored."""

    door_pass: Mapped[DoorPass] = relationship()


class Shift(Base):
    """Which volunteer held a phone since when; the ledger of scans itself holds no name."""

    __tablename__ = "shift"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    since: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Milliseconds since 1970, on the phone's corrected clock."""
    name: Mapped[str]
