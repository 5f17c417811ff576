"""A poll with nothing new: what one statement answers, and what it leaves to a closer look."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.door import polls
from shared.door.polls import Poll
from shared.door.roster_cursor import COLUMNS, ReadPoint
from shared.models import Device, DoorPass, Event, Registration
from tests.conftest import Committed, Statements
from tests.factories import make_device, make_door, make_event, make_registration
from tests.support.plans import generic_plan
from tests.support.scans import claim, hand_in

DIGEST = tokens.digest("the phone's token")
BEFORE, SINCE = 1, 2
"""A transaction long ago, and the cursor after it. The cursor of now is held back by every open transaction, also of
tests that run meanwhile.
"""


@pytest.fixture
def event_id(committed: Committed) -> int:
    """Return an event with a paired phone and a person on its list."""
    with committed.sessions.begin() as db:
        event = make_event(db)
        make_registration(db, event, revision=BEFORE)
        make_device(db, make_door(db, event))[0].token_hash = DIGEST
    return event.id


def poll(committed: Committed, since: str | int | None = SINCE, digest: bytes = DIGEST) -> Poll | None:
    with committed.sessions.begin() as db:
        epoch = ReadPoint.of(*db.execute(select(*COLUMNS)).one()).epoch
        cursor = f"{epoch}-{since}" if isinstance(since, int) else since
        return polls.answer(db, digest=digest, since=cursor)


def test_with_nothing_new_a_poll_is_a_cursor(committed: Committed, event_id: int) -> None:
    answer = poll(committed)
    assert answer is not None
    assert (answer.event_id, answer.roster.whole, answer.roster.merged) == (event_id, False, {})
    assert int(answer.roster.cursor.partition("-")[2]) > SINCE
    assert poll(committed, answer.roster.cursor) is not None


def test_what_changed_in_the_transaction_of_the_cursor_gets_a_closer_look(committed: Committed, event_id: int) -> None:
    assert poll(committed, BEFORE) is None


def register(db: Session, event: Event) -> None:
    make_registration(db, event)


def scan(db: Session, event: Event) -> None:
    hand_in(db, db.query(Device).one(), claim(event, person="00000000000000ff"))


@pytest.mark.parametrize("change", [register, scan])
def test_a_change_gets_a_closer_look(committed: Committed, event_id: int, change: Any) -> None:
    with committed.sessions.begin() as db:
        change(db, db.get_one(Event, event_id))
    assert poll(committed) is None


def test_a_change_of_another_event_does_not(committed: Committed, event_id: int) -> None:
    with committed.sessions.begin() as db:
        make_registration(db, make_event(db))
    assert poll(committed) is not None


def test_a_change_in_an_earlier_cluster_does_not_and_hides_none(committed: Committed, event_id: int) -> None:
    with committed.sessions.begin() as db:
        make_registration(db, db.get_one(Event, event_id), revision=10**9)
    assert poll(committed) is not None
    with committed.sessions.begin() as db:
        make_registration(db, db.get_one(Event, event_id))
    assert poll(committed) is None


def test_what_is_committed_after_a_later_change_is_not_missed(committed: Committed, event_id: int) -> None:
    slow = committed.sessions()
    make_registration(slow, slow.get_one(Event, event_id))
    with committed.sessions.begin() as db:
        make_registration(db, make_event(db))
    answer = poll(committed)
    slow.commit()
    slow.close()
    assert answer is not None
    assert poll(committed, answer.roster.cursor) is None


def test_merged_walk_ins_are_complete(committed: Committed, event_id: int) -> None:
    walk_in = "00000000000000aa"
    with committed.sessions.begin() as db:
        ticket = db.query(Registration).one().ticket_id
        merged = {"walk_in": True, "ticket_id": walk_in, "merged_into": ticket}
        make_registration(db, db.get_one(Event, event_id), revision=BEFORE, **merged)
    answer = poll(committed)
    assert answer is not None
    assert answer.roster.merged == {walk_in: ticket}


@pytest.mark.parametrize("since", [None, "", "0", "nonsense", "-1", "²", "2", "f-2", 10**18])
def test_a_cursor_that_is_not_valid_gets_a_closer_look(
    committed: Committed, event_id: int, since: str | int | None
) -> None:
    assert poll(committed, since) is None


def test_an_unknown_token_gets_a_closer_look(committed: Committed, event_id: int) -> None:
    assert poll(committed, digest=tokens.digest("another")) is None


def test_a_revoked_phone_gets_a_closer_look(committed: Committed, event_id: int) -> None:
    with committed.sessions.begin() as db:
        db.query(Device).one().revoked_at = clock.now()
    assert poll(committed) is None


NOW = clock.now()
ENDS: dict[str, tuple[datetime | None, datetime | None, datetime]] = {
    "its own end is ahead": (NOW + timedelta(hours=1), NOW - timedelta(days=9), NOW - timedelta(days=90)),
    "its own end is over": (NOW, NOW + timedelta(days=9), NOW),
    "a day after the event is ahead": (None, NOW - timedelta(hours=23), NOW - timedelta(days=90)),
    "a day after the event is over": (None, NOW - timedelta(hours=25), NOW),
    "thirty days are ahead": (None, None, NOW - timedelta(days=29)),
    "thirty days are over": (None, None, NOW - timedelta(days=31)),
}
"""A pass's own end, its event's, and when it was created."""


@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS)
def test_a_pass_ends_as_elsewhere(
    committed: Committed, event_id: int, ends: tuple[datetime | None, datetime | None, datetime]
) -> None:
    expires_at, ends_at, created_at = ends
    local = ends_at and ends_at.replace(tzinfo=None)
    with committed.sessions.begin() as db:
        starts = {"starts_at": ends_at, "starts_local": local}
        db.execute(update(Event).values(ends_at=ends_at, ends_local=local, **starts if ends_at else {}))
        db.execute(update(DoorPass).values(expires_at=expires_at, created_at=created_at))
    with committed.sessions.begin() as db:
        is_over = db.query(DoorPass).one().ends_at <= clock.now()
    assert (poll(committed) is None) is is_over


def test_the_latest_changes_are_looked_up_in_an_index(db: Session, event: Event, statements: Statements) -> None:
    with statements() as executed:
        polls.answer(db, digest=DIGEST, since=None)
    db.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
    plan = generic_plan(db, executed[0])
    backward = set(re.findall(r"Scan Backward using (\w+)", plan))
    assert backward == {"ix_registration_event_id_revision", "ix_scan_event_id_revision"}, plan
