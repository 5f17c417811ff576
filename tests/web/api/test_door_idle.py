"""What phones cost between two scans: they ask every few seconds, all evening."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Device, Event
from shared.queries import live
from tests.conftest import Statements

WRITES = ("INSERT", "UPDATE", "DELETE", "MERGE")
EVERY = 30
"""Seconds after which a phone says that it is well (web/door/src/sync.ts)."""

Say = Callable[..., list[str]]


@pytest.fixture
def evening() -> Iterator[time_machine.Traveller]:
    """A clock that the test moves."""
    with time_machine.travel(clock.now().replace(second=5), tick=False) as traveller:
        yield traveller


@pytest.fixture
def say(db: Session, client: FlaskClient, bearer: dict[str, str], statements: Statements) -> Say:
    """Has the phone say that it is well; gives what that made the database do."""

    def hand_in(**facts: object) -> list[str]:
        told = {
            "device_time": clock.milliseconds(clock.now()),
            "handed_in": 0,
            "waiting": 0,
            "version": "01ab",
            **facts,
        }
        db.expire_all()
        with statements() as seen:
            assert client.post("/api/door/scans", json=told, headers=bearer).status_code == 200
        return seen

    return hand_in


def writes(seen: list[str]) -> list[str]:
    return [one for one in seen if any(word in one.upper().replace("\n", " ").split() for word in WRITES)]


def phone(db: Session) -> Device:
    db.expire_all()
    return db.scalars(select(Device)).one()


def test_who_only_asks_for_the_list_makes_nothing_be_written(
    client: FlaskClient, bearer: dict[str, str], statements: Statements
) -> None:
    cursor = client.get("/api/door/roster", headers=bearer).get_json()["cursor"]
    with statements() as seen:
        assert client.get(f"/api/door/roster?since={cursor}", headers=bearer).status_code == 200
    assert seen
    assert writes(seen) == []


def test_a_phone_that_is_well_is_looked_up_and_written_once(
    db: Session, say: Say, evening: time_machine.Traveller
) -> None:
    say()
    for _ in range(3):
        evening.shift(EVERY)
        seen = say()
        assert (len(seen), len(writes(seen))) == (2, 1), "\n".join(seen)
        assert phone(db).seen_at == clock.now()


def test_a_phone_that_says_so_again_at_once_is_not_written(say: Say, evening: time_machine.Traveller) -> None:
    say()
    for _ in range(3):
        evening.shift(timedelta(seconds=5))
        seen = say(device_time=clock.milliseconds(clock.now()) - 400)
        assert (len(seen), writes(seen)) == (1, []), "\n".join(seen)


@pytest.mark.parametrize(
    ("facts", "kept"),
    [
        ({"waiting": 3}, {"waiting": 3}),
        ({"version": "02cd"}, {"version": "02cd"}),
        ({"device_time": 0}, {"clock_offset": 1_790_000_000_000}),
    ],
)
def test_what_is_new_of_a_phone_is_written_at_once(db: Session, say: Say, facts: Any, kept: Any) -> None:
    with time_machine.travel(clock.from_milliseconds(1_790_000_000_000), tick=False):
        say()
        assert len(writes(say(**facts))) == 1
        assert {name: getattr(phone(db), name) for name in kept} == kept


def test_a_phone_is_away_after_three_minutes_of_silence_and_not_while_it_is_well(
    db: Session, event: Event, say: Say, evening: time_machine.Traveller
) -> None:
    for _ in range(20):
        say()
        evening.shift(EVERY)
        assert live.standing(db, event=event).away == 0
    evening.shift(timedelta(minutes=4))
    assert live.standing(db, event=event).away == 1


def test_the_tag_of_the_live_page_stays_while_phones_only_say_that_they_are_well(
    db: Session, event: Event, say: Say, evening: time_machine.Traveller
) -> None:
    say()
    before = live.standing(db, event=event).tag
    evening.shift(25)
    assert len(writes(say())) == 1
    assert live.standing(db, event=event).tag == before
    say(waiting=1)
    assert live.standing(db, event=event).tag != before
