"""Conflicts and walk-ins on the doors page: their words, and an organizer's actions on them."""

from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.door import conflicts
from shared.door.batches import WalkIn
from shared.models import Account, Device, Event, Registration
from tests.factories import make_event, make_registration
from tests.support.scans import claim, hand_in
from tests.web.organizer.conftest import Twice, paired


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/doors/"


def times(db: Session, event: Event) -> tuple[str, str]:
    [conflict] = conflicts.of_event(db, event_id=event.id, limit=2)
    zone = ZoneInfo(event.zone)
    first, second = (clock.from_milliseconds(side.at).astimezone(zone) for side in (conflict.first, conflict.second))
    return f"{first:%H:%M}", f"{second:%H:%M}"


def test_a_conflict_is_shown_with_both_doors_and_times(
    organizer: FlaskClient, db: Session, event: Event, address: str, shown_twice: Twice
) -> None:
    shown_twice(make_registration(db, event, name="Азиза <Раҳимова>"))
    # A zone where it is not midnight now, so that both scans are on the day of the event.
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
    assert "not clear from their clocks who was first" not in page


def test_clocks_that_are_too_close_leave_the_order_open(
    organizer: FlaskClient, db: Session, event: Event, address: str, shown_twice: Twice
) -> None:
    shown_twice(make_registration(db, event, name="Азиза"), apart=timedelta(seconds=100))
    page = organizer.get(address).text
    assert "Ticket of Азиза: North door, South door</p>" in page
    assert "It is not clear from the phones’ clocks who was first." in page


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


def test_a_note_settles_a_conflict_and_is_deleted(
    organizer: FlaskClient, db: Session, event: Event, address: str, account: Account, shown_twice: Twice
) -> None:
    first, second = shown_twice()
    path = f"{address}conflicts/{first}/{second}"
    page = organizer.get(address).text
    assert '<span class="count" data-open-conflicts>1</span>' in page
    assert organizer.post(f"{path}/note", data={"note": " Two brothers\r\n\r\n\r\none <ticket> "}).status_code == 303
    [conflict] = conflicts.of_event(db, event_id=event.id, limit=2)
    assert (conflict.note, conflict.settled_by) == ("Two brothers\n\none <ticket>", account.name)
    page = organizer.get(address).text
    assert "one &lt;ticket&gt;" in page
    assert "data-open-conflicts" not in page
    assert organizer.post(f"{path}/reopen").status_code == 303
    assert "data-open-conflicts" in organizer.get(address).text


@pytest.mark.parametrize(("note", "sentence"), [(" ", "Enter what happened."), ("x" * 501, "at most 500 characters")])
def test_an_empty_note_is_refused_at_its_field(
    organizer: FlaskClient, db: Session, event: Event, address: str, shown_twice: Twice, note: str, sentence: str
) -> None:
    shown_twice()
    first, second = shown_twice()
    answer = organizer.post(f"{address}conflicts/{first}/{second}/note", data={"note": note})
    assert answer.status_code == 422
    at = answer.text.index(f'id="conflict-{first}-{second}-note-error"')
    assert sentence in answer.text[at : at + 200]
    assert answer.text.count('class="error is-lines"') == 1
    assert conflicts.count_open(db, event_id=event.id) == 2


def test_open_conflicts_come_first_and_the_list_has_pages(
    organizer: FlaskClient, db: Session, event: Event, address: str, account: Account, shown_twice: Twice
) -> None:
    pairs = [shown_twice() for _ in range(22)]
    conflicts.settle(db, event=event, scans=pairs[-1], note="Known", by=account)
    first, second = organizer.get(address).text, organizer.get(f"{address}?page=2").text
    assert [page.count("data-conflict>") for page in (first, second)] == [20, 2]
    assert "Known" not in first
    assert "Known" in second
    assert ">21</span>" in first
    scan, rival = pairs[-1]
    answer = organizer.post(f"{address}conflicts/{scan}/{rival}/reopen?page=2")
    assert "page=2" in answer.location


@pytest.fixture
def guest(db: Session, event: Event) -> Registration:
    return make_registration(db, event, name="Шариф Забиров")


@pytest.fixture
def walked(db: Session, event: Event, phone: Device) -> str:
    walk_in = WalkIn(id=uuid4(), name="Sharif Zabirov", language="en")
    hand_in(db, phone, claim(event, person=str(walk_in.id)), walk_ins=[walk_in])
    return str(walk_in.id)


def test_a_walk_in_and_a_registration_are_merged_and_separated(
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


def test_walk_ins_of_a_private_event_are_shown_by_initials(
    organizer: FlaskClient, db: Session, event: Event, address: str, guest: Registration, walked: str
) -> None:
    event.private = True
    db.flush()
    page = organizer.get(address).text
    assert "S. Z., came at" in page
    assert "Zabirov" not in page
    assert "Забиров" not in page


def test_a_walk_in_of_another_event_is_not_merged(
    organizer: FlaskClient, db: Session, event: Event, address: str, guest: Registration, walked: str
) -> None:
    registration = make_registration(db, make_event(db))
    assert organizer.post(f"{address}walk-ins/{walked}/{registration.ticket_id}/merge").status_code == 404
    foreign = f"/organize/events/{make_event(db, organization=event.organization).id}/doors/"
    assert organizer.post(f"{foreign}walk-ins/{walked}/{guest.ticket_id}/merge").status_code == 404
    assert organizer.post(f"{address}walk-ins/{uuid4()}/{guest.ticket_id}/merge").status_code == 409
