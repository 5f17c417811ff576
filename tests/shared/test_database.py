"""The engine that every process makes."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DataError


def test_an_error_of_the_database_says_no_value_that_was_sent(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DataError) as refusal:
        connection.execute(text("SELECT 1 / CAST(:zero AS int), :name"), {"zero": 0, "name": "Visitor"})
    assert "division by zero" in str(refusal.value)
    assert "Visitor" not in str(refusal.value)
