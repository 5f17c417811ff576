"""Speakers and partners, and the pictures of an event."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, Created, Id, Texts, texts_check

PICTURE_LIMIT = 300_000


class Picture(Base):
    """A picture as we re-encoded it, stored once under the SHA-256 of its bytes."""

    __tablename__ = "picture"
    __table_args__ = (
        CheckConstraint(f"octet_length(content) <= {PICTURE_LIMIT}", name="content"),
        CheckConstraint("sha256 = encode(sha256(content), 'hex')", name="sha256"),
    )

    sha256: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[Created]


class Speaker(Base):
    """A speaker of an event. `sample` marks an invented person, and every page says so."""

    __tablename__ = "speaker"
    __table_args__ = (texts_check("name"), texts_check("about"), Index(None, "event_id"))

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    name: Mapped[Texts]
    about: Mapped[Texts] = mapped_column(server_default="{}")
    sample: Mapped[bool] = mapped_column(server_default=false())
    position: Mapped[int] = mapped_column(server_default="0")
    picture: Mapped[str | None] = mapped_column(ForeignKey("picture.sha256"))


class Partner(Base):
    """A partner of an event, and its role."""

    __tablename__ = "partner"
    __table_args__ = (texts_check("name"), texts_check("role"), Index(None, "event_id"))

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    name: Mapped[Texts]
    role: Mapped[Texts] = mapped_column(server_default="{}")
    link: Mapped[str | None]
    position: Mapped[int] = mapped_column(server_default="0")
    picture: Mapped[str | None] = mapped_column(ForeignKey("picture.sha256"))
