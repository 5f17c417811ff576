"""What becomes of an event: closed and opened for registrations, cancelled."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event
from tests.factories import make_event, make_registration
from tests.web.pages.organizer.test_editor import kinds_promised


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, capacity=50)


def test_registration_is_closed_and_opened_again(organizer: FlaskClient, db: Session, event: Event) -> None:
    address = f"/organize/events/{event.id}/edit/"
    organizer.post(f"{address}close")
    db.refresh(event)
    assert not event.is_open(clock.now() + timedelta(seconds=1))
    organizer.post(f"{address}open")
    db.refresh(event)
    assert event.is_open(clock.now())


def test_cancelling_tells_everybody_why_and_is_done_once(organizer: FlaskClient, db: Session, event: Event) -> None:
    make_registration(db, event)
    address = f"/organize/events/{event.id}/edit/cancel"
    assert organizer.post(address, data={"because.tg": "Толор об гирифт."}).status_code == 303
    db.refresh(event)
    assert (event.state, event.cancelled_because) == ("cancelled", {"tg": "Толор об гирифт."})
    assert [kind for kind, _ in kinds_promised(db)] == ["event_cancelled"]
    assert organizer.post(address, data={}).status_code == 409


def test_what_is_over_is_not_cancelled(organizer: FlaskClient, db: Session, event: Event) -> None:
    make_registration(db, event)
    event.starts_at, event.ends_at = clock.now() - timedelta(hours=3), clock.now() - timedelta(hours=1)
    db.flush()
    address = f"/organize/events/{event.id}/edit/"
    assert f"{address}cancel" not in organizer.get(address).text
    answer = organizer.post(f"{address}cancel", data={"because.tg": "Толор об гирифт."})
    assert answer.status_code == 409
    assert "it took place already" in answer.text
    db.refresh(event)
    assert (event.state, event.taken, kinds_promised(db)) == ("published", 1, [])
