"""Actions on one or many attendees."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Audit, Event
from tests.factories import make_registration
from tests.support.organizer_pages import listed


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/people"


def test_an_action_asks_first_and_counts_the_attendees(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    people = [make_registration(db, event, name=f"Guest {number}") for number in range(3)]
    ids = [str(person.id) for person in people]
    page = organizer.post(f"{address}/acts?state=confirmed", data={"act": "cancel", "person": ids[:2]})
    assert page.status_code == 200
    assert "Cancel the registrations of 2 people?" in page.text
    assert "Guest 0" in page.text
    assert "Guest 2" not in page.text
    db.refresh(people[0])
    assert people[0].state == "confirmed"
    answer = organizer.post(f"{address}/acts/done?state=confirmed", data={"act": "cancel", "person": ids[:2]})
    assert answer.status_code == 303
    done = organizer.get(answer.location).text
    assert "2 registrations are cancelled." in done
    assert listed(done) == [people[2].id]
    assert len(db.scalars(select(Audit).where(Audit.action == "registration.cancelled")).all()) == 2


def test_an_action_on_everyone_found_is_limited_to_500(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    event.capacity = event.ticket_types[0].capacity = None
    for number in range(3):
        make_registration(db, event, language="ru" if number else "tg")
    page = organizer.post(f"{address}/acts?language=ru", data={"act": "send_again", "everybody": "1"}).text
    assert "Resend the tickets of 2 people?" in page
    for refused in ({"act": "send_again"}, {"act": "cancel", "person": [str(n) for n in range(501)]}, {"act": "fly"}):
        for path in ("acts", "acts/done"):
            assert organizer.post(f"{address}/{path}", data=refused).status_code == 422


def test_moving_needs_a_ticket_type_of_this_event(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    registration = make_registration(db, event)
    for ticket_type in ("", "999999999"):
        data = {"act": "move", "person": str(registration.id), "ticket_type": ticket_type}
        answer = organizer.post(f"{address}/acts/done", data=data)
        assert answer.status_code == 422
        assert "Choose a ticket type." in answer.text
