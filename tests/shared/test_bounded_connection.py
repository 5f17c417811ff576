"""Waits for the database are bounded on both sides of the connection."""

import threading

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from shared.config import Settings
from shared.database import BoundedConnection, make_engine, make_sessions, stay_idle
from tests.support.hanging_database import hanging_database

LIMIT = text("SHOW idle_in_transaction_session_timeout")


class Hasty(BoundedConnection):
    """A connection with little patience."""

    answered_within = 0.3


def test_a_server_that_hangs_is_not_waited_for_and_found_again_when_it_answers(settings: Settings) -> None:
    with hanging_database(settings) as proxy:
        engine = make_engine(settings.model_copy(update={"database_url": proxy.url}), Hasty)
        with engine.connect() as connection:
            proxy.flows.clear()
            timer = threading.Timer(10, proxy.flows.set)
            timer.start()
            with pytest.raises(OperationalError, match="timeout") as raised:
                connection.execute(text("SELECT 1"))
            assert raised.value.connection_invalidated
        timer.cancel()
        assert not proxy.flows.is_set()
        proxy.flows.set()
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
        engine.dispose()


def test_a_transaction_in_which_nothing_happens_ends_unless_a_client_is_slow(engine: Engine) -> None:
    with make_sessions(engine).begin() as db:
        assert db.scalar(LIMIT) == "20s"
        stay_idle(db)
        assert db.scalar(LIMIT) == "10min"
