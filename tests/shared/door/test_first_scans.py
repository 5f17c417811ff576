"""Scans that check people in for the first time: what one statement stores, and what it leaves to a closer look."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock
from shared.door import attendance
from shared.door.attendance import BatchResult
from shared.door.batches import Batch, ScanClaim, WalkIn
from shared.models import Admission, Device, Event, Scan
from tests.factories import make_device, make_door, make_event, make_registration
from tests.support.scans import claim, hand_in, words

OF_THE_WRITING = {"received_at", "revision", "_sa_instance_state"}


@pytest.fixture
def person(db: Session, event: Event) -> str:
    return make_registration(db, event).ticket_id


def at_once(db: Session, device: Device, *scans: ScanClaim, **more: Any) -> BatchResult | None:
    return attendance.record_at_once(db, device=device, batch=Batch(scans=scans, **more))


def rows(db: Session, table: type[Scan] | type[Admission]) -> list[dict[str, Any]]:
    """The rows of a table, without what differs between any two writings."""
    stored = db.scalars(select(table).order_by(table.person).execution_options(populate_existing=True)).all()
    return [{name: value for name, value in vars(row).items() if name not in OF_THE_WRITING} for row in stored]


def test_one_statement_writes_what_a_closer_look_would(db: Session, event: Event, device: Device) -> None:
    side_door = make_door(db, event)
    people = [make_registration(db, event) for _ in range(3)]
    scans = [
        claim(event, person=people[0].ticket_id),
        claim(event, code=people[1].code, door=side_door.id, doubtful=True, reason="other"),
        claim(event, person=people[2].ticket_id, door=0),
    ]
    state: dict[str, Any] = {"waiting": 2, "clock_offset": 40, "version": "0123abcd", "handed_in": 0}
    written = []
    for record in (attendance.record_at_once, attendance.record):
        savepoint = db.begin_nested()
        recorded = record(db, device=device, batch=Batch(scans=scans, **state))
        assert recorded is not None
        assert words(recorded) == ["accepted"] * 3
        db.refresh(device)
        phone = (device.scans, device.waiting, device.clock_offset, device.version)
        written.append((rows(db, Scan), rows(db, Admission), phone, recorded))
        savepoint.rollback()
    assert written[0] == written[1]


def test_a_known_phone_learns_whether_everything_was_lost(db: Session, event: Event, device: Device) -> None:
    first, second = (claim(event, person=make_registration(db, event).ticket_id) for _ in range(2))
    recorded = at_once(db, device, first, handed_in=0), at_once(db, device, second, handed_in=2)
    assert [answer and answer.resend for answer in recorded] == [False, True]


UNUSUAL: dict[str, Callable[[str, Event], list[ScanClaim]]] = {
    "an exit": lambda person, event: [claim(event, person=person, kind="out")],
    "an undo": lambda person, event: [claim(event, person=person, kind="undo", undoes=uuid4())],
    "a refusal": lambda person, event: [claim(event, kind="refused", reason="not_a_ticket")],
    "a person twice": lambda person, event: [claim(event, person=person), claim(event, person=person)],
    "an id twice": lambda person, event: [claim(event, person=person)] * 2,
    "a stranger": lambda person, event: [claim(event, person=person), claim(event, person="00000000000000ff")],
    "a code of no one": lambda person, event: [claim(event, person=person), claim(event, code="A" * 120)],
    "another session": lambda person, event: [claim(event, person=person), claim(event, person=person, session=0)],
}


@pytest.mark.parametrize("scans", UNUSUAL.values(), ids=UNUSUAL)
def test_what_is_unusual_writes_nothing_at_once(
    db: Session, event: Event, device: Device, person: str, scans: Callable[[str, Event], list[ScanClaim]]
) -> None:
    assert at_once(db, device, *scans(person, event)) is None
    assert (db.query(Scan).count(), db.query(Admission).count()) == (0, 0)


def test_a_walk_in_with_a_scan_gets_a_closer_look(db: Session, event: Event, device: Device) -> None:
    walk_in = WalkIn(id=uuid4(), name="Гули", language="tg")
    scan = claim(event, person=str(walk_in.id))
    assert at_once(db, device, scan, walk_ins=[walk_in]) is None
    hand_in(db, device, walk_ins=[walk_in])
    assert at_once(db, device, scan) is None


def test_a_ticket_of_another_event_gets_a_closer_look(db: Session, event: Event, device: Device) -> None:
    foreign = make_registration(db, make_event(db)).ticket_id
    assert at_once(db, device, claim(event, person=foreign)) is None


@pytest.mark.parametrize("kind", ["in", "out", "refused"])
def test_who_was_scanned_before_gets_a_closer_look(
    db: Session, event: Event, device: Device, person: str, kind: str
) -> None:
    hand_in(db, device, claim(event, person=person, kind=kind))
    new = make_registration(db, event).ticket_id
    assert at_once(db, device, claim(event, person=new), claim(event, person=person)) is None
    assert db.query(Scan).count() == 1


def test_a_phone_that_was_revoked_since_it_was_read_writes_nothing(
    db: Session, event: Event, device: Device, person: str
) -> None:
    revoked = update(Device).values(revoked_at=clock.now())
    db.execute(revoked, execution_options={"synchronize_session": False})
    assert at_once(db, device, claim(event, person=person)) is None
    assert db.query(Scan).count() == 0


def test_a_known_id_of_someone_new_breaks_the_key_of_the_scan(
    db: Session, event: Event, device: Device, person: str
) -> None:
    scan = claim(event, person=make_registration(db, event).ticket_id)
    hand_in(db, device, scan)
    with pytest.raises(IntegrityError, match="pk_scan"), db.begin_nested():
        at_once(db, device, claim(event, person=person, id=scan.id))
    assert db.query(Admission).count() == 1


def test_a_report_of_a_phone_is_recorded_at_once(db: Session, device: Device) -> None:
    recorded = at_once(db, device, waiting=7)
    assert recorded == BatchResult([], resend=False)
    db.refresh(device)
    assert device.waiting == 7


def test_the_scans_of_an_organizers_desk_get_a_closer_look(db: Session, event: Event, person: str) -> None:
    desk = Device(event_id=event.id, phone=uuid4())
    db.add(desk)
    db.flush()
    assert at_once(db, desk, claim(event, person=person)) is None


def test_two_phones_are_one_admission_each_for_two_people(db: Session, event: Event, device: Device) -> None:
    other = make_device(db, make_door(db, event))[0]
    scans = [claim(event, person=make_registration(db, event).ticket_id) for _ in range(2)]
    assert all(at_once(db, phone, scan) for phone, scan in zip((device, other), scans, strict=True))
    assert {row["person"]: row["entries"] for row in rows(db, Admission)} == {scan.person: 1 for scan in scans}
