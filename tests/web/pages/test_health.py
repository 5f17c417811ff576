"""Alive and ready, with parts missing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared import clock
from shared.config import Settings
from shared.models import Promise
from tests.conftest import Committed, Statements, make_settings
from tests.factories import SECRET
from web.app import create_app
from web.limits import Limiter


def test_alive_asks_nobody(client: FlaskClient, statements: Statements) -> None:
    with statements() as seen:
        assert client.get("/healthz").get_json() == {"status": "alive"}
    assert seen == []


def test_ready_tells_each_part_and_how_long_it_took(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    told = answer.get_json()
    assert answer.status_code == 200
    assert told["database"]["status"] == told["redis"]["status"] == "here"
    assert told["database"]["ms"] >= 0


def test_a_redis_that_is_away_stops_no_registration_and_so_not_readiness(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    extensions = client.application.extensions
    away = replace(extensions["turnout"], limiter=Limiter("unix:///nowhere/redis.sock", SECRET))
    monkeypatch.setitem(extensions, "turnout", away)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json()["redis"]["status"] == "away"


def test_a_database_that_is_away_is_not_ready(settings: Settings) -> None:
    away = make_settings("postgresql://nobody@/nothing?host=/nowhere", settings.redis_url)
    answer = create_app(away).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["database"]["status"] == "away"


def test_tables_of_another_version_are_not_ready(client: FlaskClient, db: Session) -> None:
    db.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["database"]["version"] == "older"


def test_a_database_without_tables_is_not_ready(committed: Committed) -> None:
    with committed.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    answer = committed.client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["database"]["status"] == "empty"


def test_ready_tells_how_far_the_worker_is_behind(client: FlaskClient, db: Session) -> None:
    due = clock.now() - timedelta(minutes=10)
    db.add_all(
        [
            Promise(kind="ticket_again", subject=1, due_at=due),
            Promise(kind="ticket_again", subject=2, due_at=due, finished_at=due),
            Promise(kind="ticket_again", subject=3, due_at=due, dead_at=due),
            Promise(kind="ticket_again", subject=4, due_at=clock.now() + timedelta(hours=1)),
        ]
    )
    db.flush()
    outbox = client.get("/readyz").get_json()["database"]["outbox"]
    assert (outbox["due"], outbox["dead"]) == (1, 1)
    assert 590 < outbox["oldest_seconds"] < 660
