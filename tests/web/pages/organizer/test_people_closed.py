"""Where nobody can be added or given a seat, no button offers it, and the page says why."""

from collections.abc import Mapping

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event
from tests.factories import close_event, make_registration

NOBODY = "nobody can be added or given a seat"
WHY: Mapping[str, str] = {
    "draft": "People can be added once the event is published.",
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
    for offer in ('/people/new"', '/people/import"', "Give a seat"):
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
    assert "Give a seat" in organizer.get(f"{address}/{waiting.id}/").text
    assert "/people/new" in organizer.get(f"{address}/{gone.id}/").text
    close_event(db, event, reason)
    assert "Give a seat" not in organizer.get(f"{address}/{waiting.id}/").text
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
    assert "Nobody is registered yet." in before
    assert "/share/" in before
    assert empty() == "Nobody is registered."


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
