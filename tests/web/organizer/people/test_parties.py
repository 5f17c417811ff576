"""A group on the waiting list that is larger than the number of all seats, as the organizer sees it."""

from collections.abc import Sequence

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, Registration, TicketType
from tests.factories import close_event, make_registration

NEVER = "can never get seats"
EVENT_TOO_SMALL = "This group of 3 can never get seats: the event has only 2 seats."
TYPE_TOO_SMALL = "This group of 3 can never get seats: there are only 2 tickets of this type."


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/people"


@pytest.fixture
def party(db: Session, event: Event) -> Sequence[Registration]:
    """A group of three on the waiting list."""
    waiting = {"state": "waiting", "waited_at": clock.now()}
    host = make_registration(db, event, **waiting)
    guest = {"host_id": host.id, "email": None, "contact_key": None}
    return [host, *(make_registration(db, event, **waiting, **guest) for _ in range(2))]


def pages_of(organizer: FlaskClient, address: str, party: Sequence[Registration]) -> list[str]:
    """Return the list, and each attendee's page."""
    return [organizer.get(f"{address}/{path}").text for path in ("", *(f"{person.id}/" for person in party))]


def test_a_group_that_can_still_get_seats_has_no_warning(
    organizer: FlaskClient, db: Session, event: Event, address: str, party: Sequence[Registration]
) -> None:
    for capacity in (3, None, 0):
        event.capacity = capacity
        db.flush()
        assert not any(NEVER in page for page in pages_of(organizer, address, party)), capacity


def test_each_attendee_of_a_group_larger_than_the_event_has_the_warning(
    organizer: FlaskClient, db: Session, event: Event, address: str, party: Sequence[Registration]
) -> None:
    alone = make_registration(db, event, state="waiting", waited_at=clock.now())
    event.capacity = 2
    db.flush()
    people, *pages = pages_of(organizer, address, party)
    assert people.count(EVENT_TOO_SMALL) == 3
    for page in pages:
        assert EVENT_TOO_SMALL in page
        assert "Raise the number of seats" in page
        assert "Give seat" not in page
    assert NEVER not in organizer.get(f"{address}/{alone.id}/").text


def test_the_ticket_type_can_be_what_is_too_small(
    organizer: FlaskClient, db: Session, event: Event, address: str, party: Sequence[Registration]
) -> None:
    db.add(TicketType(event_id=event.id, title={"en": "Speakers"}, position=1))
    event.capacity, event.ticket_types[0].capacity = 50, 2
    db.flush()
    people, *pages = pages_of(organizer, address, party)
    assert people.count(TYPE_TOO_SMALL) == 3
    assert all(TYPE_TOO_SMALL in page for page in pages)


def test_a_cancelled_registration_no_longer_counts_in_the_group(
    organizer: FlaskClient, db: Session, event: Event, address: str, party: Sequence[Registration]
) -> None:
    event.capacity = 2
    party[0].state, party[0].cancelled_at, party[0].cancelled_by = "cancelled", clock.now(), "self"
    db.flush()
    assert not any(NEVER in page for page in pages_of(organizer, address, party))


def test_after_the_doors_are_closed_there_is_no_warning(
    organizer: FlaskClient, db: Session, event: Event, address: str, party: Sequence[Registration]
) -> None:
    event.capacity = 2
    close_event(db, event, "doors_closed")
    assert not any(NEVER in page for page in pages_of(organizer, address, party))
