"""Clients of the API: a phone that is paired with a door of an event."""

import pytest
from sqlalchemy.orm import Session

from shared.models import Event
from tests.factories import make_device, make_door, make_event


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db)


@pytest.fixture
def bearer(db: Session, event: Event) -> dict[str, str]:
    return {"Authorization": f"Bearer {make_device(db, make_door(db, event))[1]}"}
