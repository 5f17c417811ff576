"""Whose attendance is due."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event
from shared.queries.attendance import is_due_for_report
from tests.factories import make_device, make_door, make_event, make_registration
from tests.shared.operations.test_attendance import claim, hand_in


@pytest.fixture
def event(db: Session) -> Event:
    """An event that ended yesterday, with somebody on its list."""
    event = make_event(db, starts_at=clock.now() - timedelta(days=1))
    make_registration(db, event)
    return event


def is_due(db: Session, event: Event) -> bool:
    db.flush()
    return is_due_for_report(db, event_id=event.id, now=clock.now())


@pytest.mark.parametrize(("state", "due"), [("published", True), ("cancelled", False), ("draft", False)])
def test_what_was_held_is_due_and_what_was_called_off_is_not(db: Session, event: Event, state: str, due: bool) -> None:
    event.state = state
    assert is_due(db, event) is due


def test_who_came_to_what_was_called_off_is_counted(db: Session, event: Event) -> None:
    event.state = "cancelled"
    device, _ = make_device(db, make_door(db, event))
    hand_in(db, device, claim(event, person=make_registration(db, event).ticket_id))
    assert is_due(db, event)
