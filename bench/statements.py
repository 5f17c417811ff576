"""The statements that PostgreSQL executes, counted in its log. Nothing else may use it meanwhile."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Engine

from bench.service import Service

Result = TypeVar("Result")
_EXECUTED = re.compile(rb" LOG:  (?:statement|execute [^:]+):\s*(\w+)")
_OF_TRANSACTIONS = {b"BEGIN", b"COMMIT", b"ROLLBACK", b"SAVEPOINT", b"RELEASE"}


@dataclass(frozen=True)
class Statements:
    """The number of statements, and of round trips: statements with BEGIN, COMMIT and savepoints."""

    statements: int
    round_trips: int


def count(service: Service, work: Callable[[], Result]) -> tuple[Result, Statements]:
    """Return the result of some work, and the statements that it caused. It is slower than usual."""
    _log(service.engine, "all")
    begin = service.log.stat().st_size
    result = work()
    with service.log.open("rb") as log:
        log.seek(begin)
        counted = executed(log.read())
    _log(service.engine, "none")
    return result, counted


def executed(log: bytes) -> Statements:
    """Return the statements in a piece of the log."""
    words = _EXECUTED.findall(log)
    return Statements(sum(word.upper() not in _OF_TRANSACTIONS for word in words), len(words))


def _log(engine: Engine, which: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"ALTER SYSTEM SET log_statement = '{which}'")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
        while connection.exec_driver_sql("SHOW log_statement").scalar_one() != which:
            time.sleep(0.005)
