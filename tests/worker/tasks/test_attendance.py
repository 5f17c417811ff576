"""Compiling past events, one at a time."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from shared import clock
from shared.models import Report
from shared.reports import due_reports
from tests.factories import make_event, make_registration
from worker.tasks.attendance import compile_one


def finished(db: Session) -> int:
    event = make_event(db, starts_at=clock.now() - timedelta(days=1))
    make_registration(db, event)
    return event.id


def test_an_event_that_is_over_is_compiled_once(db: Session, sessions: sessionmaker[Session]):
    event_id = finished(db)
    db.commit()
    for _ in range(2):
        compile_one(sessions, event_id, clock.now())
    assert db.scalars(select(Report.version).where(Report.event_id == event_id)).all() == [1]
    assert event_id not in due_reports.due_for_report(db, now=clock.now())


def test_an_event_that_cannot_be_compiled_does_not_stop_the_others(sessions: sessionmaker[Session], capsys):
    compile_one(sessions, 2**64, clock.now())  # more than the database's numbers hold
    assert "not compiled" in "".join(capsys.readouterr())
