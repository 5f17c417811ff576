"""An upcoming event, and its forms in the editor."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event
from tests.factories import make_event
from tests.support.editor import Save, form_of


@pytest.fixture
def event(db: Session) -> Event:
    """An upcoming event, at a full minute."""
    starts = (clock.now() + timedelta(days=7)).replace(second=0)
    return make_event(db, starts_at=starts, capacity=50, venue={"en": "National Library"})


@pytest.fixture
def save(organizer: FlaskClient, db: Session, event: Event) -> Save:
    """Return a function that sends a section's form with some fields changed."""

    def send(section: str, **changes: str) -> Any:
        form = {name: value for name, value in form_of(event, section, **changes).items() if value != ""}
        answer = organizer.post(f"/organize/events/{event.id}/edit/{section}", data=form)
        db.refresh(event)
        return answer

    return send


@pytest.fixture
def rows(organizer: FlaskClient, event: Event) -> Callable[..., Any]:
    """Return a function that sends a row's form, or an action on the row."""

    def send(path: str, **form: Any) -> Any:
        return organizer.post(f"/organize/events/{event.id}/edit/rows/{path}", data=form)

    return send
