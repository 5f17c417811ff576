"""The database: how constraints are named, how an engine is made, what a session is.

Isolation is READ COMMITTED throughout: what is counted is guarded in the statement that changes it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    DateTime,
    Engine,
    Identity,
    LargeBinary,
    MetaData,
    Text,
    create_engine,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, mapped_column, sessionmaker

from shared.config import Settings
from shared.errors import Missing

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


Texts = dict[str, str]
"""One text in several languages, `{"en": ..., "tg": ...}`; texts_check() holds its form."""

Wall = Annotated[datetime, mapped_column(DateTime(timezone=False))]
"""A wall clock's time, without a zone: the truth of an event, since a zone's rules may change."""

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Created = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]


class Base(DeclarativeBase):
    """Every table. Constraints have names that tell table and columns, so that operations can translate them."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        str: Text,
        bytes: LargeBinary,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        Texts: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(Text),
        UUID: PG_UUID(as_uuid=True),
    }


Row = TypeVar("Row", bound=Base)


def texts_check(column: str) -> CheckConstraint:
    """Only codes of languages, only strings, and those in NFC, so that equal texts are equal bytes.

    Which languages there are is the application's matter: a new one must not need a change of every table.
    """
    codes = f"""NOT jsonb_path_exists({column}, '$.keyvalue() ? (!(@.key like_regex "^[a-z]{{2,3}}$"))')"""
    strings = f"""NOT jsonb_path_exists({column}, '$.* ? (@.type() != "string" || @ == "")')"""
    return CheckConstraint(f"{codes} AND {strings} AND {column}::text IS NFC NORMALIZED", name=column)


def name_order(name: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[str]:
    """Where a name stands in a list, as a column of its own says of a registration's: the database's name_order()."""
    return func.name_order(name).collate("C")


def choice_check(column: str, words: Sequence[str]) -> CheckConstraint:
    """The words that a column may hold; text and a check, since PostgreSQL's own enums cannot lose a word."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def lock_row(db: Session, table: type[Row], key: int) -> Row:
    """A row as it is now, held until the commit: whoever else holds it, or changes it, waits. Raises Missing.

    What only refers to it (scans and sign-ups to their event, say) waits for nobody.
    """
    row = db.get(table, key, with_for_update={"key_share": True, "of": table}, populate_existing=True)
    if row is None:
        raise Missing(table.__tablename__)
    return row


def broken_by(error: IntegrityError) -> str:
    """The name of the constraint that a statement broke; empty where the server names none."""
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""


def make_engine(settings: Settings) -> Engine:
    """An engine for one process; a statement that takes longer than 30 s is given up by the server."""
    return create_engine(
        settings.database_url,
        pool_size=settings.turnout_pool,
        max_overflow=0,
        hide_parameters=True,  # an error is logged, and those are people
        pool_timeout=10,
        connect_args={"connect_timeout": 5, "options": "-c timezone=UTC -c statement_timeout=30s -c lock_timeout=10s"},
    )


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after the commit, so that a page can be sent once it is safe."""
    return sessionmaker(engine, expire_on_commit=False)
