"""Where nobody can be added or given a seat, no button offers it, and the page says why."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, TicketType
from tests.factories import close_event, make_registration

NOBODY = "nobody can be added or given a seat"
WHY: Mapping[str, str] = {
    "draft": "Attendees can be added once the event is published.",
    "cancelled": f"The event is cancelled: {NOBODY}.",
    "over": f"The event is over: {NOBODY} any more.",
    "doors_closed": f"The doors are closed: {NOBODY} any more.",
}


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/people"


@pytest.mark.parametrize("reason", WHY)
def test_the_list_offers_neither_and_says_why(
    organizer: FlaskClient, db: Session, event: Event, address: str, reason: str
) -> None:
    make_registration(db, event, state="waiting", waited_at=clock.now())
    before = organizer.get(f"{address}/").text
    close_event(db, event, reason)
    after = organizer.get(f"{address}/").text
    for offer in ('/people/new"', '/people/import"', "Give seat"):
        assert offer in before
        assert offer not in after, offer
    assert WHY[reason] in after
    assert not any(sentence in before for sentence in WHY.values())
    assert "/people/export" in after


@pytest.mark.parametrize("reason", WHY)
def test_one_person_s_page_offers_neither(
    organizer: FlaskClient, db: Session, event: Event, address: str, reason: str
) -> None:
    waiting = make_registration(db, event, state="waiting", waited_at=clock.now())
    gone = make_registration(db, event, state="cancelled", cancelled_at=clock.now())
    assert "Give seat" in organizer.get(f"{address}/{waiting.id}/").text
    assert "/people/new" in organizer.get(f"{address}/{gone.id}/").text
    close_event(db, event, reason)
    assert "Give seat" not in organizer.get(f"{address}/{waiting.id}/").text
    page = organizer.get(f"{address}/{gone.id}/").text
    assert "/people/new" not in page
    assert WHY[reason] in page


@pytest.mark.parametrize("reason", WHY)
def test_who_comes_to_a_form_all_the_same_reads_why_in_its_place(
    organizer: FlaskClient, db: Session, event: Event, address: str, reason: str
) -> None:
    close_event(db, event, reason)
    for form in ("new", "import"):
        page = organizer.get(f"{address}/{form}").text
        assert WHY[reason] in page
        assert f'action="{address}/{form}"' not in page
    answer = organizer.post(f"{address}/new", data={"name": "Мадина", "language": "tg"})
    assert answer.status_code == 409
    assert WHY[reason] in answer.text


@pytest.mark.parametrize("reason", WHY)
def test_an_empty_list_invites_to_share_only_what_people_can_come_to(
    organizer: FlaskClient, db: Session, event: Event, address: str, reason: str
) -> None:
    def empty() -> str:
        return organizer.get(f"{address}/").text.split('<p class="empty">')[1].split("</p>")[0]

    before = empty()
    close_event(db, event, reason)
    assert "No one is registered yet." in before
    assert "/share/" in before
    assert empty() == "No one is registered."


def test_a_list_that_was_open_meanwhile_is_refused_with_why(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    waiting = make_registration(db, event, state="waiting", waited_at=clock.now())
    close_event(db, event, "doors_closed")
    answer = organizer.post(f"{address}/acts/done", data={"act": "promote", "person": str(waiting.id)})
    assert answer.status_code == 409
    assert WHY["doors_closed"] in answer.text


def test_a_viewer_who_could_add_nobody_is_not_told_why(
    viewer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    close_event(db, event, "over")
    assert NOBODY not in viewer.get(f"{address}/").text


FULL = "All seats are taken: no one can be given one."


@pytest.mark.parametrize("limited", ["event", "ticket type"])
def test_who_would_give_a_seat_where_none_is_left_reads_so_before(
    organizer: FlaskClient, db: Session, event: Event, address: str, limited: str
) -> None:
    waiting = make_registration(db, event, state="waiting", waited_at=clock.now())
    make_registration(db, event)
    chosen = {"act": "promote", "person": str(waiting.id)}
    assert "Give 1 person a seat" in organizer.post(f"{address}/acts", data=chosen).text
    seated = event if limited == "event" else event.ticket_types[0]
    seated.capacity = seated.taken
    db.flush()
    page = organizer.post(f"{address}/acts", data=chosen).text
    assert FULL in page
    assert "Give 1 person a seat" not in page


def test_a_ticket_type_that_is_full_is_no_reason_for_another(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    db.add(TicketType(event_id=event.id, title={"en": "Speakers"}, position=1, capacity=0))
    waiting = make_registration(db, event, state="waiting", waited_at=clock.now())
    db.flush()
    assert FULL not in organizer.post(f"{address}/acts", data={"act": "promote", "person": str(waiting.id)}).text


def test_seats_that_were_taken_meanwhile_are_said_above_the_list(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    waiting = make_registration(db, event, state="waiting", waited_at=clock.now())
    event.capacity = event.taken
    db.flush()
    answer = organizer.post(f"{address}/acts/done", data={"act": "promote", "person": str(waiting.id)})
    assert answer.status_code == 303
    page = organizer.get(answer.location).text
    assert "All seats are taken: 1 person stays on the waiting list." in page
    assert "0 people" not in page


def test_the_waiting_list_is_said_to_be_in_its_order(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    for name, since in (("Алия", 1), ("Юсуф", 2)):
        make_registration(db, event, name=name, state="waiting", waited_at=clock.now() - timedelta(hours=since))
    sentence = "In the order of the waiting list"
    assert sentence not in organizer.get(f"{address}/").text
    page = organizer.get(f"{address}/?state=waiting").text
    assert sentence in page
    assert page.index(">Юсуф</a>") < page.index(">Алия</a>")
