"""A phone is known for a second: with real commits, and what that may not change."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.event import listen, remove

from shared import clock, tokens
from shared.models import Device, Event, Scan
from tests.conftest import Committed, browser
from tests.factories import make_device, make_door, make_event, make_registration
from tests.support.door_api import results, scan
from web.current import resources

TOKEN = "the phone's token"
LEFT_OUT = {"event", "door", "doors", "sessions", "types", "keys", "rules"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def kept_app(committed: Committed) -> Flask:
    return committed.keeping_app()


@pytest.fixture
def phone(committed: Committed, kept_app: Flask) -> FlaskClient:
    with committed.sessions.begin() as db:
        event = make_event(db, starts_at=clock.now())
        device, _ = make_device(db, make_door(db, event))
        device.token_hash = tokens.digest(TOKEN)
    return browser(kept_app)


def send(phone: FlaskClient, scans: list[dict[str, Any]], **more: object) -> dict[str, Any]:
    body = {"device_time": clock.milliseconds(clock.now()), "scans": scans, **more}
    answer = phone.post("/api/door/scans", json=body, headers=BEARER)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def scans_of(committed: Committed, count: int) -> list[dict[str, Any]]:
    with committed.sessions.begin() as db:
        event = db.query(Event).one()
        return [scan(event, person=make_registration(db, event).ticket_id) for _ in range(count)]


@contextmanager
def round_trips(committed: Committed) -> Iterator[list[bool]]:
    """List for each statement of a block whether it went alone: without BEGIN and COMMIT around it."""
    alone: list[bool] = []

    def note(connection: Connection, *_: Any) -> None:
        dbapi: Any = connection.connection.dbapi_connection
        alone.append(dbapi.autocommit)

    listen(committed.engine, "before_cursor_execute", note)
    yield alone
    remove(committed.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("size", [1, 100])
def test_a_batch_of_a_known_phone_takes_one_round_trip(phone: FlaskClient, committed: Committed, size: int) -> None:
    first, *batch = scans_of(committed, size + 1)
    send(phone, [first])
    with round_trips(committed) as alone:
        assert results(send(phone, batch)) == ["accepted"] * size
    assert alone == [True]


def test_what_is_unusual_takes_a_transaction_of_three_statements_more(phone: FlaskClient, committed: Committed) -> None:
    (known,) = scans_of(committed, 1)
    send(phone, [known])
    with round_trips(committed) as alone:
        assert results(send(phone, [known])) == ["replay"]
    assert alone == [True, False, False, False]


def test_a_report_of_a_known_phone_takes_one_round_trip(phone: FlaskClient, committed: Committed) -> None:
    send(phone, [])
    with round_trips(committed) as alone:
        send(phone, [])
    assert alone == [True]


def test_a_known_phone_is_not_asked_for_scans_that_it_has_just_sent(phone: FlaskClient, committed: Committed) -> None:
    send(phone, scans_of(committed, 3))
    assert send(phone, [], handed_in=3)["resend"] is False
    assert send(phone, [], handed_in=4)["resend"] is True


def test_a_phone_that_is_revoked_in_this_process_counts_no_more(
    phone: FlaskClient, committed: Committed, kept_app: Flask
) -> None:
    first, second = scans_of(committed, 2)
    send(phone, [first])
    with committed.sessions.begin() as db:
        db.query(Device).one().revoked_at = clock.now()
    with kept_app.app_context():
        resources().forget()
    assert results(send(phone, [second])) == ["revoked"]
    with committed.sessions() as db:
        assert db.query(Scan).count() == 1


def test_an_unknown_token_is_not_kept(phone: FlaskClient, committed: Committed) -> None:
    body = {"device_time": 0}
    wrong = {"Authorization": "Bearer another"}
    assert phone.post("/api/door/scans", json=body, headers=wrong).status_code == 401
    with committed.sessions.begin() as db:
        db.query(Device).one().token_hash = tokens.digest("another")
    assert phone.post("/api/door/scans", json=body, headers=wrong).status_code == 200


def ask(phone: FlaskClient, **known: str) -> dict[str, Any]:
    answer = phone.get("/api/door/roster", query_string=known, headers=BEARER)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_what_a_phone_decides_by_is_not_repeated(phone: FlaskClient) -> None:
    first = ask(phone)
    again = ask(phone, since=first["cursor"], setup=first["setup"])
    assert first.keys() - again.keys() == LEFT_OUT
    assert first.keys() == ask(phone, since=first["cursor"]).keys()


def test_a_poll_with_nothing_new_takes_one_round_trip_and_few_bytes(phone: FlaskClient, committed: Committed) -> None:
    first = ask(phone)
    known = {"since": first["cursor"], "setup": first["setup"]}
    with round_trips(committed) as alone:
        answer = phone.get("/api/door/roster", query_string=known, headers=BEARER)
    assert (alone, len(answer.data) < 300) == ([True], True)
    assert set(answer.get_json()) == set(first) - LEFT_OUT


def test_a_revoked_phone_gets_no_roster_from_the_next_poll_on(phone: FlaskClient, committed: Committed) -> None:
    first = ask(phone)
    with committed.sessions.begin() as db:
        db.query(Device).one().revoked_at = clock.now()
    answer = phone.get("/api/door/roster", query_string={"since": first["cursor"]}, headers=BEARER)
    assert (answer.status_code, answer.get_json(force=True)["type"]) == (401, "/problems/device-revoked")


def test_a_changed_rule_reaches_a_phone_that_knows_the_one_before(
    phone: FlaskClient, committed: Committed, kept_app: Flask
) -> None:
    first = ask(phone)
    with committed.sessions.begin() as db:
        db.query(Event).one().reentry = True
    with kept_app.app_context():
        resources().forget()
    assert ask(phone, setup=first["setup"])["rules"]["reentry"] is True
