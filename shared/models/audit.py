"""Who did what and when: append-only, and ids only, so that erasing a person need not touch it."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, Created, Id


class Audit(Base):
    """One act of an organizer. `details` holds ids, counts and names of fields, never what anybody wrote. What somebody
    does to their own account is of no organization.
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
    """Who acted. No foreign key: the account may go, what it did stays. None for the worker."""
    event_id: Mapped[int | None]
    registration_id: Mapped[int | None]
    action: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
