"""The time of a mailing: by the event's clock, at a time that exists."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, Mailing
from tests.support.mailing_form import act, base


def test_a_mailing_is_scheduled_rescheduled_and_unscheduled_by_the_events_clock(
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
        ("tomorrow", "Enter the date and time"),
        ("2001-01-01T10:00", "This time has passed."),
        ("2031-03-30T02:30", "This time is skipped when the clocks go forward."),
        ("2031-10-26T02:30", "this time occurs twice"),
    ],
)
def test_an_impossible_time_is_refused_at_its_field(
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
def test_the_last_representable_time_is_handled(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing, zone: str, status: int
) -> None:
    event.zone = zone
    db.flush()
    assert act(organizer, event, draft, "schedule", at="9999-12-31T23:59").status_code == status


def test_one_of_a_repeated_hour_is_chosen(organizer: FlaskClient, db: Session, event: Event, draft: Mailing) -> None:
    event.zone = "Europe/Berlin"
    db.flush()
    for which, hour in (("first", 0), ("second", 1)):
        act(organizer, event, draft, "schedule", at="2031-10-26T02:30", which=which)
        db.refresh(draft)
        assert draft.due_at is not None
        assert draft.due_at.hour == hour
