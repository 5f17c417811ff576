"""Accounts of organizers, their roles in organizations, and their sign-ins."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, Choice, Created, Id, choice_check
from shared.models.organization import Organization

DEMO_DOMAIN = "demo.example"
"""The domain of accounts whose password is public. No email arrives under .example (RFC 2606), so no real account has
it.
"""


class Role(StrEnum):
    """The roles of members, each of which includes those after it."""

    OWNER = "owner"
    ORGANIZER = "organizer"
    VIEWER = "viewer"

    def includes(self, role: "Role") -> bool:
        """Return whether it may do what another role may."""
        roles = list(Role)
        return roles.index(self) <= roles.index(role)


class Account(Base):
    """A person who organizes. Attendees and volunteers have none."""

    __tablename__ = "account"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="en")
    password_hash: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")
    """Version of the emailed links to sign in or to choose another password; using one raises it."""
    totp_secret: Mapped[bytes | None]
    """The secret of the second factor (RFC 6238), sealed; required from `totp_since` on, when a code was confirmed."""
    totp_since: Mapped[datetime | None]
    totp_step: Mapped[int | None]
    """The last step whose code was used: no code is valid twice."""
    wrong_codes_until: Mapped[datetime | None]
    """Each wrong code of the second factor moves it on; too far ahead, and no code of the app is accepted."""
    created_at: Mapped[Created]

    @property
    def is_demo(self) -> bool:
        """Return whether it is an account of the demo, whose password is public."""
        return self.email.endswith(f"@{DEMO_DOMAIN}")


class RecoveryCode(Base):
    """A code that replaces a lost second factor, once. Only its SHA-256 is stored."""

    __tablename__ = "recovery_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class Membership(Base):
    """The role of an account in an organization."""

    __tablename__ = "membership"
    __table_args__ = (choice_check("role", Role),)

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = mapped_column(Choice(Role))

    organization: Mapped[Organization] = relationship()


class SignIn(Base):
    """A browser that is signed in; a row, so that it can be listed and revoked. Only the token's SHA-256 is stored."""

    __tablename__ = "sign_in"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    browser: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[Created]
    seen_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class Invitation(Base):
    """An address that is invited to become a member; its emailed link ends with its version, its use or its time."""

    __tablename__ = "invitation"
    __table_args__ = (
        choice_check("role", Role),
        Index(
            "uq_invitation_open",
            "organization_id",
            "email",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    email: Mapped[str]
    role: Mapped[Role] = mapped_column(Choice(Role))
    language: Mapped[str] = mapped_column(server_default="en")
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    organization: Mapped[Organization] = relationship()
