"""The states of an event: registration closed and reopened, postponed, cancelled."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Audit, Event, TicketType
from tests.factories import close_event, make_event, make_registration
from tests.support.editor import enqueued_kinds, form_of


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, capacity=50)


def test_registration_is_closed_and_reopened(organizer: FlaskClient, db: Session, event: Event) -> None:
    address = f"/organize/events/{event.id}/edit/"
    organizer.post(f"{address}close")
    db.refresh(event)
    assert not event.is_open(clock.now() + timedelta(seconds=1))
    organizer.post(f"{address}open")
    db.refresh(event)
    assert event.is_open(clock.now())


def test_cancelling_emails_everyone_the_reason_once(organizer: FlaskClient, db: Session, event: Event) -> None:
    make_registration(db, event)
    address = f"/organize/events/{event.id}/edit/cancel"
    assert organizer.post(address, data={"because.tg": "Толор об гирифт.", "sure": "1"}).status_code == 303
    db.refresh(event)
    assert (event.state, event.cancelled_because) == ("cancelled", {"tg": "Толор об гирифт."})
    assert [kind for kind, _ in enqueued_kinds(db)] == ["event_cancelled"]
    assert organizer.post(address, data={"sure": "1"}).status_code == 409


def test_cancelling_counts_its_effects_and_needs_confirmation(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    address = f"/organize/events/{event.id}/edit/"
    for state in ("confirmed", "confirmed", "waiting"):
        make_registration(db, event, state=state)
    page = organizer.get(address).text
    assert "If you cancel the event, 2 attendees lose their seats." in page
    assert "1 person is removed from the waiting list." in page
    assert '<button class="button is-grave" type="submit">Cancel event</button>' in page
    answer = organizer.post(f"{address}cancel", data={"because.tg": "Толор об гирифт."})
    assert answer.status_code == 422
    assert '<a href="#cancel-sure">Tick the box to confirm that you want to cancel the event.</a>' in answer.text
    assert "Толор об гирифт." in answer.text
    db.refresh(event)
    assert (event.state, event.taken) == ("published", 2)


def test_an_event_that_is_over_is_not_cancelled(organizer: FlaskClient, db: Session, event: Event) -> None:
    make_registration(db, event)
    event.starts_at, event.ends_at = clock.now() - timedelta(hours=3), clock.now() - timedelta(hours=1)
    db.flush()
    address = f"/organize/events/{event.id}/edit/"
    assert f"{address}cancel" not in organizer.get(address).text
    answer = organizer.post(f"{address}cancel", data={"because.tg": "Толор об гирифт.", "sure": "1"})
    assert answer.status_code == 409
    assert "the event is already over" in answer.text
    db.refresh(event)
    assert (event.state, event.taken, enqueued_kinds(db)) == ("published", 1, [])


def offered(page: str) -> list[str]:
    """Return the actions on registration."""
    return re.findall(r">((?:Close|Open) registration)<", page)


def test_registration_that_ticket_types_close_is_opened_there(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    address = f"/organize/events/{event.id}/edit/"
    event.ticket_types[0].opens_at = clock.now() + timedelta(days=2)
    db.flush()
    page = organizer.get(address).text
    assert "<p>Registration opens: " in page
    assert offered(page) == []
    assert f'<a href="/organize/events/{event.id}/edit/ticket_types">Ticket types</a></p>' in page
    page = organizer.post(f"{address}open", follow_redirects=True).text
    assert "Registration is open again." not in page
    assert "<p>Registration opens: " in page


def test_registration_with_one_open_ticket_type_is_closed_and_reopened_as_a_whole(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    later = TicketType(title={"en": "Students"}, position=1, opens_at=clock.now() + timedelta(days=2))
    event.ticket_types.append(later)
    db.flush()
    address = f"/organize/events/{event.id}/edit/"
    assert offered(organizer.get(address).text) == ["Close registration"]
    organizer.post(f"{address}close")
    assert offered(organizer.get(address).text) == ["Open registration"]


def test_closed_doors_are_named_as_the_reason_for_closed_registration(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    close_event(db, event, "doors_closed")
    page = organizer.get(f"/organize/events/{event.id}/edit/").text
    assert "Doors closed:" in page
    assert f'href="/organize/events/{event.id}/live#end"' in page
    assert offered(page) == []


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("draft", "Nothing was changed: the event is not published yet."),
        ("cancelled", "This event is cancelled."),
        ("over", "Nothing was changed: the event is already over."),
        ("doors_closed", "Nothing was changed: the doors are closed."),
    ],
)
def test_registration_has_no_open_or_close_button_where_no_one_can_register(
    organizer: FlaskClient, db: Session, event: Event, why: str, sentence: str
) -> None:
    close_event(db, event, why)
    for act in ("open", "close"):
        answer = organizer.post(f"/organize/events/{event.id}/edit/{act}")
        assert answer.status_code == 409
        assert sentence in answer.text
    db.refresh(event)
    assert (event.opens_at, event.closes_at) == (None, None)
    assert db.scalars(select(Audit)).all() == []


def undated(event: Event) -> dict[str, str]:
    """Return the form of the time with "not known" chosen, as a browser sends it: without empty fields."""
    form = form_of(event, "time", known="unknown", starts_local="", ends_local="", tell="everybody")
    return {name: value for name, value in form.items() if value}


def test_an_upcoming_event_needs_a_day_and_the_error_says_what_to_do(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    make_registration(db, event)
    answer = organizer.post(f"/organize/events/{event.id}/edit/time", data=undated(event))
    assert answer.status_code == 422
    assert re.search(r'<p class="error" id="time-known-error">[^<]*Month only[^<]*cancel the event', answer.text)
    db.refresh(event)
    assert (event.known, event.is_over(clock.now())) == ("minute", False)
    assert event.sessions[0].starts_local == event.starts_local is not None


@pytest.mark.parametrize("why", ["draft", "over"])
def test_drafts_and_past_events_need_no_day(organizer: FlaskClient, db: Session, event: Event, why: str) -> None:
    close_event(db, event, why)
    for _ in range(2):
        answer = organizer.post(f"/organize/events/{event.id}/edit/time", data=undated(event))
        assert answer.status_code == 303
        db.refresh(event)
    assert (event.known, event.is_undated) == ("unknown", why == "over")
