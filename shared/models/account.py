"""Who organizes: accounts, what they are in an organization, and where they are signed in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, Created, Id, choice_check
from shared.models.organization import Organization

ROLES = ("owner", "organizer", "viewer")
DEMO_DOMAIN = "demo.example"
"""Of the accounts whose password is printed. No email arrives under .example (RFC 2606), so no one else has one."""


class Account(Base):
    """A person who organizes. Attendees and volunteers have none."""

    __tablename__ = "account"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="en")
    password_hash: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")
    """Of the links that were mailed to it, to sign in or to choose another password; using one raises it."""
    totp_secret: Mapped[bytes | None]
    """The secret of the second factor (RFC 6238), sealed; asked for from `totp_since` on, when a code was shown."""
    totp_since: Mapped[datetime | None]
    totp_step: Mapped[int | None]
    """The last step whose code was used: no code is good twice."""
    wrong_codes_until: Mapped[datetime | None]
    """Each wrong code of the second factor moves it on; too far ahead, and no code of the app is taken."""
    created_at: Mapped[Created]

    @property
    def is_demo(self) -> bool:
        """Whether it is the demo's, with a password that everybody may know."""
        return self.email.endswith(f"@{DEMO_DOMAIN}")


class RecoveryCode(Base):
    """What stands in for a lost second factor, once. Only its SHA-256 is kept."""

    __tablename__ = "recovery_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class Membership(Base):
    """What an account may do in an organization."""

    __tablename__ = "membership"
    __table_args__ = (choice_check("role", ROLES),)

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
    seen_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class Invitation(Base):
    """An address that is asked to become a member; its mailed link dies with its version, its use or its time."""

    __tablename__ = "invitation"
    __table_args__ = (
        choice_check("role", ROLES),
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
    role: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="en")
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    organization: Mapped[Organization] = relationship()
