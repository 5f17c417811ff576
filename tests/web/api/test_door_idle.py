"""The cost of phones between two scans: they ask every few seconds, all evening."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.door import live
from shared.models import Device, Event
from tests.conftest import Statements

WRITES = ("INSERT", "UPDATE", "DELETE", "MERGE")
EVERY = 30
"""Seconds after which a phone sends its state (web/door/src/engine/sync.ts)."""

Say = Callable[..., list[str]]


@pytest.fixture
def evening() -> Iterator[time_machine.Traveller]:
    """A clock that the test moves."""
    with time_machine.travel(clock.now().replace(second=5), tick=False) as traveller:
        yield traveller


@pytest.fixture
def say(db: Session, client: FlaskClient, bearer: dict[str, str], statements: Statements) -> Say:
    """Return a function that sends the state of the phone and returns the statements of the database."""

    def hand_in(**facts: object) -> list[str]:
        body = {
            "device_time": clock.milliseconds(clock.now()),
            "handed_in": 0,
            "waiting": 0,
            "version": "01ab",
            **facts,
        }
        db.expire_all()
        with statements() as executed:
            assert client.post("/api/door/scans", json=body, headers=bearer).status_code == 200
        return executed

    return hand_in


def writes(executed: list[str]) -> list[str]:
    return [
        statement
        for statement in executed
        if any(word in statement.upper().replace("\n", " ").split() for word in WRITES)
    ]


def phone(db: Session) -> Device:
    db.expire_all()
    return db.scalars(select(Device)).one()


def test_fetching_the_roster_writes_nothing(
    client: FlaskClient, bearer: dict[str, str], statements: Statements
) -> None:
    cursor = client.get("/api/door/roster", headers=bearer).get_json()["cursor"]
    with statements() as executed:
        assert client.get(f"/api/door/roster?since={cursor}", headers=bearer).status_code == 200
    assert executed
    assert writes(executed) == []


def test_the_first_report_of_a_healthy_phone_costs_one_read_and_one_write(
    db: Session, say: Say, evening: time_machine.Traveller
) -> None:
    say()
    for _ in range(3):
        evening.shift(EVERY)
        executed = say()
        assert (len(executed), len(writes(executed))) == (2, 1), "\n".join(executed)
        assert phone(db).seen_at == clock.now()


def test_a_repeated_report_writes_nothing(say: Say, evening: time_machine.Traveller) -> None:
    say()
    for _ in range(3):
        evening.shift(timedelta(seconds=5))
        executed = say(device_time=clock.milliseconds(clock.now()) - 400)
        assert (len(executed), writes(executed)) == (2, []), "\n".join(executed)


@pytest.mark.parametrize(
    ("facts", "columns"),
    [
        ({"waiting": 3}, {"waiting": 3}),
        ({"version": "02cd"}, {"version": "02cd"}),
        ({"device_time": 0}, {"clock_offset": 1_790_000_000_000}),
    ],
)
def test_a_changed_state_of_a_phone_is_written_at_once(db: Session, say: Say, facts: Any, columns: Any) -> None:
    with time_machine.travel(clock.from_milliseconds(1_790_000_000_000), tick=False):
        say()
        assert len(writes(say(**facts))) == 1
        assert {name: getattr(phone(db), name) for name in columns} == columns


def test_a_phone_is_offline_after_three_minutes_of_silence_and_not_before(
    db: Session, event: Event, say: Say, evening: time_machine.Traveller
) -> None:
    for _ in range(20):
        say()
        evening.shift(EVERY)
        assert live.standing(db, event=event).away == 0
    evening.shift(timedelta(minutes=4))
    assert live.standing(db, event=event).away == 1


def test_the_live_page_keeps_its_etag_while_phones_only_report(
    db: Session, event: Event, say: Say, evening: time_machine.Traveller
) -> None:
    say()
    before = live.standing(db, event=event).tag
    evening.shift(25)
    assert len(writes(say())) == 1
    assert live.standing(db, event=event).tag == before
    say(waiting=1)
    assert live.standing(db, event=event).tag != before
