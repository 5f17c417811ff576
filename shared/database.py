"""The database: names of constraints, the engine and its sessions.

Isolation is READ COMMITTED throughout: every count is guarded in the statement that changes it.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Identity,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    create_engine,
    event,
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
"""One text in several languages, `{"en": ..., "tg": ...}`; texts_check() enforces its form."""

Wall = Annotated[datetime, mapped_column(DateTime(timezone=False))]
"""A wall-clock time without a zone: the truth of an event, since the rules of a zone may change."""

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Created = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]


class Base(DeclarativeBase):
    """The base of every table. Constraints have names of table and columns, so that use cases can translate them."""

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
EnumMember = TypeVar("EnumMember", bound=StrEnum)


def texts_check(column: str) -> CheckConstraint:
    """Return a check that a column has only language codes as keys and only non-empty strings in NFC as values, so that
    equal texts are equal bytes.

    The application decides which languages exist: a new one must not need a change of every table.
    """
    codes = f"""NOT jsonb_path_exists({column}, '$.keyvalue() ? (!(@.key like_regex "^[a-z]{{2,3}}$"))')"""
    strings = f"""NOT jsonb_path_exists({column}, '$.* ? (@.type() != "string" || @ == "")')"""
    return CheckConstraint(f"{codes} AND {strings} AND {column}::text IS NFC NORMALIZED", name=column)


def name_order(name: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[str]:
    """Return the sort key of a name, as the database's name_order() computes it; a registration has it as a column."""
    return func.name_order(name).collate("C")


class Choice(TypeDecorator[EnumMember]):
    """Text in the database, a member of an enum in Python; choice_check() keeps other words out.

    No enum of PostgreSQL, since that cannot lose a word. A word that the enum lacks raises KeyError when it is read: a
    version has to know a new word before the next one stores it.
    """

    impl = Text
    cache_ok = True

    def __init__(self, members: type[EnumMember]) -> None:
        """Take the enum whose values the column holds."""
        super().__init__()
        self.members = members

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Return the reader of a value: a look-up without a frame of Python, since lists read thousands of rows."""
        members: dict[str | None, EnumMember | None] = {None: None}
        return (members | {member.value: member for member in self.members}).__getitem__


def choice_check(column: str, words: Iterable[str]) -> CheckConstraint:
    """Return a check of the words that a column may hold: an enum's."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def lock_row(db: Session, table: type[Row], key: int) -> Row:
    """Return a row as it is now, locked until the commit: other transactions that lock or change it wait. Raises
    Missing.

    Rows that only refer to it (scans and registrations to their event, say) wait for no one.
    """
    row = db.get(table, key, with_for_update={"key_share": True, "of": table}, populate_existing=True)
    if row is None:
        raise Missing(table.__tablename__)
    return row


def broken_by(error: IntegrityError) -> str:
    """Return the name of the constraint that a statement broke; empty when the server names none."""
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""


SESSION_SETTINGS = {
    "timezone": "UTC",
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "5min",
}
"""What every connection has. A transaction may be idle for minutes, while a slow network takes a large export."""
_LACKING = "SELECT key FROM jsonb_each_text(%s::jsonb) WHERE current_setting(key) <> value ORDER BY key"


def make_engine(settings: Settings) -> Engine:
    """Return an engine for one process; the server cancels a statement that takes longer than 30 s."""
    engine = create_engine(
        settings.database_url,
        pool_size=settings.turnout_pool,
        max_overflow=0,
        hide_parameters=True,  # errors are logged, and parameters hold personal data
        pool_timeout=10,
        connect_args=_pooled() if settings.turnout_pgbouncer == "on" else _direct(),
    )
    if settings.turnout_pgbouncer == "on":
        event.listen(engine, "connect", _require_session_settings)
    return engine


def _direct() -> dict[str, Any]:
    options = " ".join(f"-c {name}={value}" for name, value in SESSION_SETTINGS.items())
    return {"connect_timeout": 5, "options": options}


def _pooled() -> dict[str, Any]:
    """Return arguments for PgBouncer, whose connections to the server change hands after each transaction: a statement
    prepared by one process is unknown, or another, to the next. Their settings are those of the role.
    """
    return {"connect_timeout": 5, "prepare_threshold": None}


def _require_session_settings(connection: psycopg.Connection[Any], _: object) -> None:
    """Raise OperationalError where the role lacks a setting: PgBouncer passes none on."""
    lacking = connection.execute(_LACKING, (json.dumps(SESSION_SETTINGS),)).fetchall()
    connection.rollback()
    if lacking:
        names = ", ".join(name for (name,) in lacking)
        raise psycopg.OperationalError(f"the role has other settings behind PgBouncer ({names}): run `turnout migrate`")


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Return a factory of sessions whose objects stay readable after the commit.

    So a page is sent only once its change is safe.
    """
    return sessionmaker(engine, expire_on_commit=False)
