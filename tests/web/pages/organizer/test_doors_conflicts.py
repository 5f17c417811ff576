"""Conflicts and walk-ins on the doors page: in words, and what an organizer does about them."""

from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Account, Device, Event, Registration
from shared.operations import conflicts
from shared.operations.batches import WalkIn
from shared.queries import conflicts as queries
from tests.factories import make_event, make_registration
from tests.shared.operations.test_attendance import claim, hand_in
from tests.web.pages.organizer.conftest import Twice, paired


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/doors/"


def times(db: Session, event: Event) -> tuple[str, str]:
    [found] = queries.of_event(db, event_id=event.id, limit=2)
    zone = ZoneInfo(event.zone)
    one, other = (clock.from_milliseconds(side.at).astimezone(zone) for side in (found.first, found.second))
    return f"{one:%H:%M}", f"{other:%H:%M}"


def test_a_conflict_is_told_with_both_doors_and_times(
    organizer: FlaskClient, db: Session, event: Event, address: str, shown_twice: Twice
) -> None:
    shown_twice(make_registration(db, event, name="Азиза <Раҳимова>"))
    # A zone where it is not midnight now, so that both scans are of the event's own day.
    event.zone = (
        "Asia/Dushanbe" if 1 <= clock.now().astimezone(ZoneInfo("Asia/Dushanbe")).hour < 23 else "Europe/Lisbon"
    )
    event.starts_local = clock.now().astimezone(ZoneInfo(event.zone)).replace(tzinfo=None)
    db.flush()
    first, then = times(db, event)
    page = organizer.get(address).text
    assert f"North door {first}, " in page
    assert f"South door {then}" in page
    assert "Ticket of Азиза &lt;Раҳимова&gt;: " in page
    assert "Volunteers: Нигина, Далер" in page
    assert "do not tell who was first" not in page


def test_clocks_that_are_too_near_do_not_say_who_was_first(
    organizer: FlaskClient, db: Session, event: Event, address: str, shown_twice: Twice
) -> None:
    shown_twice(make_registration(db, event, name="Азиза"), apart=timedelta(seconds=100))
    page = organizer.get(address).text
    assert "Ticket of Азиза: North door, South door</p>" in page
    assert "It is not clear from their clocks who was first." in page


def test_two_phones_at_one_door_are_one_door(organizer: FlaskClient, db: Session, event: Event, address: str) -> None:
    person = make_registration(db, event, name="Азиза").ticket_id
    for volunteer in ("Нигина", "Далер"):
        hand_in(db, paired(db, event, volunteer), claim(event, person=person))
    assert "Ticket of Азиза: North door, two phones" in organizer.get(address).text


def test_a_private_event_shows_initials(
    organizer: FlaskClient, db: Session, event: Event, address: str, shown_twice: Twice
) -> None:
    event.private = True
    shown_twice(make_registration(db, event, name="Азиза Раҳимова"))
    page = organizer.get(address).text
    assert "Ticket of А. Р.:" in page
    assert "Азиза" not in page


def test_a_note_settles_and_is_taken_back(
    organizer: FlaskClient, db: Session, event: Event, address: str, account: Account, shown_twice: Twice
) -> None:
    one, other = shown_twice()
    path = f"{address}conflicts/{one}/{other}"
    page = organizer.get(address).text
    assert '<span class="count" data-open-conflicts>1</span>' in page
    assert organizer.post(f"{path}/note", data={"note": " Two brothers\r\n\r\n\r\none <ticket> "}).status_code == 303
    [found] = queries.of_event(db, event_id=event.id, limit=2)
    assert (found.note, found.settled_by) == ("Two brothers\n\none <ticket>", account.name)
    page = organizer.get(address).text
    assert "one &lt;ticket&gt;" in page
    assert "data-open-conflicts" not in page
    assert organizer.post(f"{path}/reopen").status_code == 303
    assert "data-open-conflicts" in organizer.get(address).text


@pytest.mark.parametrize(("note", "sentence"), [(" ", "Enter what happened."), ("x" * 501, "at most 500 characters")])
def test_a_note_that_says_nothing_is_refused_where_it_was_typed(
    organizer: FlaskClient, db: Session, event: Event, address: str, shown_twice: Twice, note: str, sentence: str
) -> None:
    shown_twice()
    one, other = shown_twice()
    answer = organizer.post(f"{address}conflicts/{one}/{other}/note", data={"note": note})
    assert answer.status_code == 422
    at = answer.text.index(f'id="conflict-{one}-{other}-note-error"')
    assert sentence in answer.text[at : at + 200]
    assert answer.text.count('class="error is-lines"') == 1
    assert queries.count_open(db, event_id=event.id) == 2


def test_open_conflicts_come_first_and_the_list_is_turned(
    organizer: FlaskClient, db: Session, event: Event, address: str, account: Account, shown_twice: Twice
) -> None:
    pairs = [shown_twice() for _ in range(22)]
    conflicts.settle(db, event=event, scans=pairs[-1], note="Known", by=account)
    first, second = organizer.get(address).text, organizer.get(f"{address}?page=2").text
    assert [page.count("data-conflict>") for page in (first, second)] == [20, 2]
    assert "Known" not in first
    assert "Known" in second
    assert ">21</span>" in first
    one, other = pairs[-1]
    answer = organizer.post(f"{address}conflicts/{one}/{other}/reopen?page=2")
    assert "page=2" in answer.location


@pytest.fixture
def guest(db: Session, event: Event) -> Registration:
    return make_registration(db, event, name="Шариф Забиров")


@pytest.fixture
def walked(db: Session, event: Event, phone: Device) -> str:
    one = WalkIn(id=uuid4(), name="Sharif Zabirov", language="en")
    hand_in(db, phone, claim(event, person=str(one.id)), walk_ins=[one])
    return str(one.id)


def test_a_walk_in_who_is_registered_becomes_one_person_and_two_again(
    organizer: FlaskClient, db: Session, event: Event, address: str, guest: Registration, walked: str
) -> None:
    path = f"{address}walk-ins/{walked}/{guest.ticket_id}"
    page = organizer.get(address).text
    assert "Sharif Zabirov, came at" in page
    assert "Count as one person" in page
    assert "Count as two people" not in page
    assert organizer.post(f"{path}/merge").status_code == 303
    page = organizer.get(address).text
    assert "Count as two people" in page
    assert "Count as one person" not in page
    assert organizer.post(f"{path}/separate").status_code == 303
    assert "Count as one person" in organizer.get(address).text


def test_walk_ins_of_a_private_event_are_initials(
    organizer: FlaskClient, db: Session, event: Event, address: str, guest: Registration, walked: str
) -> None:
    event.private = True
    db.flush()
    page = organizer.get(address).text
    assert "S. Z., came at" in page
    assert "Zabirov" not in page
    assert "Забиров" not in page


def test_nobody_of_another_event_is_merged(
    organizer: FlaskClient, db: Session, event: Event, address: str, guest: Registration, walked: str
) -> None:
    other = make_registration(db, make_event(db))
    assert organizer.post(f"{address}walk-ins/{walked}/{other.ticket_id}/merge").status_code == 404
    foreign = f"/organize/events/{make_event(db, organization=event.organization).id}/doors/"
    assert organizer.post(f"{foreign}walk-ins/{walked}/{guest.ticket_id}/merge").status_code == 404
    assert organizer.post(f"{address}walk-ins/{uuid4()}/{guest.ticket_id}/merge").status_code == 409
