"""Check-ins from a paper list: its attendees, the selection, and that one wrong line saves nothing."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared.models import Admission, Device, Door, Event, EventSession, Registration, TicketType, TicketTypeSession
from shared.tickets import short_code
from tests.conftest import Statements
from tests.factories import make_door, make_event, make_registration
from tests.support.scans import claim, hand_in


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/doors/paper"


@pytest.fixture
def door(db: Session, event: Event) -> Door:
    return make_door(db, event)


def checked_in(db: Session, event: Event) -> set[str]:
    db.expire_all()
    return {
        admission.person
        for admission in db.query(Admission).filter_by(event_id=event.id)
        if admission.first is not None
    }


def listed(page: str) -> list[str]:
    return re.findall(r'name="person" value="([0-9a-f]{16})"', page)


def test_selected_attendees_are_checked_in_and_counted(
    organizer: FlaskClient, db: Session, event: Event, address: str, door: Door
) -> None:
    guests = [make_registration(db, event) for _ in range(3)]
    data = {"door": str(door.id), "person": [guests[0].ticket_id], "codes": f"\n{guests[1].short_code}\n\n"}
    answer = organizer.post(address, data=data)
    assert answer.status_code == 303
    assert checked_in(db, event) == {guests[0].ticket_id, guests[1].ticket_id}
    page = organizer.get(answer.location).text
    assert "2 people checked in." in page
    assert "The time of arrival of people checked in on paper is not known." in page
    assert listed(page) == [guests[2].ticket_id]


def test_a_short_code_is_read_as_people_write_it(
    organizer: FlaskClient, db: Session, event: Event, address: str, door: Door
) -> None:
    guest = make_registration(db, event)
    code = str(guest.short_code)
    typed = f" {code[:4].lower()}-{code[4:].lower()} ".replace("0", "o").replace("1", "l")
    assert organizer.post(address, data={"door": str(door.id), "codes": typed}).status_code == 303
    assert checked_in(db, event) == {guest.ticket_id}


def test_every_wrong_line_is_reported_and_nothing_is_saved(
    organizer: FlaskClient, db: Session, event: Event, address: str, door: Door
) -> None:
    guest = make_registration(db, event)
    stranger = short_code(make_registration(db, make_event(db)).ticket_id)
    data = {"door": str(door.id), "person": [guest.ticket_id]}
    answer = organizer.post(address, data={**data, "codes": f"{guest.short_code}\n<b>\nABCD-EFGH"})
    assert answer.status_code == 422
    error = answer.text.split('id="paper-codes-error">')[1].split("</p>")[0]
    assert error.splitlines() == [
        "Line 2, &lt;b&gt;: this is not a short code. Compare it with the paper, letter by letter.",
        "Line 3, ABCD-EFGH: this is not a short code. Compare it with the paper, letter by letter.",
    ]
    assert f'value="{guest.ticket_id}" checked' in answer.text
    answer = organizer.post(address, data={**data, "codes": f"{guest.short_code}\n\n{stranger}"})
    assert answer.status_code == 422
    assert f"Line 3, {stranger}: no one at this event has this short code. Compare it with the paper." in answer.text
    assert checked_in(db, event) == set()


def test_selecting_no_one_or_checking_in_twice_says_so(
    organizer: FlaskClient, db: Session, event: Event, address: str, door: Door
) -> None:
    answer = organizer.post(address, data={"door": str(door.id)})
    assert answer.status_code == 422
    assert "Select at least one person, or enter a short code." in answer.text
    data = {"door": str(door.id), "person": [make_registration(db, event).ticket_id]}
    organizer.post(address, data=data)
    again = organizer.post(address, data=data)
    assert "All of these people were already inside." in organizer.get(again.location).text


def test_an_attendee_of_another_event_is_not_checked_in(
    organizer: FlaskClient, db: Session, event: Event, address: str, door: Door
) -> None:
    registration = make_registration(db, make_event(db, organization=event.organization))
    answer = organizer.post(address, data={"door": str(door.id), "person": [registration.ticket_id]})
    assert answer.status_code == 422
    assert "Someone you selected is no longer registered." in answer.text
    assert checked_in(db, event) == set()


def test_doors_and_sessions_of_another_event_are_not_found(
    organizer: FlaskClient, db: Session, event: Event, address: str, door: Door
) -> None:
    foreign_event = make_event(db, organization=event.organization)
    person = [make_registration(db, event).ticket_id]
    foreign_door = make_door(db, foreign_event)
    assert organizer.post(address, data={"door": str(foreign_door.id), "person": person}).status_code == 404
    assert organizer.get(f"{address}?session={foreign_event.sessions[0].id}").status_code == 404
    answer = organizer.post(
        f"{address}?session={foreign_event.sessions[0].id}", data={"door": str(door.id), "person": person}
    )
    assert answer.status_code == 404
    answer = organizer.post(address, data={"door": "north", "person": person})
    assert answer.status_code == 422
    assert 'id="paper-door-error"' in answer.text
    assert checked_in(db, event) == set()


def test_the_list_has_attendees_not_yet_checked_in(
    organizer: FlaskClient, db: Session, event: Event, address: str, phone: Device
) -> None:
    inside, outside, waiting, gone = (
        make_registration(db, event, name=name, state=state, **more)
        for name, state, more in (
            ("Алия", "confirmed", {}),
            ("Бахром", "confirmed", {}),
            ("Ватан", "waiting", {"confirmed_at": None}),
            ("Ганҷина", "cancelled", {"cancelled_at": event.created_at}),
        )
    )
    hand_in(db, phone, claim(event, person=inside.ticket_id))
    assert listed(organizer.get(address).text) == [outside.ticket_id]
    assert not {waiting.ticket_id, gone.ticket_id} & set(re.findall(r"\b[0-9a-f]{16}\b", organizer.get(address).text))


def test_a_search_matches_the_beginning_of_a_name(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    attendee = make_registration(db, event, name="Шариф Ҷӯраев")
    make_registration(db, event, name="Машариф Каримов")
    for words in ("sharif", "шар чур", "JUR sh"):
        assert listed(organizer.get(address, query_string={"q": words}).text) == [attendee.ticket_id]
    assert "No one with this name is left to check in." in organizer.get(f"{address}?q=zzz").text


def test_each_session_has_its_own_list(
    organizer: FlaskClient, db: Session, event: Event, address: str, door: Door
) -> None:
    second = EventSession(event_id=event.id, title={"en": "Second day"}, position=1)
    ticket_type = TicketType(event_id=event.id, title={"en": "Second day only"}, position=1)
    db.add_all([second, ticket_type])
    db.flush()
    for admitting in event.ticket_types[0], ticket_type:
        db.add(TicketTypeSession(event_id=event.id, ticket_type_id=admitting.id, session_id=second.id))
    db.flush()
    db.refresh(event)
    late, both = make_registration(db, event, ticket_type_id=ticket_type.id, name="Алия"), make_registration(db, event)
    assert listed(organizer.get(address).text) == [both.ticket_id]
    page = organizer.get(f"{address}?session={second.id}").text
    assert set(listed(page)) == {late.ticket_id, both.ticket_id}
    answer = organizer.post(f"{address}?session={second.id}", data={"door": str(door.id), "person": [both.ticket_id]})
    assert f"session={second.id}" in answer.location
    assert listed(organizer.get(address).text) == [both.ticket_id]


def test_a_private_event_lists_initials(organizer: FlaskClient, db: Session, event: Event, address: str) -> None:
    event.private = True
    guest: Registration = make_registration(db, event, name="Азиза Раҳимова")
    page = organizer.get(address).text
    assert "Азиза" not in page
    assert "А. Р." in page
    assert listed(page) == [guest.ticket_id]


def test_a_long_list_has_pages_and_needs_the_same_statements(
    organizer: FlaskClient, db: Session, event: Event, address: str, statements: Statements
) -> None:
    event.capacity = event.ticket_types[0].capacity = None
    make_registration(db, event)
    organizer.get(address)
    counts = []
    for more in (0, 201):
        for _ in range(more):
            make_registration(db, event)
        db.expire_all()
        with statements() as executed:
            page = organizer.get(address).text
        counts.append(len(executed))
    assert counts[0] == counts[1] <= 10, "\n".join(executed)
    assert (len(listed(page)), len(listed(organizer.get(f"{address}?page=2").text))) == (200, 2)
    assert "Save the selection on this page" in page
    assert f'rel="next" href="?session={event.sessions[0].id}&amp;q=&amp;page=2"' in page
