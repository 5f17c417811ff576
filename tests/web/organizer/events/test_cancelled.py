"""A cancelled event's pages say that it is cancelled, and offer nothing that makes sense only before an event."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared.events import announcements
from shared.models import Channel, Event
from tests.factories import make_account, make_door, make_event, make_pass


@pytest.fixture
def event(db: Session) -> Event:
    """A cancelled event of next week."""
    event = make_event(db)
    db.add(Channel(event_id=event.id, code="abcd23", name="Telegram"))
    announcements.cancel(db, event=event, because={"en": "The speaker is ill."}, by=make_account(db))
    db.flush()
    return event


@pytest.mark.parametrize(
    "page", ["", "edit/", "share/", "sign-ups", "people/", "live", "doors/", "mailings/", "report"]
)
def test_every_page_says_once_that_it_is_cancelled_and_why(organizer: FlaskClient, event: Event, page: str) -> None:
    text = organizer.get(f"/organize/events/{event.id}/{page}").text
    assert text.count("This event is cancelled. The speaker is ill.") == 1


def test_no_one_is_invited_to_it(organizer: FlaskClient, event: Event) -> None:
    page = organizer.get(f"/organize/events/{event.id}/share/").text
    assert "There is nothing to share: this event is cancelled." in page
    assert "Telegram · 0 registrations" in page
    assert not any(text in page for text in ("Register:", "Create link", "poster-en.pdf", "wide-en.png"))


def test_there_is_no_button_to_close_its_doors(organizer: FlaskClient, event: Event) -> None:
    page = organizer.get(f"/organize/events/{event.id}/live").text
    assert "Close doors" not in page
    assert "On a projector" not in page


def test_no_new_code_is_offered_for_its_doors(organizer: FlaskClient, db: Session, event: Event) -> None:
    make_pass(db, make_door(db, event))
    page = organizer.get(f"/organize/events/{event.id}/doors/").text
    assert page.count('class="pairing-code"') == 1, "only one of the doors has a code"
    assert page.count('class="sheet door"') == 2
    assert not any(text in page for text in ('/passes"', "Create door pass", "Create another door pass"))


def test_no_report_of_it_is_announced_and_no_headcount_requested(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    page = f"/organize/events/{event.id}/report"
    ahead = organizer.get(page).text
    assert event.starts_at is not None
    event.starts_at, event.ends_at = event.starts_at - timedelta(days=9), event.starts_at - timedelta(days=8)
    db.flush()
    for text in (ahead, organizer.get(page).text):
        assert "The event did not take place, so there is no report." in text
        assert not any(words in text for words in ("automatically", "Enter how many", 'name="headcount"'))
