"""Activity: who did what and when. Append-only, and ids only, so that it stays when the names and contacts of a person
go.
"""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, Created, Id


class Audit(Base):
    """One act of an organizer. `details` holds ids, counts and names of fields, never typed text. An act on one's own
    account belongs to no organization.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "organization_id", "at"),
        Index(None, "event_id", "at"),
        Index(None, "registration_id", "at"),
        Index(None, "account_id", "at"),
        CheckConstraint("organization_id IS NOT NULL OR account_id IS NOT NULL", name="whose"),
    )

    id: Mapped[Id]
    at: Mapped[Created]
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    account_id: Mapped[int | None]
    """The account that acted; None for the worker. No foreign key: the account may go, its acts stay."""
    event_id: Mapped[int | None]
    registration_id: Mapped[int | None]
    action: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
