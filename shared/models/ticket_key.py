"""Keys that sign an event's tickets."""

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, Created


class TicketKey(Base):
    """The public half of a key that signs an event's tickets; its number stands in every code.

    The private half is derived from the secret and never stored. 3 bytes in the code: at most 16,777,215 keys.
    """

    __tablename__ = "ticket_key"
    __table_args__ = (
        UniqueConstraint("event_id", "version"),
        CheckConstraint("number BETWEEN 1 AND 16777215", name="number"),
        CheckConstraint("octet_length(public) = 32", name="public"),
    )

    number: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(server_default="1")
    public: Mapped[bytes]
    created_at: Mapped[Created]
