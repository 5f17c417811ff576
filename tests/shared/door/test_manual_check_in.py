"""Checking in from the list, and undoing mistakes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.door import manual_check_in, paper_list
from shared.door.live import live
from shared.errors import Conflicting, Invalid, Missing
from shared.models import Account, Admission, Device, Event, Registration, Scan
from tests.factories import make_account, make_device, make_door, make_event, make_registration
from tests.support.counters import actions
from tests.support.scans import claim, hand_in


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, starts_at=clock.now())


@pytest.fixture
def by(db: Session, event: Event) -> Account:
    return make_account(db, organization=event.organization, role="organizer")


@pytest.fixture
def guest(db: Session, event: Event) -> Registration:
    return make_registration(db, event)


@pytest.fixture
def phone(db: Session, event: Event) -> Device:
    return make_device(db, make_door(db, event), stamps_from=clock.now() - timedelta(hours=1))[0]


def test_a_person_is_checked_in_from_the_list_once(db: Session, event: Event, by: Account) -> None:
    guest, door = make_registration(db, event), make_door(db, event)
    assert manual_check_in.check_in(db, registration=guest, session_id=event.sessions[0].id, door=door, by=by)
    assert not manual_check_in.check_in(db, registration=guest, session_id=event.sessions[0].id, door=door, by=by)
    admission = db.scalars(select(Admission).where(Admission.person == guest.ticket_id)).one()
    scan = db.get_one(Scan, admission.first)
    assert (scan.reason, scan.kind, admission.conflicts) == ("by_hand", "in", [])
    assert abs(scan.at - clock.milliseconds(clock.now())) < 60_000
    assert actions(db, event) == ["registration.checked_in"]
    foreign_session = make_event(db).sessions[0].id
    with pytest.raises(Invalid):
        manual_check_in.check_in(db, registration=guest, session_id=foreign_session, door=door, by=by)


def test_a_cancelled_registration_is_not_checked_in_from_the_list(db: Session, event: Event, by: Account) -> None:
    gone = make_registration(db, event, state="cancelled", cancelled_at=clock.now(), cancelled_by="self")
    with pytest.raises(Conflicting):
        manual_check_in.check_in(
            db, registration=gone, session_id=event.sessions[0].id, door=make_door(db, event), by=by
        )


def inside(db: Session, event: Event) -> int:
    return live(db, event=event).inside


def test_a_mistaken_scan_is_undone_and_stays_in_the_ledger(
    db: Session, event: Event, by: Account, guest: Registration, phone: Device
) -> None:
    scan = claim(event, person=guest.ticket_id)
    hand_in(db, phone, scan)
    manual_check_in.undo(db, registration=guest, scan_id=scan.id, by=by)
    assert inside(db, event) == 0
    scans = db.scalars(select(Scan).where(Scan.person == guest.ticket_id).order_by(Scan.at)).all()
    assert {(scan.kind, scan.undoes) for scan in scans} == {("in", None), ("undo", scan.id)}
    assert actions(db, event) == ["registration.check_in_undone"]
    with pytest.raises(Conflicting):
        manual_check_in.undo(db, registration=guest, scan_id=scan.id, by=by)


def test_a_person_scanned_out_by_mistake_is_inside_again(
    db: Session, event: Event, by: Account, guest: Registration, phone: Device
) -> None:
    now = clock.milliseconds(clock.now())
    out = claim(event, person=guest.ticket_id, kind="out", at=now - 1)
    hand_in(db, phone, claim(event, person=guest.ticket_id, at=now - 2), out)
    assert inside(db, event) == 0
    manual_check_in.undo(db, registration=guest, scan_id=out.id, by=by)
    assert inside(db, event) == 1


def test_check_ins_on_paper_or_by_hand_are_undone(db: Session, event: Event, by: Account, guest: Registration) -> None:
    second_guest, door, session_id = make_registration(db, event), make_door(db, event), event.sessions[0].id
    paper_list.check_in(db, door=door, session_id=session_id, persons=[guest.ticket_id], by=make_account(db))
    manual_check_in.check_in(db, registration=second_guest, session_id=session_id, door=door, by=by)
    for attendee in (guest, second_guest):
        scan = db.scalars(select(Scan).where(Scan.person == attendee.ticket_id)).one()
        manual_check_in.undo(db, registration=attendee, scan_id=scan.id, by=by)
    assert inside(db, event) == 0
    assert manual_check_in.check_in(db, registration=second_guest, session_id=session_id, door=door, by=by), (
        "they come after all"
    )


def test_a_scan_of_a_merged_walk_in_is_undone(
    db: Session, event: Event, by: Account, guest: Registration, phone: Device
) -> None:
    walked = make_registration(db, event, walk_in=True, merged_into=guest.ticket_id, short_code=None)
    scan = claim(event, person=walked.ticket_id)
    hand_in(db, phone, scan)
    assert inside(db, event) == 1
    manual_check_in.undo(db, registration=guest, scan_id=scan.id, by=by)
    assert inside(db, event) == 0


def test_a_scan_undone_under_the_merged_ticket_is_not_undone_again(
    db: Session, event: Event, by: Account, guest: Registration, phone: Device
) -> None:
    walked = make_registration(db, event, walk_in=True, merged_into=guest.ticket_id, short_code=None)
    scan = claim(event, person=walked.ticket_id)
    hand_in(db, phone, scan, claim(event, person=guest.ticket_id, kind="undo", undoes=scan.id))
    assert inside(db, event) == 0
    with pytest.raises(Conflicting):
        manual_check_in.undo(db, registration=guest, scan_id=scan.id, by=by)


def test_a_scan_of_a_revoked_phone_does_not_count_and_cannot_be_undone(
    db: Session, event: Event, by: Account, guest: Registration, phone: Device
) -> None:
    phone.revoked_at = clock.now() - timedelta(minutes=10)
    db.flush()
    scan = claim(event, person=guest.ticket_id)
    hand_in(db, phone, scan)
    with pytest.raises(Conflicting):
        manual_check_in.undo(db, registration=guest, scan_id=scan.id, by=by)


def test_only_a_counting_scan_of_the_person_is_undone(
    db: Session, event: Event, by: Account, guest: Registration, phone: Device
) -> None:
    refused = claim(event, person=guest.ticket_id, kind="refused", reason="other")
    another = claim(event, person=make_registration(db, event).ticket_id)
    hand_in(db, phone, refused, another)
    with pytest.raises(Conflicting):
        manual_check_in.undo(db, registration=guest, scan_id=refused.id, by=by)
    for scan_id in (another.id, uuid4()):
        with pytest.raises(Missing):
            manual_check_in.undo(db, registration=guest, scan_id=scan_id, by=by)
    assert inside(db, event) == 1
