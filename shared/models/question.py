"""The questions of an event's registration form."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, Choice, Id, Texts, choice_check, texts_check

READY = (
    "gender",
    "age_group",
    "district",
    "organization",
    "heard_from",
    "photo_consent",
    "guardian",
    "name_in_latin",
)
"""Keys of the questions that are worded here, so that their answers add up over events."""


class QuestionKind(StrEnum):
    """The types of questions. One and several: a choice among options."""

    SHORT = "short"
    LONG = "long"
    ONE = "one"
    SEVERAL = "several"
    YES_NO = "yes_no"
    NUMBER = "number"
    DATE = "date"


CHOICES = (QuestionKind.ONE, QuestionKind.SEVERAL)
"""The types of questions that have options."""


class Question(Base):
    """One question, for all or for one ticket type. Registrations store its answer under its key.

    `options` of a choice: a list of {"key": ..., "label": texts}.
    """

    __tablename__ = "question"
    __table_args__ = (
        texts_check("label"),
        texts_check("hint"),
        choice_check("kind", QuestionKind),
        CheckConstraint("key ~ '^[a-z][a-z0-9_]{0,39}$'", name="key"),
        CheckConstraint("(kind IN ('one', 'several')) = (jsonb_array_length(options) > 0)", name="options"),
        ForeignKeyConstraint(
            ["event_id", "ticket_type_id"], ["ticket_type.event_id", "ticket_type.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("event_id", "key"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    ticket_type_id: Mapped[int | None]
    key: Mapped[str]
    kind: Mapped[QuestionKind] = mapped_column(Choice(QuestionKind))
    label: Mapped[Texts]
    hint: Mapped[Texts] = mapped_column(server_default="{}")
    options: Mapped[list[Any]] = mapped_column(server_default="[]")
    required: Mapped[bool] = mapped_column(server_default=false())
    position: Mapped[int] = mapped_column(server_default="0")
