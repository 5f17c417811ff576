"""Organizations, and the series of events that they repeat."""

from sqlalchemy import ForeignKey, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, Created, Id, Texts, texts_check


class Organization(Base):
    """An organization that holds events. `sample` marks the demo: only its scans may ever be deleted."""

    __tablename__ = "organization"
    __table_args__ = (texts_check("name"),)

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[Texts]
    zone: Mapped[str]
    languages: Mapped[list[str]]
    sample: Mapped[bool] = mapped_column(server_default=false())
    salt: Mapped[bytes | None] = mapped_column(server_default=text("uuid_send(gen_random_uuid())"))
    """Derives the key by which returning attendees are found; deleting it makes every mark meaningless."""
    created_at: Mapped[Created]


class Series(Base):
    """Events of one sort, comparable and copyable."""

    __tablename__ = "series"
    __table_args__ = (
        texts_check("title"),
        UniqueConstraint("organization_id", "slug"),
        UniqueConstraint("organization_id", "id"),
    )

    id: Mapped[Id]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    slug: Mapped[str]
    title: Mapped[Texts]
