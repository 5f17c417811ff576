"""A coming event and a phone at its door, where a test says nothing else of them."""

import pytest
from sqlalchemy.orm import Session

from shared.models import Device, Event
from tests.factories import make_device, make_door, make_event


@pytest.fixture
def event(db: Session) -> Event:
    """Add a published event in a week."""
    return make_event(db)


@pytest.fixture
def device(db: Session, event: Event) -> Device:
    """Pair a phone with a door of its own."""
    return make_device(db, make_door(db, event))[0]
