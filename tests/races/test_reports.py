"""A report is compiled during uploads: no phone waits, and no scan is lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event as happening
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared import clock
from shared.door import attendance, walk_ins
from shared.door.batches import Batch, WalkIn
from shared.models import Account, Device, Event, Report
from shared.reports import reports
from shared.reports.due_reports import is_due_for_report
from tests.conftest import Committed
from tests.factories import make_account, make_device, make_door, make_event, make_registration
from tests.support.scans import claim

AT_ONCE = text("SET LOCAL lock_timeout = '2s'")
OF_THE_LEDGER = ("SELECT CAST(scan.id AS TEXT)", "SELECT registration.ticket_id, ")


class Evening:
    """An event of this morning, with a guest who came as a walk-in, and a phone."""

    def __init__(self, committed: Committed) -> None:
        self.committed = committed
        with committed.sessions.begin() as db:
            event = make_event(db, starts_at=clock.now() - timedelta(hours=12))
            self.event_id, self.by_id = event.id, make_account(db, organization=event.organization, role="owner").id
            self.device_id = make_device(db, make_door(db, event))[0].id
            self.ticket, self.came = make_registration(db, event, confirmed_at=event.starts_at).ticket_id, uuid4()
        with committed.sessions.begin() as db:
            self.walk_in(db, self.came)

    def walk_in(self, db: Session, id_: Any) -> str:
        device = db.get_one(Device, self.device_id)
        batch = Batch(
            scans=[claim(device.event, person=str(id_))], walk_ins=[WalkIn(id=id_, name="Шариф", language="tg")]
        )
        return attendance.record(db, device=device, batch=batch).results[0].result

    def merge(self, db: Session) -> None:
        event = db.get_one(Event, self.event_id)
        walk_ins.merge(db, event=event, walk_in=str(self.came), ticket=self.ticket, by=make_account(db))

    def close(self, db: Session) -> Report | None:
        return reports.close_doors(db, event=db.get_one(Event, self.event_id), by=db.get_one(Account, self.by_id))

    def write_down(self, db: Session) -> Report | None:
        event, by = db.get_one(Event, self.event_id), db.get_one(Account, self.by_id)
        return reports.edit(db, event=event, headcount=7, note="", by=by)

    def compile(self) -> Any:
        """Return the figures of the next version."""
        with self.committed.sessions.begin() as db:
            report = reports.compile_report(db, event_id=self.event_id, now=clock.now())
            assert report is not None
            return report.figures

    @property
    def is_due(self) -> bool:
        with self.committed.sessions.begin() as db:
            return is_due_for_report(db, event_id=self.event_id, now=clock.now())


@pytest.fixture
def evening(committed: Committed) -> Evening:
    return Evening(committed)


@contextmanager
def between(committed: Committed, act: Callable[[Session], object]) -> Iterator[None]:
    """Commit an act while a ledger is read: after the first of its two long statements."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(OF_THE_LEDGER):
            statements.append(statement)
            if len(statements) == 2:
                with committed.sessions.begin() as db:
                    db.execute(AT_ONCE)
                    act(db)

    happening.listen(committed.engine, "before_cursor_execute", note)
    yield
    happening.remove(committed.engine, "before_cursor_execute", note)
    assert len(statements) > 1


def test_closing_the_doors_compiles_at_once_during_an_upload(committed: Committed, evening: Evening) -> None:
    with committed.sessions() as phone:
        evening.walk_in(phone, uuid4())
        with committed.sessions.begin() as db:
            db.execute(AT_ONCE)
            report = evening.close(db)
        phone.commit()
    assert report is not None
    assert (report.version, report.figures["people"]) == (1, 1)
    assert evening.compile()["people"] == 2


@pytest.mark.parametrize("compile_it", [Evening.close, Evening.write_down])
def test_no_phone_waits_for_a_report(
    committed: Committed, evening: Evening, compile_it: Callable[[Evening, Session], Report | None]
) -> None:
    with committed.sessions.begin() as db:
        evening.close(db)
        evening.walk_in(db, uuid4())
    with committed.sessions.begin() as busy:
        assert compile_it(evening, busy) is not None
        with committed.sessions.begin() as db:
            db.execute(AT_ONCE)
            assert evening.walk_in(db, uuid4()) == "accepted"


def test_a_walk_in_during_a_report_is_in_the_next_version(committed: Committed, evening: Evening) -> None:
    with between(committed, lambda db: evening.walk_in(db, uuid4())):
        first = evening.compile()
    assert (first["people"], first["walk_ins"]["unlisted"]) == (1, 0)
    assert evening.is_due
    assert evening.compile()["walk_ins"]["at_door"] == 2
    assert not evening.is_due


def test_a_merge_during_a_report_makes_the_next_version(committed: Committed, evening: Evening) -> None:
    with between(committed, evening.merge):
        evening.compile()
    assert evening.is_due
    assert evening.compile()["walk_ins"]["all"] == 0
    assert not evening.is_due
