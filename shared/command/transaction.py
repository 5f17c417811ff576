"""One transaction of a command, on an engine of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from shared.command.processes import CannotStart
from shared.config import Settings
from shared.database import make_engine, make_sessions

_UNDEFINED = ("42P01", "42703")
"""SQLSTATE of a table and a column that do not exist."""


@contextmanager
def transaction(settings: Settings) -> Iterator[Session]:
    """Yield a session whose work is committed at the end of the block, or not at all.

    Raises CannotStart when the database cannot be reached, refuses, or has tables of another version.
    """
    engine = make_engine(settings)
    try:
        with make_sessions(engine).begin() as db:
            yield db
    except OperationalError as error:
        raise CannotStart(f"the database says: {_first_line(error)}") from error
    except ProgrammingError as error:
        raise _explained(error) from error
    finally:
        engine.dispose()


def _explained(error: ProgrammingError) -> Exception:
    """Return the one line for what an operator can mend, else the error itself."""
    state = getattr(error.orig, "sqlstate", None)
    if state in _UNDEFINED:
        return CannotStart("the database's tables are not of this version: run `turnout migrate`")
    # Without a state it is no answer of PostgreSQL, but psycopg's about a wrong address.
    return error if state else CannotStart(f"DATABASE_URL: {_first_line(error)}")


def _first_line(error: OperationalError | ProgrammingError) -> str:
    return str(error.orig).strip().partition("\n")[0]
