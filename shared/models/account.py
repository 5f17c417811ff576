"""Who organizes: accounts, what they are in an organization, and where they are signed in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, Created, Id, one_of
from shared.models.organization import Organization

ROLES = ("owner", "organizer", "viewer")


class Account(Base):
    """A person who organizes. Attendees and volunteers have none."""

    __tablename__ = "account"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="en")
    password_hash: Mapped[str | None]
    created_at: Mapped[Created]


class Membership(Base):
    """What an account may do in an organization."""

    __tablename__ = "membership"
    __table_args__ = (one_of("role", ROLES),)

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str]

    organization: Mapped[Organization] = relationship()


class SignIn(Base):
    """A browser that is signed in; a row, so that it can be listed and revoked. Only the token's SHA-256 is kept."""

    __tablename__ = "sign_in"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    browser: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()
