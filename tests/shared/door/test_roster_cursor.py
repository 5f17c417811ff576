"""A cursor counts in its own epoch only, and rows of an earlier cluster are told once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from shared.door import roster
from shared.door.roster_cursor import COLUMNS, EVERY_REVISION, ReadPoint
from shared.models import Device, Event
from tests.conftest import Committed, own_database
from tests.factories import make_registration

OPERATING = (Path(__file__).parents[3] / "docs/operating.md").read_text(encoding="utf-8")
BEYOND = 10**9
"""A transaction number that no cluster of a test reaches."""


@pytest.fixture
def connection(committed: Committed) -> Iterator[Connection]:
    with committed.engine.connect() as connection:
        yield connection


def epoch(connection: Connection) -> str:
    return ReadPoint.of(*connection.execute(select(*COLUMNS)).one()).epoch


def test_an_epoch_lasts(connection: Connection, committed: Committed) -> None:
    with committed.engine.connect() as another:
        assert epoch(connection) == epoch(another)


def test_a_new_value_begins_an_epoch(connection: Connection) -> None:
    before = epoch(connection)
    renewal = "UPDATE epoch SET value = gen_random_uuid()"
    assert renewal in OPERATING
    connection.execute(text(renewal))
    assert epoch(connection) != before


def test_a_table_made_anew_begins_an_epoch_although_its_row_is_the_same(connection: Connection) -> None:
    before = epoch(connection)
    connection.execute(text("CREATE TABLE anew (LIKE epoch)"))
    connection.execute(text("INSERT INTO anew SELECT * FROM epoch"))
    connection.execute(text("DROP TABLE epoch"))
    connection.execute(text("ALTER TABLE anew RENAME TO epoch"))
    assert epoch(connection) != before


def test_a_database_of_the_same_cluster_has_its_own_epoch(connection: Connection, committed: Committed) -> None:
    with own_database(committed.settings) as copy, copy.engine.connect() as another:
        rows = [each.execute(text("SELECT value, tableoid FROM epoch")).one() for each in (connection, another)]
        assert rows[0] == rows[1]
        assert epoch(another) != epoch(connection)


def test_the_cursor_is_followed_by_what_began_later() -> None:
    assert ReadPoint("e", 5, 9).cursor == "e-5"
    assert ReadPoint("e", 7, 9).revisions_since("e-5") == range(5, 9)


@pytest.mark.parametrize("cursor", [None, "", "5", "e", "e-", "e-x", "e-8", "e--5", "f-5", "e-²", "e-" + "0" * 99])
def test_any_other_cursor_counts_as_none(cursor: str | None) -> None:
    assert ReadPoint("e", 7, 9).revisions_since(cursor) == EVERY_REVISION


def test_a_transaction_reads_its_own_rows(db: Session, event: Event) -> None:
    own = make_registration(db, event)
    read_point = ReadPoint.of(*db.execute(select(*COLUMNS)).one())
    assert own.revision in read_point.revisions_since(read_point.cursor)


def test_a_row_of_an_earlier_cluster_comes_once(db: Session, event: Event, device: Device) -> None:
    earlier = make_registration(db, event, revision=BEYOND)
    first = roster.changes(db, device=device, since=None)
    assert [entry["id"] for entry in first.entries] == [earlier.ticket_id]
    second = roster.changes(db, device=device, since=first.cursor)
    assert (second.whole, second.entries) == (False, [])
    earlier.name = "Фарзона"
    db.flush()
    assert [entry["name"] for entry in roster.changes(db, device=device, since=first.cursor).entries] == ["Фарзона"]
