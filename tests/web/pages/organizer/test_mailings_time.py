"""When a mailing goes out: by the event's clock, at a time that exists, and to the absent only once they are."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Audit, Event, Mailing, Promise
from shared.operations import mailings
from shared.queries import mailings as queries
from tests.factories import make_registration
from tests.web.filled import form_in
from tests.web.pages.organizer.mailing import act, base


def shift(event: Event, distance: timedelta) -> None:
    for name in ("starts_local", "ends_local", "starts_at", "ends_at"):
        setattr(event, name, getattr(event, name) + distance)


@pytest.fixture
def to_the_absent(db: Session, event: Event, draft: Mailing) -> Mailing:
    """What is meant for those who did not come to an event that begins in three days."""
    shift(event, timedelta(days=3))
    draft.audience = "did_not_come"
    make_registration(db, event)
    db.flush()
    return draft


def test_before_the_start_nobody_has_stayed_away(
    organizer: FlaskClient, db: Session, event: Event, to_the_absent: Mailing
) -> None:
    page = organizer.get(base(event, to_the_absent)).text
    assert "The event has not begun, so nobody has stayed away from it yet." in page
    assert "/send" not in page
    assert "Who did not come · " not in " ".join(organizer.get(f"{base(event)}new").text.split())
    answer = act(organizer, event, to_the_absent, "send")
    assert answer.status_code == 409
    assert "The event has not begun, so nobody has stayed away from it yet. Nothing is sent." in answer.text
    db.refresh(to_the_absent)
    assert to_the_absent.due_at is None
    shift(event, timedelta(days=-3))
    db.flush()
    assert act(organizer, event, to_the_absent, "send").status_code == 303


def test_of_an_event_whose_time_is_not_known_nobody_has_stayed_away(event: Event) -> None:
    absent, now = "did_not_come", clock.now()
    assert not queries.is_too_early(event, absent, now)
    event.starts_at = None
    assert [queries.is_too_early(event, name, now) for name in (absent, "came", "confirmed")] == [True, False, False]


def test_a_time_before_the_start_is_refused_at_its_field(
    organizer: FlaskClient, db: Session, event: Event, to_the_absent: Mailing
) -> None:
    early, late = (f"{clock.now() + timedelta(days=days):%Y-%m-%dT%H:%M}" for days in (2, 4))
    answer = act(organizer, event, to_the_absent, "schedule", at=early)
    assert answer.status_code == 422
    assert "The event has not begun by then" in answer.text.split('id="schedule-at-error">')[1].split("</p>")[0]
    assert f'value="{early}"' in answer.text
    db.refresh(to_the_absent)
    assert to_the_absent.due_at is None
    assert act(organizer, event, to_the_absent, "schedule", at=late).status_code == 303


def test_what_is_planned_for_before_the_start_is_not_turned_to_those_who_stayed_away(
    organizer: FlaskClient, db: Session, event: Event, to_the_absent: Mailing
) -> None:
    to_the_absent.audience = "confirmed"
    to_the_absent.due_at = clock.now() + timedelta(days=1)
    db.flush()
    edit = f"{base(event, to_the_absent)}edit"
    shown = form_in(organizer.get(edit).text, edit)
    answer = organizer.post(edit, data={**shown, "audience": "did_not_come"})
    assert answer.status_code == 422
    assert "The event has not begun by then" in answer.text
    db.refresh(to_the_absent)
    assert to_the_absent.audience == "confirmed"


def test_a_mailing_whose_event_was_put_off_is_a_draft_again_when_its_hour_comes(
    db: Session, event: Event, to_the_absent: Mailing
) -> None:
    to_the_absent.due_at = clock.now() - timedelta(seconds=1)
    db.flush()
    assert mailings.begin(db, mailing_id=to_the_absent.id, now=clock.now()) is None
    db.flush()
    db.refresh(to_the_absent)
    assert (to_the_absent.due_at, to_the_absent.started_at) == (None, None)
    assert db.scalars(select(Promise)).all() == []
    assert db.scalars(select(Audit.action)).all()[-1] == "mailing.unscheduled"


def test_of_those_who_came_it_says_that_there_are_none_yet(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    draft.audience = "came"
    make_registration(db, event)
    db.flush()
    assert "Nobody was let in so far." in organizer.get(base(event, draft)).text


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
        ("", "Please choose day and time."),
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
