"""When a mailing goes out: by the event's clock, at a time that exists."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, Mailing
from tests.web.pages.organizer.mailing import act, base


def test_it_is_planned_moved_and_taken_back_by_the_events_clock(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    year = clock.now().year + 1
    for hour in (18, 20):
        act(organizer, event, draft, "schedule", at=f"{year}-05-05T{hour}:30")
        db.refresh(draft)
        assert draft.due_at is not None
        assert (draft.due_at.hour, draft.due_at.minute) == (hour - 5, 30)
    assert f"{year}, 20:30, Dushanbe" in organizer.get(base(event, draft)).text
    organizer.post(f"{base(event, draft)}unschedule")
    db.refresh(draft)
    assert draft.due_at is None


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("", "Choose a date and time."),
        ("tomorrow", "Please write day and time"),
        ("2001-01-01T10:00", "This time is over."),
        ("2031-03-30T02:30", "The clock is set forward over this time."),
        ("2031-10-26T02:30", "shows this time twice"),
    ],
)
def test_a_time_that_cannot_be_is_refused_at_its_field(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing, at: str, sentence: str
) -> None:
    event.zone = "Europe/Berlin"
    db.flush()
    answer = act(organizer, event, draft, "schedule", at=at)
    assert answer.status_code == 422
    assert sentence in answer.text
    db.refresh(draft)
    assert draft.due_at is None


@pytest.mark.parametrize(("zone", "status"), [("Europe/Berlin", 303), ("America/New_York", 422)])
def test_at_the_end_of_all_time_nothing_breaks(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing, zone: str, status: int
) -> None:
    event.zone = zone
    db.flush()
    assert act(organizer, event, draft, "schedule", at="9999-12-31T23:59").status_code == status


def test_of_a_time_that_exists_twice_one_is_chosen(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    event.zone = "Europe/Berlin"
    db.flush()
    for which, hour in (("first", 0), ("second", 1)):
        act(organizer, event, draft, "schedule", at="2031-10-26T02:30", which=which)
        db.refresh(draft)
        assert draft.due_at is not None
        assert draft.due_at.hour == hour
