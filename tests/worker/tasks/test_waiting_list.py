"""Seats that were held until a deadline, freed by the tick on real commits."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from shared import clock
from shared.models import OutboxMessage, Registration
from shared.registrations import waiting_list
from tests.factories import make_event, make_registration
from worker.tasks.waiting_list import lapse_one


def overdue(db: Session) -> tuple[Registration, Registration]:
    """Add a seat that was offered until a minute ago, and a person who waits for it."""
    event = make_event(db, capacity=1)
    ago = clock.now() - timedelta(minutes=1)
    offered = make_registration(db, event, state="offered", confirmed_at=None, deadline=ago)
    return offered, make_registration(db, event, state="waiting", confirmed_at=None, waited_at=ago)


def test_an_overdue_seat_goes_to_the_waiting_list_and_both_get_an_email(db: Session, sessions: sessionmaker[Session]):
    offered, waiting = overdue(db)
    db.commit()
    assert offered.event_id in waiting_list.overdue_events(db, now=clock.now())
    lapse_one(sessions, offered.event_id, clock.now())
    db.expire_all()
    assert (offered.state, offered.cancelled_by) == ("cancelled", "lapsed")
    assert waiting.state == "offered"
    enqueued = db.execute(
        select(OutboxMessage.kind, OutboxMessage.subject).where(OutboxMessage.subject.in_([offered.id, waiting.id]))
    )
    assert set(map(tuple, enqueued)) == {("offer_lapsed", offered.id), ("seat_offered", waiting.id)}
    assert offered.event_id not in waiting_list.overdue_events(db, now=clock.now())


def test_an_event_whose_seats_cannot_be_freed_does_not_stop_the_others(sessions: sessionmaker[Session], capsys):
    lapse_one(sessions, 2**64, clock.now())  # more than the database's numbers hold
    assert "not freed" in "".join(capsys.readouterr())
