"""The paper list: a person marked on it attended, at an unknown time."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from shared import clock
from shared.door import doors, live, paper_list, phones
from shared.errors import Invalid
from shared.models import Admission, Device, Event, Registration, Scan
from shared.reports import ledger
from tests.factories import make_account, make_device, make_door, make_event, make_registration
from tests.support.recorded_acts import acts
from tests.support.scans import claim, hand_in, words


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, starts_at=clock.now() - timedelta(hours=1))


@pytest.fixture
def guest(db: Session, event: Event) -> Registration:
    return make_registration(db, event)


def tick(db: Session, event: Event, *people: Registration) -> int:
    door = doors.of_event(db, event_id=event.id)[0]
    return paper_list.check_in(
        db,
        door=door,
        session_id=event.sessions[0].id,
        persons=[person.ticket_id for person in people],
        by=make_account(db),
    )


def test_people_marked_on_paper_attended(db: Session, event: Event, guest: Registration) -> None:
    assert tick(db, event, guest) == 1
    admission = db.get_one(Admission, (guest.ticket_id, event.sessions[0].id))
    assert event.starts_at is not None
    assert admission.first_at == clock.milliseconds(event.starts_at)


def test_paper_check_ins_have_no_arrival_time(db: Session, event: Event, guest: Registration) -> None:
    tick(db, event, guest)
    figures = live.live(db, event=event)
    assert (figures.admitted, figures.arrivals) == (1, [])
    read = ledger.read(db, event)
    assert (len(read.came()), read.arrival_times()) == (1, [])


def test_a_person_inside_is_unchanged(db: Session, event: Event, guest: Registration) -> None:
    device: Device = make_device(db, make_door(db, event))[0]
    device.stamps_from = clock.now() - timedelta(hours=2)
    hand_in(db, device, claim(event, person=guest.ticket_id))
    assert tick(db, event, guest, make_registration(db, event)) == 1
    assert tick(db, event, guest) == 0
    assert db.query(Scan).filter_by(person=guest.ticket_id).count() == 1


def test_a_ticket_checked_in_on_paper_and_by_a_phone_is_a_conflict(
    db: Session, event: Event, guest: Registration
) -> None:
    tick(db, event, guest)
    device: Device = make_device(db, make_door(db, event))[0]
    assert words(hand_in(db, device, claim(event, person=guest.ticket_id))) == ["conflict"]


def test_people_and_sessions_of_another_event_are_refused(db: Session, event: Event, guest: Registration) -> None:
    with pytest.raises(Invalid, match="unknown_person"):
        tick(db, event, guest, make_registration(db))
    door = doors.of_event(db, event_id=event.id)[0]
    with pytest.raises(Invalid, match="unknown_session"):
        paper_list.check_in(
            db, door=door, session_id=make_event(db).sessions[0].id, persons=[guest.ticket_id], by=make_account(db)
        )
    assert db.query(Scan).filter_by(event_id=event.id).count() == 0


def test_the_paper_list_is_one_device_and_no_phone(db: Session, event: Event) -> None:
    tick(db, event, make_registration(db, event))
    tick(db, event, make_registration(db, event))
    devices = db.query(Device).filter_by(event_id=event.id).all()
    assert [(device.door_pass_id, device.scans) for device in devices] == [(None, 2)]
    assert phones.of_event(db, event_id=event.id) == []


def test_a_person_who_entered_and_left_is_unchanged(db: Session, event: Event, guest: Registration) -> None:
    device: Device = make_device(db, make_door(db, event))[0]
    device.stamps_from = clock.now() - timedelta(hours=2)
    now = clock.milliseconds(clock.now())
    hand_in(
        db, device, claim(event, person=guest.ticket_id, at=now - 9), claim(event, person=guest.ticket_id, kind="out")
    )
    assert tick(db, event, guest) == 0
    assert db.get_one(Admission, (guest.ticket_id, event.sessions[0].id)).first_at == now - 9


def test_a_paper_list_is_recorded_with_the_number_of_new_check_ins(
    db: Session, event: Event, guest: Registration
) -> None:
    for _ in range(2):
        tick(db, event, guest)
    session_id = event.sessions[0].id
    assert acts(db) == [("paper_list.checked_in", {"session_id": session_id, "count": count}) for count in (1, 0)]
