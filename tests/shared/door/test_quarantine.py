"""Quarantined scans do not count; once accepted, they count like a trusted phone's."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.door import attendance, passes, phones, quarantine
from shared.door.attendance import BatchResult
from shared.door.batches import Batch, WalkIn
from shared.errors import Refused, Unidentified
from shared.models import Admission, Device, Event, Quarantined, Registration, Scan, Shift
from shared.reports import reports
from tests.factories import make_account, make_device, make_door, make_event, make_registration
from tests.support.recorded_acts import acts
from tests.support.scans import claim, words


def receive(db: Session, device: Device, *scans: Any, **batch: Any) -> BatchResult:
    received = quarantine.receive(db, device=device, batch=Batch(scans=scans, **batch))
    db.refresh(device)
    return received


def revoked_phone(db: Session, event: Event) -> Device:
    now = clock.now()
    return make_device(
        db, make_door(db, event), stamps_from=now - timedelta(hours=2), revoked_at=now - timedelta(hours=1)
    )[0]


@pytest.fixture
def revoked(db: Session, event: Event) -> Device:
    return revoked_phone(db, event)


def admissions(db: Session, event: Event) -> dict[str, tuple[int | None, int, int]]:
    db.expire_all()
    rows = db.scalars(select(Admission).where(Admission.event_id == event.id, Admission.first.is_not(None)))
    return {admission.person: (admission.first_at, admission.entries, len(admission.conflicts)) for admission in rows}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_what_is_accepted_counts_as_if_a_good_phone_had_handed_it_in(db: Session, data: st.DataObject) -> None:
    start = clock.milliseconds(clock.now() - timedelta(minutes=90))
    walk_in = WalkIn(id=uuid4(), name="Мадина", language="tg")
    ids = [uuid4() for _ in range(6)]
    plan: list[tuple[UUID, int, str, int, UUID | None]] = []
    for number, scan_id in enumerate(ids):
        kind = data.draw(st.sampled_from(["in", "in", "out", "undo"])) if plan else "in"
        undoes = data.draw(st.sampled_from(ids[:number])) if kind == "undo" else None
        # No two stamps are alike: the ids, which would then decide, are others at each event.
        at = start + 10 * data.draw(st.integers(0, 5)) + number
        plan.append((scan_id, data.draw(st.integers(0, 2)), kind, at, undoes))
    cuts = data.draw(st.lists(st.integers(0, 6), max_size=2).map(sorted))
    results = []
    for is_revoked in (False, True):
        event = make_event(db)
        device = revoked_phone(db, event)
        tickets = [make_registration(db, event).ticket_id for _ in range(2)]
        names = {scan_id: uuid4() for scan_id in ids}
        newcomer = WalkIn(id=uuid4(), name=walk_in.name, language="tg")
        people = [*tickets, str(newcomer.id)]
        scans = [
            claim(event, id=names[name], person=people[who], kind=kind, at=at, undoes=undoes and names[undoes])
            for name, who, kind, at, undoes in plan
        ]
        if is_revoked:
            for batch in (scans[: cuts[0] if cuts else 6], scans, data.draw(st.permutations(scans))):
                receive(db, device, *batch, walk_ins=[newcomer])
            assert (admissions(db, event), db.scalars(select(Scan).where(Scan.event_id == event.id)).all()) == ({}, [])
            quarantine.accept_all(db, device=device, by=make_account(db))
        else:
            device.revoked_at = None
            db.flush()
            receive(db, device, *scans, walk_ins=[newcomer])
        admitted = admissions(db, event)
        results.append(({people.index(person): facts for person, facts in admitted.items()}, device.scans))
    assert results[0] == results[1]


def test_accepting_reports_conflicts_and_makes_the_report_due(db: Session, event: Event, revoked: Device) -> None:
    event.starts_at, event.ends_at = clock.now() - timedelta(hours=3), clock.now() - timedelta(hours=2, minutes=30)
    guest = make_registration(db, event, confirmed_at=clock.now() - timedelta(days=1))
    second_phone = make_device(db, make_door(db, event), stamps_from=clock.now() - timedelta(hours=2))[0]
    receive(
        db,
        second_phone,
        claim(event, person=guest.ticket_id, at=clock.milliseconds(clock.now() - timedelta(minutes=95))),
    )
    first = reports.compile_report(db, event_id=event.id, now=clock.now())
    scan = claim(event, person=guest.ticket_id, at=clock.milliseconds(clock.now() - timedelta(minutes=90)))
    receive(db, revoked, scan)
    assert reports.compile_report(db, event_id=event.id, now=clock.now()) is None
    assert quarantine.accept_all(db, device=revoked, by=make_account(db)) == {"conflict": 1}
    second = reports.compile_report(db, event_id=event.id, now=clock.now())
    assert (first is not None, second is not None) == (True, True)


def test_a_batch_resent_in_different_chunks_is_stored_once(db: Session, event: Event, revoked: Device) -> None:
    scans = [claim(event, person=make_registration(db, event).ticket_id) for _ in range(4)]
    shifts = [("Нигина", 5)]
    assert receive(db, revoked, *scans[:3], shifts=shifts).quarantined == 4
    assert receive(db, revoked, *scans[1:], shifts=shifts).quarantined == 1
    assert revoked.scans == 4
    [batch] = quarantine.of_event(db, event_id=event.id)
    assert (batch.scans, batch.walk_ins, batch.device) == (4, 0, revoked)
    assert quarantine.accept_all(db, device=revoked, by=make_account(db)) == {"accepted": 4}
    db.refresh(revoked)
    assert (revoked.scans, db.scalars(select(Shift.name)).all()) == (4, ["Нигина"])
    assert words(receive(db, revoked, *scans)) == ["replay"] * 4
    assert quarantine.of_event(db, event_id=event.id) == []


def test_a_file_with_quarantined_scans_counts_them_once(db: Session, event: Event, revoked: Device) -> None:
    at = clock.milliseconds(clock.now() - timedelta(minutes=90))
    scan = claim(event, person=make_registration(db, event).ticket_id, at=at)
    receive(db, revoked, scan)
    attendance.record(db, device=revoked, batch=Batch(scans=[scan]))
    assert quarantine.accept_all(db, device=revoked, by=make_account(db)) == {"replay": 1}
    db.refresh(revoked)
    assert revoked.scans == 1


def test_a_stamp_is_bounded_by_when_it_was_received_not_by_when_it_was_accepted(
    db: Session, event: Event, revoked: Device
) -> None:
    scan = claim(event, person=make_registration(db, event).ticket_id, at=4_070_908_800_000)
    receive(db, revoked, scan)
    received = clock.milliseconds(clock.now())
    quarantine.accept_all(db, device=revoked, by=make_account(db))
    assert db.get_one(Scan, scan.id).at <= received


def test_a_deleted_quarantine_is_gone_and_the_phone_is_closed(db: Session, event: Event, revoked: Device) -> None:
    scan = claim(event, person=make_registration(db, event).ticket_id)
    receive(db, revoked, scan)
    assert quarantine.delete_all(db, device=revoked, by=make_account(db)) == {"scan": 1, "walk_in": 0, "shift": 0}
    assert db.scalars(select(Quarantined)).all() == []
    with pytest.raises(Unidentified, match="device_revoked"):
        receive(db, revoked, scan)


def test_excess_walk_ins_are_accepted_like_others(db: Session, event: Event, device: Device) -> None:
    device.stamps_from = clock.now() - timedelta(hours=1)
    at = clock.milliseconds(clock.now()) // 60_000 * 60_000 - 60_000
    people = [WalkIn(id=uuid4(), name=f"Guest {number}", language="tg") for number in range(40)]
    scans = [claim(event, person=str(walk_in.id), at=at + number) for number, walk_in in enumerate(people)]
    received = receive(db, device, *scans, walk_ins=people)
    assert (words(received), received.quarantined) == (["accepted"] * 30 + ["revoked"] * 10, 20)
    assert device.scans == 40
    assert quarantine.accept_all(db, device=device, by=make_account(db)) == {"accepted": 10}
    assert len(db.scalars(select(Registration).where(Registration.walk_in)).all()) == 40
    db.refresh(device)
    assert device.scans == 40


@pytest.mark.parametrize("apart", [2_000, 6_000], ids=["a minute", "an hour"])
def test_walk_ins_are_counted_by_the_minute_and_by_the_hour(
    monkeypatch: pytest.MonkeyPatch, db: Session, event: Event, device: Device, apart: int
) -> None:
    monkeypatch.setitem(quarantine.WALK_INS, quarantine.HOUR, 20)
    device.stamps_from = clock.now() - timedelta(hours=3)
    first = clock.milliseconds(clock.now()) // 3_600_000 * 3_600_000 - 7_200_000
    people = [WalkIn(id=uuid4(), name=f"Guest {number}", language="tg") for number in range(25)]
    scans = [claim(event, person=str(walk_in.id), at=first + apart * number) for number, walk_in in enumerate(people)]
    assert words(receive(db, device, *scans, walk_ins=people)).count("revoked") == 5


def test_a_full_quarantine_stops_only_its_own_uploads(
    monkeypatch: pytest.MonkeyPatch, db: Session, event: Event, device: Device
) -> None:
    monkeypatch.setattr(quarantine, "MOST", 0)
    monkeypatch.setitem(quarantine.WALK_INS, quarantine.EVER, 1)
    people = [WalkIn(id=uuid4(), name=f"Guest {number}", language="tg") for number in range(2)]
    with pytest.raises(Refused, match="quarantine_full"), db.begin_nested():
        receive(db, device, walk_ins=people)
    assert words(receive(db, device, claim(event, person=make_registration(db, event).ticket_id))) == ["accepted"]


def test_a_phone_allowed_again_is_not_asked_for_its_quarantined_scans(
    db: Session, event: Event, revoked: Device
) -> None:
    receive(db, revoked, claim(event, person=make_registration(db, event).ticket_id))
    phones.allow(db, device=revoked, by=make_account(db))
    assert revoked.door_pass is not None
    again, _ = passes.pair(db, pass_id=revoked.door_pass.id, version=1, phone=revoked.phone, volunteer="Нигина")
    assert not receive(db, again, claim(event, person=make_registration(db, event).ticket_id), handed_in=1).resend


def test_accepting_and_deleting_are_recorded_with_their_counts(db: Session, event: Event, revoked: Device) -> None:
    by, of_phone = make_account(db), {"device_id": str(revoked.id)}
    receive(db, revoked, claim(event, person=make_registration(db, event).ticket_id))
    quarantine.accept_all(db, device=revoked, by=by)
    quarantine.delete_all(db, device=revoked, by=by)
    [(accepted, answers), deleted] = acts(db, by=by)
    assert (accepted, answers.pop("device_id"), sum(answers.values())) == ("quarantine.accepted", str(revoked.id), 1)
    assert deleted == ("quarantine.deleted", {**of_phone, "scans": 0, "walk_ins": 0})
