"""The database: how constraints are named, how an engine is made, what a session is.

Isolation is READ COMMITTED throughout: what is counted is guarded in the statement that changes it.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, Engine, LargeBinary, MetaData, create_engine
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from shared.config import Settings

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table. Constraints have names that tell table and columns, so that operations can translate them."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        bytes: LargeBinary,
        dict[str, Any]: JSONB,
        dict[str, str]: JSONB,
        list[Any]: JSONB,
    }


def make_engine(settings: Settings) -> Engine:
    """An engine for one process; a statement that takes longer than 30 s is given up by the server."""
    return create_engine(
        settings.database_url,
        pool_size=settings.turnout_pool,
        max_overflow=0,
        pool_timeout=10,
        connect_args={"connect_timeout": 5, "options": "-c timezone=UTC -c statement_timeout=30s -c lock_timeout=10s"},
    )


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after the commit, so that a page can be sent once it is safe."""
    return sessionmaker(engine, expire_on_commit=False)


AWARE = DateTime(timezone=True)
