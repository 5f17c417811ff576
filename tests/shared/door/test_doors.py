"""Doors, passes and phones: pairing, moving, revoking."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from shared import clock
from shared.door import attendance, doors, passes, phones
from shared.door.batches import Batch
from shared.errors import Invalid, Unidentified
from shared.models import Device, DoorPass, Event, Scan
from tests.factories import make_account, make_door, make_event, make_pass, make_registration
from tests.support.recorded_acts import acts
from tests.support.scans import claim, words


def pair(db: Session, door_pass: DoorPass, phone: UUID | None = None, volunteer: str = "Нигина") -> tuple[Device, str]:
    return passes.pair(db, pass_id=door_pass.id, version=door_pass.version, phone=phone or uuid4(), volunteer=volunteer)


def test_a_pass_pairs_as_many_phones_as_it_says(db: Session, event: Event) -> None:
    door_pass = make_pass(db, make_door(db, event), phones=2)
    for _ in range(2):
        passes.pair(db, pass_id=door_pass.id, version=1, phone=uuid4(), volunteer="Нигина")
    with pytest.raises(Unidentified):
        passes.pair(db, pass_id=door_pass.id, version=1, phone=uuid4(), volunteer="Далер")


def test_pairing_again_is_the_same_device_with_a_new_token(db: Session, event: Event) -> None:
    door_pass, phone = make_pass(db, make_door(db, event), phones=1), uuid4()
    first, old = passes.pair(db, pass_id=door_pass.id, version=1, phone=phone, volunteer="Нигина")
    again, new = passes.pair(db, pass_id=door_pass.id, version=1, phone=phone, volunteer="Далер")
    assert first.id == again.id
    assert phones.of_token(db, token=new).id == again.id
    with pytest.raises(Unidentified):
        phones.of_token(db, token=old)


def test_a_revoked_pass_and_a_closed_door_pair_no_phone(db: Session, event: Event) -> None:
    door = make_door(db, event)
    door_pass = make_pass(db, door)
    with pytest.raises(Unidentified):
        passes.pair(db, pass_id=door_pass.id, version=2, phone=uuid4(), volunteer="Нигина")
    doors.close(db, door=door, by=make_account(db))
    with pytest.raises(Unidentified):
        passes.pair(db, pass_id=door_pass.id, version=1, phone=uuid4(), volunteer="Нигина")


def test_a_phone_that_moves_to_another_door_stays_one_device(db: Session, event: Event) -> None:
    north, south = (make_pass(db, make_door(db, event), phones=1) for _ in range(2))
    phone, guest = uuid4(), make_registration(db, event)
    before, _ = pair(db, north, phone)
    first = claim(event, person=guest.ticket_id)
    attendance.record(db, device=before, batch=Batch(scans=[first]))
    after, token = pair(db, south, phone)
    again = claim(event, person=guest.ticket_id, at=first.at + 1)
    recorded = attendance.record(db, device=phones.of_token(db, token=token), batch=Batch(scans=[again], handed_in=1))
    db.refresh(after)
    assert (before.id, after.door_pass_id, after.scans) == (after.id, south.id, 2)
    assert (words(recorded), recorded.resend) == (["accepted"], False)


def test_a_phone_that_moves_frees_its_pairing(db: Session, event: Event) -> None:
    north, south = (make_pass(db, make_door(db, event), phones=1) for _ in range(2))
    phone = uuid4()
    pair(db, north, phone)
    pair(db, south, phone)
    assert pair(db, north)


def test_a_scan_keeps_the_door_where_it_was_made(db: Session, event: Event) -> None:
    north, south = (make_pass(db, make_door(db, event)) for _ in range(2))
    phone = uuid4()
    pair(db, north, phone)
    device, _ = pair(db, south, phone)
    guests = [make_registration(db, event) for _ in range(3)]
    door_ids = [north.door_id, None, make_door(db).id]
    scans = [claim(event, person=guest.ticket_id, door=door) for guest, door in zip(guests, door_ids, strict=True)]
    attendance.record(db, device=device, batch=Batch(scans=scans))
    assert [db.get_one(Scan, scan.id).door_id for scan in scans] == [north.door_id, south.door_id, south.door_id]


def test_scans_under_an_earlier_pass_keep_their_time(db: Session, event: Event) -> None:
    now = clock.now()
    early = make_pass(db, make_door(db, event), created_at=now - timedelta(hours=3))
    late = make_pass(db, make_door(db, event), created_at=now - timedelta(hours=1))
    phone = uuid4()
    pair(db, early, phone)
    device, _ = pair(db, late, phone)
    scan = claim(event, person=make_registration(db, event).ticket_id, at=clock.milliseconds(now - timedelta(hours=2)))
    attendance.record(db, device=device, batch=Batch(scans=[scan]))
    assert db.get_one(Scan, scan.id).at == scan.at


def test_a_revoked_phone_paired_again_is_a_new_device_with_the_same_upload_count(db: Session, event: Event) -> None:
    door_pass, phone = make_pass(db, make_door(db, event)), uuid4()
    revoked, _ = pair(db, door_pass, phone)
    attendance.record(db, device=revoked, batch=Batch(scans=[claim(event, kind="refused")]))
    phones.revoke(db, device=revoked, by=make_account(db))
    phones.allow(db, device=revoked, by=make_account(db))
    db.expire_all()
    again, _ = pair(db, door_pass, phone)
    assert (again.id != revoked.id, again.scans) == (True, 1)


def test_a_renewed_pass_has_another_link_and_keeps_its_phones(db: Session, event: Event) -> None:
    door_pass = make_pass(db, make_door(db, event))
    _, token = pair(db, door_pass)
    old = door_pass.version
    passes.renew(db, door_pass=door_pass, by=make_account(db))
    with pytest.raises(Unidentified, match="pass"):
        passes.pair(db, pass_id=door_pass.id, version=old, phone=uuid4(), volunteer="Далер")
    assert pair(db, door_pass)
    assert phones.of_token(db, token=token).revoked_at is None


def test_an_expired_pass_pairs_no_phone(db: Session, event: Event) -> None:
    door_pass = make_pass(db, make_door(db, event), expires_at=clock.now())
    with pytest.raises(Unidentified, match="pass_expired"):
        pair(db, door_pass)


def test_a_pass_lasts_a_day_after_its_event(db: Session, event: Event) -> None:
    assert event.ends_at is not None
    assert make_pass(db, make_door(db, event)).ends_at == event.ends_at + timedelta(hours=24)


def test_a_pass_names_sessions_of_its_own_event_only(db: Session, event: Event) -> None:
    door = make_door(db, event)
    only = passes.create(db, door=door, sessions=[event.sessions[0].id], by=make_account(db))
    assert [session.id for session in only.sessions] == [event.sessions[0].id]
    with pytest.raises(Invalid, match="unknown_session"):
        passes.create(db, door=door, sessions=[make_event(db).sessions[0].id], by=make_account(db))


def test_ended_passes_end_for_their_phones_too(db: Session, event: Event) -> None:
    door_pass = make_pass(db, make_door(db, event))
    device, _ = pair(db, door_pass)
    passes.revoke(db, door_pass=door_pass, by=make_account(db))
    assert device.door_pass is not None
    assert device.door_pass.ends_at <= clock.now()


def test_doors_are_in_order_of_creation(db: Session, event: Event) -> None:
    created = [doors.add(db, event=event, name={"en": name}, by=make_account(db)) for name in ("North", "South")]
    assert [door.id for door in doors.of_event(db, event_id=event.id)][-2:] == [door.id for door in created]


def test_the_upload_count_survives_two_revocations(db: Session, event: Event) -> None:
    door_pass, phone = make_pass(db, make_door(db, event)), uuid4()
    for number in (3, 2):
        device, _ = pair(db, door_pass, phone)
        attendance.record(db, device=device, batch=Batch(scans=[claim(event, kind="refused") for _ in range(number)]))
        phones.revoke(db, device=device, by=make_account(db))
        phones.allow(db, device=device, by=make_account(db))
        db.expire_all()
    assert pair(db, door_pass, phone)[0].scans == 5


def test_scans_of_a_revoked_phone_do_not_count_after_it_pairs_again(db: Session, event: Event) -> None:
    now = clock.now()
    door_pass = make_pass(db, make_door(db, event), created_at=now - timedelta(hours=3))
    phone = uuid4()
    revoked, _ = pair(db, door_pass, phone)
    revoked.revoked_at = now - timedelta(hours=1)
    db.flush()
    phones.allow(db, device=revoked, by=make_account(db))
    again, _ = pair(db, door_pass, phone)
    assert again.stamps_from == revoked.revoked_at


def test_a_revoked_phone_does_not_pair_until_it_is_allowed_to(db: Session, event: Event) -> None:
    north, south = (make_pass(db, make_door(db, event)) for _ in range(2))
    phone = uuid4()
    device, _ = pair(db, north, phone)
    phones.revoke(db, device=device, by=make_account(db))
    for door_pass in (north, south):
        with pytest.raises(Unidentified, match="device_revoked"), db.begin_nested():
            pair(db, door_pass, phone)
    assert pair(db, south)[0].id
    phones.allow(db, device=device, by=make_account(db))
    db.expire_all()
    again, _ = pair(db, south, phone)
    phones.revoke(db, device=again, by=make_account(db))
    with pytest.raises(Unidentified, match="device_revoked"), db.begin_nested():
        pair(db, south, phone)


def test_a_phone_revoked_at_one_event_pairs_at_another(db: Session, event: Event) -> None:
    phone = uuid4()
    phones.revoke(db, device=pair(db, make_pass(db, make_door(db, event)), phone)[0], by=make_account(db))
    assert pair(db, make_pass(db, make_door(db)), phone)[0].id


def test_a_phone_is_revoked_with_its_pass_or_without(db: Session, event: Event) -> None:
    for renew_pass in (False, True):
        door_pass = make_pass(db, make_door(db, event))
        device, _ = pair(db, door_pass)
        phones.revoke(db, device=device, renew_pass=renew_pass, by=make_account(db))
        assert door_pass.version == 1 + renew_pass


RULES = doors.Rules(
    doors_open_minutes=60, held_minutes=5, admit_unlisted=False, walk_ins=True, reentry=True, initials=False
)


def test_every_act_on_doors_and_passes_is_recorded(db: Session, event: Event) -> None:
    by, name = make_account(db), {"en": "North"}
    door = doors.add(db, event=event, name=name, by=by)
    doors.rename(db, door=door, name=name, by=by)
    doors.close(db, door=door, by=by)
    doors.reopen(db, door=door, by=by)
    doors.set_rules(db, event=event, rules=RULES, by=by)
    door_pass = passes.create(db, door=door, by=by)
    passes.renew(db, door_pass=door_pass, by=by)
    passes.revoke(db, door_pass=door_pass, by=by)
    of_door, of_pass = {"door_id": str(door.id)}, {"pass_id": str(door_pass.id)}
    assert acts(db, by=by) == [
        ("door.added", {}),
        ("door.renamed", of_door),
        ("door.closed", of_door),
        ("door.reopened", of_door),
        ("door.rules_edited", {}),
        ("door_pass.created", of_door),
        ("door_pass.renewed", of_pass),
        ("door_pass.revoked", of_pass),
    ]


def test_every_act_on_phones_is_recorded_also_a_second_revocation(db: Session, device: Device) -> None:
    by, of_phone = make_account(db), {"device_id": str(device.id)}
    phones.revoke(db, device=device, by=by)
    revoked_at = device.revoked_at
    phones.revoke(db, device=device, by=by, renew_pass=True)
    phones.allow(db, device=device, by=by)
    assert device.revoked_at == revoked_at
    assert acts(db, by=by) == [
        ("phone.revoked", of_phone),
        ("phone.revoked_and_pass_renewed", of_phone),
        ("phone.allowed", of_phone),
    ]
