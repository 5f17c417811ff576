"""Seats held beyond a network's share, as an organizer sees, confirms and cancels them."""

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
def held_registrations(db: Session, event: Event) -> list[Registration]:
    """Two held seats, one without an email address; besides, a confirmed seat and one that awaits confirmation."""
    unconfirmed = {"state": "unconfirmed", "confirmed_at": None, "deadline": clock.now() + timedelta(hours=1)}
    make_registration(db, event)
    make_registration(db, event, **unconfirmed)
    by_phone = {"email": None, "phone": "+992931234567"}
    return [make_registration(db, event, held=True, **unconfirmed, **contact) for contact in ({}, by_phone)]


def states(db: Session, people: list[Registration]) -> list[str]:
    db.expire_all()
    return [person.state for person in people]


def test_the_overview_counts_the_held_seats_and_links_to_them(
    organizer: FlaskClient, event: Event, held_registrations: list[Registration]
) -> None:
    page = organizer.get(f"/organize/events/{event.id}/").text
    assert "2 seats are held until they are confirmed" in page
    assert f"/organize/events/{event.id}/people/?state=unconfirmed" in page


def test_a_viewer_neither_sees_nor_confirms_held_seats(
    viewer: FlaskClient, event: Event, held_registrations: list[Registration]
) -> None:
    assert "Held seats" not in viewer.get(f"/organize/events/{event.id}/").text
    assert viewer.post(f"/organize/events/{event.id}/people/acts/held", data={"act": "confirm"}).status_code == 403


def test_one_click_confirms_all_held_seats_and_sends_the_tickets(
    organizer: FlaskClient, db: Session, event: Event, held_registrations: list[Registration]
) -> None:
    answer = organizer.post(f"/organize/events/{event.id}/people/acts/held", data={"act": "confirm"})
    assert "2 seats are confirmed." in organizer.get(answer.location).text
    assert states(db, held_registrations) == ["confirmed", "confirmed"]
    assert not any(registration.held or registration.deadline for registration in held_registrations)
    assert set(db.scalars(select(OutboxMessage.subject).where(OutboxMessage.kind == "registration_confirmed"))) == {
        registration.id for registration in held_registrations
    }
    assert list(db.scalars(select(Audit.action))) == ["registration.confirmed"] * 2
    assert event.taken == 4


def test_one_click_cancels_all_held_seats_and_sends_no_email(
    organizer: FlaskClient, db: Session, event: Event, held_registrations: list[Registration]
) -> None:
    answer = organizer.post(f"/organize/events/{event.id}/people/acts/held", data={"act": "cancel"})
    assert "2 registrations are cancelled." in organizer.get(answer.location).text
    assert states(db, held_registrations) == ["cancelled", "cancelled"]
    assert (event.taken, db.scalars(select(OutboxMessage)).all()) == (2, [])


def test_an_organizer_confirms_a_single_unconfirmed_registration(
    organizer: FlaskClient, db: Session, event: Event, held_registrations: list[Registration]
) -> None:
    registration = held_registrations[1]
    assert "Confirm seat" in organizer.get(f"/organize/events/{event.id}/people/{registration.id}/").text
    base, chosen = f"/organize/events/{event.id}/people/acts", {"act": "confirm", "person": registration.id}
    assert "Confirm the seat of 1 person?" in organizer.post(base, data=chosen).text
    organizer.post(f"{base}/done", data=chosen)
    assert states(db, held_registrations) == ["unconfirmed", "confirmed"]


def test_no_seat_is_confirmed_after_the_doors_are_closed(
    organizer: FlaskClient, db: Session, event: Event, held_registrations: list[Registration]
) -> None:
    event.doors_closed_at = clock.now()
    db.flush()
    answer = organizer.post(f"/organize/events/{event.id}/people/acts/held", data={"act": "confirm"})
    assert "The doors are closed" in answer.text
    assert states(db, held_registrations) == ["unconfirmed"] * 2
