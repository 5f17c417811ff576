"""Liveness and readiness, with components missing."""

from dataclasses import replace
from datetime import timedelta
from random import randrange
from typing import Any

import pytest
import time_machine
from flask import Response
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client

from shared import clock
from shared.config import Settings
from shared.database import make_engine
from shared.models import OutboxMessage
from tests.conftest import Committed, Statements, make_settings
from tests.factories import SECRET
from web.app import create_app, make_resources
from web.limits import Limiter
from web.security_events import SecurityEvent, note


def test_alive_asks_no_other_process(client: FlaskClient, statements: Statements) -> None:
    with statements() as executed:
        assert client.get("/healthz").get_json() == {"status": "alive"}
    assert executed == []


def test_alive_answers_while_every_connection_is_taken(committed: Committed) -> None:
    settings = committed.settings.model_copy(update={"turnout_pool": 1})
    engine = make_engine(settings)
    browser = create_app(settings, resources=make_resources(settings, engine)).test_client()
    with engine.connect():
        assert browser.get("/healthz").status_code == 200
    engine.dispose()


STRANGERS: dict[str, dict[str, Any]] = {
    "another machine": {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}},
    "another machine, by IPv6": {"environ_overrides": {"REMOTE_ADDR": "2001:db8::7"}},
    "no machine": {"environ_overrides": {"REMOTE_ADDR": ""}},
    "a proxy that keeps the name": {"headers": {"Host": "events.example.org"}},
    "a name that begins like ours": {"headers": {"Host": "localhost.example.org"}},
    "a proxy that nobody trusts": {"headers": {"X-Forwarded-For": "192.0.2.7"}},
    "a proxy behind another": {"headers": {"X-Forwarded-For": "192.0.2.7, 127.0.0.1"}},
    "a proxy that says it otherwise": {"headers": {"X-Real-IP": "192.0.2.7"}},
    "a proxy that says it by the book": {"headers": {"Forwarded": "for=192.0.2.7"}},
}


@pytest.mark.parametrize("proxies", [0, 1])
@pytest.mark.parametrize("environment", STRANGERS.values(), ids=STRANGERS.keys())
def test_a_stranger_learns_only_whether_it_is_ready(
    client: FlaskClient, environment: dict[str, Any], proxies: int
) -> None:
    wsgi = client.application.wsgi_app
    trusted = ProxyFix(wsgi, x_for=proxies, x_proto=proxies, x_host=proxies) if proxies else wsgi
    answer = Client(trusted, Response).get("/readyz", **environment)
    assert answer.get_json() == {"status": "ready"}


def test_a_stranger_does_not_learn_why_it_is_not_ready(client: FlaskClient, db: Session) -> None:
    db.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    answer = client.get("/readyz", headers={"Host": "events.example.org"})
    assert (answer.status_code, answer.get_json()) == (503, {"status": "not ready"})


LOCALS: dict[str, dict[str, Any]] = {
    "by number": {"headers": {"Host": "127.0.0.1:8000"}},
    "by name": {"headers": {"Host": "LocalHost:8000"}},
    "by IPv6": {"headers": {"Host": "[::1]:8000"}, "environ_overrides": {"REMOTE_ADDR": "::1"}},
    "by IPv4 in IPv6": {"headers": {"Host": "127.0.0.1"}, "environ_overrides": {"REMOTE_ADDR": "::ffff:127.0.0.1"}},
    "through the proxy in front": {"headers": {"Host": "127.0.0.1", "X-Forwarded-For": "127.0.0.1"}},
}


@pytest.mark.parametrize("environment", LOCALS.values(), ids=LOCALS.keys())
def test_a_local_request_gets_the_details(client: FlaskClient, environment: dict[str, Any]) -> None:
    assert {"status", "database", "redis", "security"} == client.get("/readyz", **environment).get_json().keys()


def test_ready_reports_each_component_and_its_duration(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    body = answer.get_json()
    assert answer.status_code == 200
    assert body["database"]["status"] == body["redis"]["status"] == "here"
    assert body["database"]["ms"] >= 0


def test_without_redis_registration_works_so_it_is_ready(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_tables_of_a_newer_version_are_ready_so_that_no_node_goes_away_while_another_migrates(
    client: FlaskClient, db: Session
) -> None:
    db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json()["database"]["version"] == "9999"


def test_a_database_without_tables_is_not_ready(committed: Committed) -> None:
    with committed.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    answer = committed.client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["database"]["status"] == "empty"


def test_security_events_of_today_and_yesterday_are_counted(client: FlaskClient) -> None:
    limiter = client.application.extensions["turnout"].limiter
    first = clock.now().replace(year=randrange(2100, 9000), month=5, day=1)
    with time_machine.travel(first, tick=False) as moment, client.application.test_request_context():
        note(SecurityEvent.LIMIT_REACHED, limit="sign-up")
        note(SecurityEvent.LIMIT_REACHED, limit="act")
        note(SecurityEvent.WRONG_CODE, account_id=1)
        moment.shift(timedelta(days=1))
        note(SecurityEvent.WRONG_CODE, account_id=1)
        counted = client.get("/readyz").get_json()["security"]
        assert counted == {"today": {"wrong_code": 1}, "yesterday": {"limit_reached": 2, "wrong_code": 1}}
        assert limiter.tallies(clock.now().date() + timedelta(days=1)) == {}


def test_without_redis_nothing_is_counted_and_nothing_fails(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    extensions = client.application.extensions
    away = replace(extensions["turnout"], limiter=Limiter("unix:///nowhere/redis.sock", SECRET))
    monkeypatch.setitem(extensions, "turnout", away)
    with client.application.test_request_context():
        note(SecurityEvent.WRONG_CODE, account_id=1)
    assert client.get("/readyz").get_json()["security"] == {"today": {}, "yesterday": {}}


def test_ready_reports_how_late_the_worker_is(client: FlaskClient, db: Session) -> None:
    due = clock.now() - timedelta(minutes=10)
    db.add_all(
        [
            OutboxMessage(kind="ticket_again", subject=1, due_at=due),
            OutboxMessage(kind="ticket_again", subject=2, due_at=due, finished_at=due),
            OutboxMessage(kind="ticket_again", subject=3, due_at=due, dead_at=due),
            OutboxMessage(kind="ticket_again", subject=4, due_at=clock.now() + timedelta(hours=1)),
        ]
    )
    db.flush()
    outbox = client.get("/readyz").get_json()["database"]["outbox"]
    assert (outbox["due"], outbox["dead"]) == (1, 1)
    assert 590 < outbox["oldest_seconds"] < 660
