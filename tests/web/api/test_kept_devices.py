"""A phone is known for a second: with real commits, and what that may not change."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared import clock, tokens
from shared.models import Device, Event, Scan
from tests.conftest import Committed, Statements, browser, counted
from tests.factories import make_device, make_door, make_event
from tests.support.door_api import results, scan
from web.current import resources

TOKEN = "the phone's token"
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


@pytest.fixture
def statements(committed: Committed) -> Statements:
    return counted(committed.engine)


def send(phone: FlaskClient, scans: list[dict[str, Any]], **more: object) -> dict[str, Any]:
    body = {"device_time": clock.milliseconds(clock.now()), "scans": scans, **more}
    answer = phone.post("/api/door/scans", json=body, headers=BEARER)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def scans_of(committed: Committed, count: int) -> list[dict[str, Any]]:
    with committed.sessions() as db:
        event = db.query(Event).one()
        return [scan(event, person=f"{number:016x}") for number in range(count)]


def test_a_scan_of_a_known_phone_takes_three_statements(
    phone: FlaskClient, committed: Committed, statements: Statements
) -> None:
    first, second = scans_of(committed, 2)
    send(phone, [first])
    with statements() as executed:
        assert results(send(phone, [second])) == ["unknown"]
    assert len(executed) == 3


def test_a_report_of_a_known_phone_takes_one_statement(phone: FlaskClient, statements: Statements) -> None:
    send(phone, [])
    with statements() as executed:
        send(phone, [])
    assert len(executed) == 1


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
    left_out = {"event", "door", "doors", "sessions", "types", "keys", "rules"}
    assert first.keys() - again.keys() == left_out
    assert first.keys() == ask(phone, since=first["cursor"]).keys()


def test_a_poll_with_nothing_new_takes_six_statements_and_few_bytes(phone: FlaskClient, statements: Statements) -> None:
    first = ask(phone)
    with statements() as executed:
        answer = phone.get(
            "/api/door/roster", query_string={"since": first["cursor"], "setup": first["setup"]}, headers=BEARER
        )
    assert (len(executed), len(answer.data) < 300) == (6, True)


def test_a_changed_rule_reaches_a_phone_that_knows_the_one_before(
    phone: FlaskClient, committed: Committed, kept_app: Flask
) -> None:
    first = ask(phone)
    with committed.sessions.begin() as db:
        db.query(Event).one().reentry = True
    with kept_app.app_context():
        resources().forget()
    assert ask(phone, setup=first["setup"])["rules"]["reentry"] is True
