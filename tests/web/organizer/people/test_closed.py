"""Where no one can be added or get a seat, no button offers it, and the page gives the reason."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, TicketType
from tests.factories import close_event, make_registration

NO_ONE = "no one can be added or given a seat"
REASONS: Mapping[str, str] = {
    "draft": "Attendees can be added once the event is published.",
    "cancelled": f"The event is cancelled: {NO_ONE}.",
    "over": f"The event is over: {NO_ONE} now.",
    "doors_closed": f"The doors are closed: {NO_ONE} now.",
}


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/people"


@pytest.mark.parametrize("reason", REASONS)
def test_the_list_offers_neither_and_gives_the_reason(
    organizer: FlaskClient, db: Session, event: Event, address: str, reason: str
) -> None:
    make_registration(db, event, state="waiting", waited_at=clock.now())
    before = organizer.get(f"{address}/").text
    close_event(db, event, reason)
    after = organizer.get(f"{address}/").text
    for offer in ('/people/new"', '/people/import"', "Give seat"):
        assert offer in before
        assert offer not in after, offer
    assert REASONS[reason] in after
    assert not any(sentence in before for sentence in REASONS.values())
    assert "/people/export" in after


@pytest.mark.parametrize("reason", REASONS)
def test_an_attendee_s_page_offers_neither(
    organizer: FlaskClient, db: Session, event: Event, address: str, reason: str
) -> None:
    waiting = make_registration(db, event, state="waiting", waited_at=clock.now())
    cancelled = make_registration(db, event, state="cancelled", cancelled_at=clock.now())
    assert "Give seat" in organizer.get(f"{address}/{waiting.id}/").text
    assert "/people/new" in organizer.get(f"{address}/{cancelled.id}/").text
    close_event(db, event, reason)
    assert "Give seat" not in organizer.get(f"{address}/{waiting.id}/").text
    page = organizer.get(f"{address}/{cancelled.id}/").text
    assert "/people/new" not in page
    assert REASONS[reason] in page


@pytest.mark.parametrize("reason", REASONS)
def test_the_reason_replaces_the_forms(
    organizer: FlaskClient, db: Session, event: Event, address: str, reason: str
) -> None:
    close_event(db, event, reason)
    for form in ("new", "import"):
        page = organizer.get(f"{address}/{form}").text
        assert REASONS[reason] in page
        assert f'action="{address}/{form}"' not in page
    answer = organizer.post(f"{address}/new", data={"name": "Мадина", "language": "tg"})
    assert answer.status_code == 409
    assert REASONS[reason] in answer.text


@pytest.mark.parametrize("reason", REASONS)
def test_an_empty_list_suggests_sharing_only_while_registration_is_possible(
    organizer: FlaskClient, db: Session, event: Event, address: str, reason: str
) -> None:
    def empty() -> str:
        return organizer.get(f"{address}/").text.split('<p class="empty">')[1].split("</p>")[0]

    before = empty()
    close_event(db, event, reason)
    assert "No one is registered yet." in before
    assert "/share/" in before
    assert empty() == "No one is registered."


def test_an_action_from_an_outdated_list_is_refused_with_the_reason(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    waiting = make_registration(db, event, state="waiting", waited_at=clock.now())
    close_event(db, event, "doors_closed")
    answer = organizer.post(f"{address}/acts/done", data={"act": "promote", "person": str(waiting.id)})
    assert answer.status_code == 409
    assert REASONS["doors_closed"] in answer.text


def test_a_viewer_sees_no_reason_since_viewers_add_no_one(
    viewer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    close_event(db, event, "over")
    assert NO_ONE not in viewer.get(f"{address}/").text


FULL = "All seats are taken, so no one can be given one."


@pytest.mark.parametrize("limited", ["event", "ticket type"])
def test_the_confirmation_of_giving_a_seat_says_that_none_is_left(
    organizer: FlaskClient, db: Session, event: Event, address: str, limited: str
) -> None:
    waiting = make_registration(db, event, state="waiting", waited_at=clock.now())
    make_registration(db, event)
    chosen = {"act": "promote", "person": str(waiting.id)}
    assert "Give 1 person a seat" in organizer.post(f"{address}/acts", data=chosen).text
    full = event if limited == "event" else event.ticket_types[0]
    full.capacity = full.taken
    db.flush()
    page = organizer.post(f"{address}/acts", data=chosen).text
    assert FULL in page
    assert "Give 1 person a seat" not in page


def test_a_full_ticket_type_does_not_refuse_another(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    db.add(TicketType(event_id=event.id, title={"en": "Speakers"}, position=1, capacity=0))
    waiting = make_registration(db, event, state="waiting", waited_at=clock.now())
    db.flush()
    assert FULL not in organizer.post(f"{address}/acts", data={"act": "promote", "person": str(waiting.id)}).text


def test_seats_taken_meanwhile_are_reported_above_the_list(
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


def test_the_waiting_list_is_in_its_own_order_and_says_so(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    for name, since in (("Алия", 1), ("Юсуф", 2)):
        make_registration(db, event, name=name, state="waiting", waited_at=clock.now() - timedelta(hours=since))
    sentence = "In the order of the waiting list"
    assert sentence not in organizer.get(f"{address}/").text
    page = organizer.get(f"{address}/?state=waiting").text
    assert sentence in page
    assert page.index(">Юсуф</a>") < page.index(">Алия</a>")
