"""Rows are deleted after their retention, on real commits."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from shared import clock
from shared.models import Visit
from tests.factories import make_event
from worker.tasks.retention import forget_old_visits


def test_marks_of_long_ago_are_forgotten(db: Session, sessions: sessionmaker[Session]) -> None:
    event = make_event(db)
    for mark, days in ((b"o" * 32, 3 * 366), (b"n" * 32, 3 * 365 - 2)):
        at = clock.now() - timedelta(days=days)
        db.add(Visit(event_id=event.id, mark=mark, organization_id=event.organization_id, at=at))
    db.commit()
    forget_old_visits(sessions)
    assert db.scalars(select(Visit.mark)).all() == [b"n" * 32]
