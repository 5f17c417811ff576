"""A party that waits and is larger than all the seats it could have is never given them: the organizer reads so."""

from collections.abc import Sequence

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, Registration, TicketType
from tests.factories import close_event, make_registration

ROOM = "This group of 3 can never get seats: the event has only 2 seats."
KIND = "This group of 3 can never get seats: there are only 2 tickets of this type."


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/people"


@pytest.fixture
def party(db: Session, event: Event) -> Sequence[Registration]:
    """Three who wait together."""
    waiting = {"state": "waiting", "waited_at": clock.now()}
    host = make_registration(db, event, **waiting)
    beside = {"host_id": host.id, "email": None, "contact_key": None}
    return [host, *(make_registration(db, event, **waiting, **beside) for _ in range(2))]


def told(organizer: FlaskClient, address: str, party: Sequence[Registration]) -> list[str]:
    """The list, and the page of each of them."""
    return [organizer.get(f"{address}/{path}").text for path in ("", *(f"{one.id}/" for one in party))]


def test_a_party_that_can_still_be_given_seats_waits_without_a_word(
    organizer: FlaskClient, db: Session, event: Event, address: str, party: Sequence[Registration]
) -> None:
    for capacity in (3, None, 0):
        event.capacity = capacity
        db.flush()
        assert not any("Waits in vain" in page for page in told(organizer, address, party)), capacity


def test_each_of_a_party_is_said_to_wait_for_more_seats_than_there_are(
    organizer: FlaskClient, db: Session, event: Event, address: str, party: Sequence[Registration]
) -> None:
    alone = make_registration(db, event, state="waiting", waited_at=clock.now())
    event.capacity = 2
    db.flush()
    everybody, *pages = told(organizer, address, party)
    assert everybody.count(ROOM) == 3
    for page in pages:
        assert ROOM in page
        assert "Raise the number of seats" in page
        assert "Give seat" not in page
    assert "Waits in vain" not in organizer.get(f"{address}/{alone.id}/").text


def test_a_kind_of_ticket_may_be_what_is_too_small(
    organizer: FlaskClient, db: Session, event: Event, address: str, party: Sequence[Registration]
) -> None:
    db.add(TicketType(event_id=event.id, title={"en": "Speakers"}, position=1))
    event.capacity, event.ticket_types[0].capacity = 50, 2
    db.flush()
    everybody, *pages = told(organizer, address, party)
    assert everybody.count(KIND) == 3
    assert all(KIND in page for page in pages)


def test_who_cancelled_is_of_the_party_no_more(
    organizer: FlaskClient, db: Session, event: Event, address: str, party: Sequence[Registration]
) -> None:
    event.capacity = 2
    party[0].state, party[0].cancelled_at, party[0].cancelled_by = "cancelled", clock.now(), "self"
    db.flush()
    assert not any("Waits in vain" in page for page in told(organizer, address, party))


def test_once_nobody_can_be_given_a_seat_nobody_is_said_to_wait_in_vain(
    organizer: FlaskClient, db: Session, event: Event, address: str, party: Sequence[Registration]
) -> None:
    event.capacity = 2
    close_event(db, event, "doors_closed")
    assert not any("Waits in vain" in page for page in told(organizer, address, party))
