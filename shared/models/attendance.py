"""The ledger of scans, the admissions that they add up to, and the reports compiled from them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, Created, Id, choice_check
from shared.models.registration import REVISION
from shared.scans import ScanKind


class Scan(Base):
    """A scan by a phone. Append-only (a trigger refuses change and removal); its id is made on the phone."""

    __tablename__ = "scan"
    __table_args__ = (
        choice_check("kind", tuple(ScanKind)),
        ForeignKeyConstraint(["event_id", "session_id"], ["event_session.event_id", "event_session.id"]),
        ForeignKeyConstraint(["event_id", "door_id"], ["door.event_id", "door.id"]),
        CheckConstraint("(kind = 'undo') = (undoes IS NOT NULL)", name="undoes"),
        CheckConstraint("kind = 'refused' OR person IS NOT NULL", name="person"),
        Index(None, "person", "session_id"),
        Index(None, "event_id", "revision"),
        Index(
            "ix_scan_told_apart", "event_id", "reason", postgresql_where=text("kind = 'refused' OR reason = 'paper'")
        ),
        Index(
            "ix_scan_doors",
            "event_id",
            "at",
            postgresql_include=["door_id"],
            postgresql_where=text("kind = 'in' AND standing"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    session_id: Mapped[int]
    person: Mapped[str | None]
    kind: Mapped[str]
    at: Mapped[int]
    """Milliseconds since 1970: fixed when the scan was made or first stored, so that the order of arrival does not
    matter.
    """
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    door_id: Mapped[int]
    """The door where it was made: a phone may move from door to door."""
    undoes: Mapped[UUID | None]
    reason: Mapped[str | None]
    doubtful: Mapped[bool] = mapped_column(server_default=false())
    standing: Mapped[bool] = mapped_column(server_default=true())
    digest: Mapped[bytes]
    """Hash of everything that the phone sent except the time: a known id with another digest is another scan."""
    received_at: Mapped[Created]
    revision: Mapped[int] = mapped_column(server_default=REVISION)


class Admission(Base):
    """The sum of the scans of one person in one session: always equal to the fold.

    The row is also the lock of its key, made before the first scan is folded; `first` is empty until they are checked
    in.
    """

    __tablename__ = "admission"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "session_id"], ["event_session.event_id", "event_session.id"]),
        CheckConstraint("(first IS NULL) = (first_at IS NULL) AND (first IS NULL) = (entries = 0)", name="first"),
        Index("ix_admission_event", "event_id", "session_id", postgresql_where=text("first IS NOT NULL")),
        Index("ix_admission_conflicts", "event_id", postgresql_where=text("conflicts <> '[]'")),
    )

    person: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]
    registered: Mapped[bool] = mapped_column(server_default=false())
    """Whether they registered beforehand. Fixed when the row is made: a walk-in never did, and a ticket that is unknown
    then stays so.
    """
    first: Mapped[UUID | None]
    first_at: Mapped[int | None]
    inside: Mapped[UUID | None]
    left: Mapped[UUID | None]
    entries: Mapped[int] = mapped_column(server_default="0")
    conflicts: Mapped[list[Any]] = mapped_column(server_default="[]")
    """Pairs of scan ids: one ticket, two phones."""


class Settlement(Base):
    """An organizer's note on a conflict. It changes no scan and no count."""

    __tablename__ = "settlement"
    __table_args__ = (CheckConstraint("note <> '' AND note IS NFC NORMALIZED", name="note"),)

    scan_id: Mapped[UUID] = mapped_column(ForeignKey("scan.id", ondelete="CASCADE"), primary_key=True)
    rival_id: Mapped[UUID] = mapped_column(ForeignKey("scan.id", ondelete="CASCADE"), primary_key=True)
    """The two scans of the conflict; the smaller id is `scan_id`, since the order in time may still change."""
    note: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    settled_at: Mapped[Created]


class Report(Base):
    """The attendance of a finished event, compiled and numbered; never changed, only followed by the next version."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("event_id", "version"),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(SmallInteger)
    compiled_at: Mapped[datetime]
    scans: Mapped[int]
    """The number of scans in the ledger; another number now means that this version is outdated."""
    basis: Mapped[list[Any] | None]
    """The other rows that it was compiled from, as shared.reports.due_reports selects them; a difference
    means the same.
    """
    figures: Mapped[dict[str, Any]]
    changes: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """Differences from the previous version: figure to [before, now]."""
    link_version: Mapped[int] = mapped_column(server_default="1")


class Visit(Base):
    """A mark that an attendee was at an event, made of their contact under the organization's salt. It finds returning
    attendees, outlives the registration, and is deleted after 3 years.
    """

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint("octet_length(mark) = 32", name="mark"),
        Index(None, "organization_id", "mark"),
        Index(None, "at"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    mark: Mapped[bytes] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    """When the event began."""
