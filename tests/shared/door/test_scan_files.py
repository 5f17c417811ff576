"""Scans from a file count once, as if the phone had uploaded them."""

from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.door import phones, scan_files
from shared.door.batches import ScanClaim, WalkIn
from shared.door.scan_files import ScanFile
from shared.models import Admission, Device, Event, Registration, Scan
from tests.factories import make_account, make_registration
from tests.support.recorded_acts import acts
from tests.support.scans import claim, hand_in


def take_in(db: Session, event: Event, phone: UUID, scans: list[ScanClaim]) -> Counter[str]:
    return take_in_file(db, event, ScanFile(phone=phone, scans=scans))


def take_in_file(db: Session, event: Event, file: ScanFile) -> Counter[str]:
    return scan_files.import_all(db, event=event, files=[file], by=make_account(db))


def people(db: Session, event: Event, number: int) -> list[Registration]:
    return [make_registration(db, event) for _ in range(number)]


def test_a_file_of_a_paired_phone_is_the_phone(db: Session, event: Event, device: Device) -> None:
    scans = [claim(event, person=guest.ticket_id) for guest in people(db, event, 2)]
    hand_in(db, device, scans[0])
    assert take_in(db, event, device.phone, scans) == {"accepted": 1, "replay": 1}
    db.refresh(device)
    assert device.scans == 2


def test_a_file_longer_than_a_batch_is_imported_whole(db: Session, event: Event, device: Device) -> None:
    guest = make_registration(db, event)
    scans = [claim(event, person=guest.ticket_id, at=number) for number in range(1, 1002)]
    assert take_in(db, event, device.phone, scans) == {"accepted": 1001}


def test_an_unknown_phones_file_is_accepted_from_an_organizer(db: Session, event: Event) -> None:
    guest = make_registration(db, event)
    assert take_in(db, event, uuid4(), [claim(event, person=guest.ticket_id)]) == {"accepted": 1}
    assert db.get_one(Admission, (guest.ticket_id, event.sessions[0].id)).first is not None


def test_a_file_does_not_restore_a_revoked_phone(db: Session, event: Event, device: Device) -> None:
    phones.revoke(db, device=device, by=make_account(db))
    guest = make_registration(db, event)
    late = claim(event, person=guest.ticket_id)
    assert take_in(db, event, device.phone, [late]) == {"revoked": 1}
    assert db.get_one(Scan, late.id).standing is False


def test_a_file_of_a_revoked_phone_counts_check_ins_before_its_revocation(
    db: Session, event: Event, device: Device
) -> None:
    now = clock.now()
    device.stamps_from, device.revoked_at = now - timedelta(hours=2), now - timedelta(hours=1)
    before, late, unscanned = (WalkIn(id=uuid4(), name=name, language="tg") for name in ("Гули", "Далер", "Сорбон"))
    stamps = {before: now - timedelta(minutes=90), late: now}
    scans = [claim(event, person=str(person.id), at=clock.milliseconds(at)) for person, at in stamps.items()]
    file = ScanFile(phone=device.phone, scans=scans, walk_ins=[before, late, unscanned])
    answers = take_in_file(db, event, file)
    assert answers == {"accepted": 1, "revoked": 1}
    assert db.scalars(select(Registration.name).where(Registration.walk_in)).all() == ["Гули"]


def test_walk_ins_and_shifts_are_imported_with_the_file(db: Session, event: Event) -> None:
    walk_in = WalkIn(id=uuid4(), name="Фирӯза", language="tg")
    scans = [claim(event, person=str(walk_in.id))]
    file = ScanFile(phone=uuid4(), scans=scans, walk_ins=[walk_in], shifts=[("Нигина", 1)])
    answers = take_in_file(db, event, file)
    assert answers == {"accepted": 1}


def test_a_file_without_scans_changes_nothing(db: Session, event: Event, device: Device) -> None:
    assert take_in(db, event, device.phone, []) == {}


def test_files_are_one_act_with_a_count_for_each_answer(db: Session, event: Event) -> None:
    scans = [claim(event, person=guest.ticket_id) for guest in people(db, event, 2)]
    files = [ScanFile(phone=uuid4(), scans=[scan], unreadable=2) for scan in scans]
    answers = scan_files.import_all(db, event=event, files=files, by=make_account(db))
    assert answers == {"accepted": 2, "invalid": 4}
    assert acts(db) == [("scan_file.imported", {"accepted": 2, "invalid": 4})]
