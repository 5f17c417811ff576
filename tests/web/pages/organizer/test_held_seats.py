"""What an organizer sees and does about seats that are held beyond a network's share."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Audit, Event, OutboxMessage, Registration
from tests.factories import make_event, make_registration


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, capacity=30)


@pytest.fixture
def held(db: Session, event: Event) -> list[Registration]:
    """Two held seats, one of somebody without an email address; beside them somebody confirmed, and one to confirm."""
    waits = {"state": "unconfirmed", "confirmed_at": None, "deadline": clock.now() + timedelta(hours=1)}
    make_registration(db, event)
    make_registration(db, event, **waits)
    phone = {"email": None, "phone": "+992931234567"}
    return [make_registration(db, event, held=True, **waits, **more) for more in ({}, phone)]


def states(db: Session, people: list[Registration]) -> list[str]:
    db.expire_all()
    return [one.state for one in people]


def test_the_events_page_says_how_many_seats_are_held_and_leads_to_them(
    organizer: FlaskClient, event: Event, held: list[Registration]
) -> None:
    page = organizer.get(f"/organize/events/{event.id}/").text
    assert "2 seats are held until they are confirmed" in page
    assert f"/organize/events/{event.id}/people/?state=unconfirmed" in page


def test_where_none_is_held_and_to_who_only_looks_it_says_nothing(
    viewer: FlaskClient, event: Event, held: list[Registration]
) -> None:
    assert "Held seats" not in viewer.get(f"/organize/events/{event.id}/").text
    assert viewer.post(f"/organize/events/{event.id}/people/acts/held", data={"act": "confirm"}).status_code == 403


def test_one_click_confirms_all_held_seats_and_sends_the_tickets(
    organizer: FlaskClient, db: Session, event: Event, held: list[Registration]
) -> None:
    answer = organizer.post(f"/organize/events/{event.id}/people/acts/held", data={"act": "confirm"})
    assert "2 seats are confirmed." in organizer.get(answer.location).text
    assert states(db, held) == ["confirmed", "confirmed"]
    assert not any(one.held or one.deadline for one in held)
    assert set(db.scalars(select(OutboxMessage.subject).where(OutboxMessage.kind == "registration_confirmed"))) == {
        one.id for one in held
    }
    assert list(db.scalars(select(Audit.action))) == ["registration.confirmed"] * 2
    assert event.taken == 4


def test_one_click_cancels_all_held_seats_and_emails_no_stranger(
    organizer: FlaskClient, db: Session, event: Event, held: list[Registration]
) -> None:
    answer = organizer.post(f"/organize/events/{event.id}/people/acts/held", data={"act": "cancel"})
    assert "2 registrations are cancelled." in organizer.get(answer.location).text
    assert states(db, held) == ["cancelled", "cancelled"]
    assert (event.taken, db.scalars(select(OutboxMessage)).all()) == (2, [])


def test_one_person_who_has_not_confirmed_is_confirmed_by_the_organizer(
    organizer: FlaskClient, db: Session, event: Event, held: list[Registration]
) -> None:
    one = held[1]
    assert "Confirm seat" in organizer.get(f"/organize/events/{event.id}/people/{one.id}/").text
    base, chosen = f"/organize/events/{event.id}/people/acts", {"act": "confirm", "person": one.id}
    assert "Confirm seat of 1 person?" in organizer.post(base, data=chosen).text
    organizer.post(f"{base}/done", data=chosen)
    assert states(db, held) == ["unconfirmed", "confirmed"]


def test_nobody_is_confirmed_once_the_doors_are_closed(
    organizer: FlaskClient, db: Session, event: Event, held: list[Registration]
) -> None:
    event.doors_closed_at = clock.now()
    db.flush()
    answer = organizer.post(f"/organize/events/{event.id}/people/acts/held", data={"act": "confirm"})
    assert "The doors are closed" in answer.text
    assert states(db, held) == ["unconfirmed"] * 2
