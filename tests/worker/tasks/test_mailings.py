"""Reminders and thanks, queued by the tick once their hour has come."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from shared import clock
from shared.models import Admission, OutboxMessage
from tests.factories import make_event, make_registration
from worker.tasks.mailings import enqueue_mailings


def enqueued(db: Session, *subjects: int) -> set[tuple[str, str]]:
    rows = db.execute(select(OutboxMessage.kind, OutboxMessage.key).where(OutboxMessage.subject.in_(subjects)))
    return {(kind, key.partition(" ")[0]) for kind, key in rows}


def test_a_due_reminder_is_queued_exactly_once(db: Session, sessions: sessionmaker[Session]):
    now = clock.now()
    soon, later = (make_event(db, starts_at=now + timedelta(hours=hours)) for hours in (30, 60))
    signed_up = now - timedelta(days=5)
    people = [make_registration(db, event, confirmed_at=signed_up).id for event in (soon, later)]
    db.commit()
    for _ in range(2):
        enqueue_mailings(sessions)
    assert enqueued(db, *people) == {("reminder", "2d")}
    assert enqueued(db, people[1]) == set()


def test_thanks_are_queued_for_attendees_once_there_is_a_recap(db: Session, sessions: sessionmaker[Session]):
    event = make_event(db, starts_at=clock.now() - timedelta(days=1))
    attendee, stayed_away = (make_registration(db, event) for _ in range(2))
    at = {"event_id": event.id, "session_id": event.sessions[0].id, "first": "6f0c8f0e-1111-4222-8333-444455556666"}
    db.add(Admission(person=attendee.ticket_id, first_at=clock.milliseconds(event.starts_at), entries=1, **at))
    db.commit()
    enqueue_mailings(sessions)
    assert enqueued(db, attendee.id) == set()
    event.recap = {"en": "Forty people came."}
    db.commit()
    enqueue_mailings(sessions)
    assert enqueued(db, attendee.id) == {("thanks", "")}
    assert enqueued(db, stayed_away.id) == set()
