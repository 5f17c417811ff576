"""Uploads of phones: each scan is answered on its own, and the admissions always equal the fold."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock
from shared.door import phones
from shared.door.admissions import fact_of
from shared.door.batches import WalkIn
from shared.door.fold import fold
from shared.models import Admission, Device, Event, Registration, Scan, Shift
from tests.conftest import Statements
from tests.factories import make_account, make_device, make_door, make_event, make_organization, make_registration
from tests.support.scans import claim, hand_in, words


@pytest.fixture
def guest(db: Session, event: Event) -> Registration:
    return make_registration(db, event)


def test_a_ticket_checks_its_holder_in(db: Session, event: Event, device: Device, guest: Registration) -> None:
    scan = claim(event, person=guest.ticket_id)
    assert words(hand_in(db, device, scan)) == ["accepted"]
    admission = db.get_one(Admission, (guest.ticket_id, scan.session))
    assert (admission.first, admission.first_at, admission.inside, admission.entries) == (scan.id, scan.at, scan.id, 1)


def test_the_same_batch_again_is_a_replay(db: Session, event: Event, device: Device, guest: Registration) -> None:
    scan = claim(event, person=guest.ticket_id)
    hand_in(db, device, scan)
    assert words(hand_in(db, device, scan)) == ["replay"]
    assert len(db.scalars(select(Scan)).all()) == 1


def test_a_known_id_with_other_content_is_invalid(
    db: Session, event: Event, device: Device, guest: Registration
) -> None:
    scan = claim(event, person=guest.ticket_id)
    hand_in(db, device, scan)
    same_id = claim(event, person=make_registration(db, event).ticket_id, id=scan.id)
    assert hand_in(db, device, same_id).results[0].reason == "another_scan"


def test_scans_of_a_clock_that_is_ahead_keep_their_order(
    db: Session, event: Event, device: Device, guest: Registration
) -> None:
    ahead = clock.milliseconds(clock.now() + timedelta(days=24))
    kinds = ("in", "out", "in", "out", "in")
    scans = [
        claim(event, person=guest.ticket_id, kind=kind, at=ahead + position) for position, kind in enumerate(kinds)
    ]
    hand_in(db, device, *scans)
    stored = db.scalars(select(Scan).where(Scan.event_id == event.id).order_by(Scan.at)).all()
    assert [scan.id for scan in stored] == [scan.id for scan in scans]
    assert len({scan.at for scan in stored}) == len(scans)
    assert stored[-1].at <= clock.milliseconds(clock.now())


def test_only_the_time_may_differ(db: Session, event: Event, device: Device, guest: Registration) -> None:
    scan = claim(event, person=guest.ticket_id)
    later = claim(event, person=guest.ticket_id, id=scan.id, at=scan.at + 1, doubtful=True)
    assert words(hand_in(db, device, scan, later)) == ["accepted", "accepted"]
    assert db.get_one(Scan, scan.id).at == scan.at


def test_two_phones_learn_that_they_admitted_one_ticket(
    db: Session, event: Event, device: Device, guest: Registration
) -> None:
    second_phone = make_device(db, make_door(db, event))[0]
    now = clock.milliseconds(clock.now())
    late, early = claim(event, person=guest.ticket_id, at=now), claim(event, person=guest.ticket_id, at=now - 500)
    assert words(hand_in(db, device, late)) == ["accepted"]
    assert words(hand_in(db, second_phone, early)) == ["conflict"]
    admission = db.get_one(Admission, (guest.ticket_id, late.session))
    assert (admission.first, admission.conflicts) == (early.id, [[str(early.id), str(late.id)]])


def test_a_bad_scan_does_not_fail_the_others(db: Session, event: Event, device: Device, guest: Registration) -> None:
    good = claim(event, person=guest.ticket_id)
    bad = [
        (claim(event, person=guest.ticket_id, kind="enter"), "unknown_kind"),
        (claim(event, person=guest.ticket_id, session=0), "unknown_session"),
        (claim(event, person=guest.ticket_id, kind="undo"), "undoes"),
        (claim(event), "nobody"),
        (claim(event, code="A" * 120), "not_a_ticket"),
        (claim(event, code="not a code"), "not_a_ticket"),
    ]
    recorded = hand_in(db, device, *(scan for scan, _ in bad), good)
    assert [answer.reason for answer in recorded.results] == [*(reason for _, reason in bad), None]
    assert words(recorded)[-1] == "accepted"
    assert db.scalars(select(Scan.id)).all() == [good.id]


def test_a_genuine_code_outside_the_list_is_admitted(db: Session, event: Event, device: Device) -> None:
    guest = make_registration(db, event)
    scan = claim(event, code=guest.code)
    assert words(hand_in(db, device, scan)) == ["accepted"]
    assert db.get_one(Scan, scan.id).person == guest.ticket_id


def test_another_events_ticket_is_refused(db: Session, event: Event, device: Device) -> None:
    foreign = make_registration(db, make_event(db))
    assert words(hand_in(db, device, claim(event, code=foreign.code))) == ["invalid"]
    refused = claim(event, code=foreign.code, kind="refused", reason="other_event")
    assert words(hand_in(db, device, refused)) == ["accepted"]
    assert db.get_one(Scan, refused.id).person is None


def test_an_unknown_person_is_stored_and_reported(db: Session, event: Event, device: Device) -> None:
    scan = claim(event, person="00000000000000ff")
    assert words(hand_in(db, device, scan)) == ["unknown"]
    assert db.get(Scan, scan.id) is not None


def test_a_person_of_another_event_is_unknown_here(db: Session, event: Event, device: Device) -> None:
    foreign = make_registration(db, make_event(db))
    assert words(hand_in(db, device, claim(event, person=foreign.ticket_id))) == ["unknown"]


def test_an_undo_removes_the_admission(db: Session, event: Event, device: Device, guest: Registration) -> None:
    scan = claim(event, person=guest.ticket_id)
    hand_in(db, device, scan)
    hand_in(db, device, claim(event, person=guest.ticket_id, kind="undo", undoes=scan.id))
    admission = db.get_one(Admission, (guest.ticket_id, scan.session))
    assert (admission.first, admission.entries) == (None, 0)


def test_only_the_phone_that_scanned_undoes_its_scan(
    db: Session, event: Event, device: Device, guest: Registration
) -> None:
    scan = claim(event, person=guest.ticket_id)
    hand_in(db, device, scan)
    undo = claim(event, person=guest.ticket_id, kind="undo", undoes=scan.id)
    another = make_device(db, device.door_pass.door if device.door_pass else None)[0]
    for _ in range(2):
        assert words(hand_in(db, another, undo)) == ["revoked"]
    assert db.get_one(Admission, (guest.ticket_id, scan.session)).first == scan.id


def test_an_undo_may_arrive_before_its_scan(db: Session, event: Event, device: Device, guest: Registration) -> None:
    scan = claim(event, person=guest.ticket_id)
    assert words(hand_in(db, device, claim(event, person=guest.ticket_id, kind="undo", undoes=scan.id))) == ["accepted"]
    hand_in(db, device, scan)
    assert db.get_one(Admission, (guest.ticket_id, scan.session)).first is None


def test_a_phone_revoked_and_paired_again_can_undo_its_earlier_scans(
    db: Session, event: Event, device: Device, guest: Registration
) -> None:
    scan = claim(event, person=guest.ticket_id)
    hand_in(db, device, scan)
    phones.revoke(db, device=device, by=make_account(db))
    again = make_device(db, phone=device.phone, door_pass_id=device.door_pass_id)[0]
    assert words(hand_in(db, again, claim(event, person=guest.ticket_id, kind="undo", undoes=scan.id))) == ["accepted"]
    assert db.get_one(Admission, (guest.ticket_id, scan.session)).first is None


@pytest.mark.parametrize(("stamp", "bound"), [(0, "earliest"), (4_070_908_800_000, "latest")])
def test_a_clock_that_is_wrong_by_years_wins_nothing(
    db: Session, event: Event, device: Device, guest: Registration, stamp: int, bound: str
) -> None:
    device.stamps_from = clock.now() - timedelta(hours=1)
    scan = claim(event, person=guest.ticket_id, at=stamp)
    before = clock.milliseconds(clock.now())
    hand_in(db, device, scan)
    at = db.get_one(Scan, scan.id).at
    if bound == "earliest":
        assert at == clock.milliseconds(device.stamps_from)
    else:
        assert before <= at <= clock.milliseconds(clock.now())


def test_later_scans_of_a_revoked_phone_are_stored_and_do_not_count(
    db: Session, event: Event, device: Device, guest: Registration
) -> None:
    device.stamps_from = clock.now() - timedelta(hours=1)
    before = claim(event, person=guest.ticket_id, at=clock.milliseconds(clock.now() - timedelta(minutes=1)))
    phones.revoke(db, device=device, by=make_account(db))
    device.revoked_at = clock.now() - timedelta(seconds=30)
    after = claim(event, person=make_registration(db, event).ticket_id)
    assert words(hand_in(db, device, before, after)) == ["accepted", "revoked"]
    assert db.get_one(Scan, after.id).standing is False


def test_a_ledger_that_holds_less_than_was_acknowledged_asks_for_all(
    db: Session, event: Event, device: Device, guest: Registration
) -> None:
    scan = claim(event, person=guest.ticket_id)
    assert not hand_in(db, device, scan).resend
    assert not hand_in(db, device, claim(event, person=guest.ticket_id), handed_in=1).resend
    assert hand_in(db, device, claim(event, person=guest.ticket_id), handed_in=7).resend


def test_a_walk_in_is_a_registration_that_takes_no_seat(db: Session, event: Event, device: Device) -> None:
    walk_in = WalkIn(id=uuid4(), name="Мадина", language="tg")
    scan = claim(event, person=str(walk_in.id))
    assert words(hand_in(db, device, scan, walk_ins=[walk_in])) == ["accepted"]
    registration = db.scalars(select(Registration).where(Registration.ticket_id == str(walk_in.id))).one()
    assert (registration.walk_in, registration.name_key, registration.device_id) == (True, "madina", device.id)
    db.refresh(event)
    assert event.taken == 0


def test_a_volunteer_with_a_phone_is_on_a_shift(db: Session, event: Event, device: Device) -> None:
    hand_in(db, device, shifts=[("Нигина", 5), ("Далер", 9)])
    shifts = db.execute(select(Shift.since, Shift.name).order_by(Shift.since)).all()
    assert [tuple(shift) for shift in shifts] == [(5, "Нигина"), (9, "Далер")]


@pytest.mark.parametrize("number", [1, 100])
def test_a_usual_batch_costs_one_statement_and_the_look_up(
    db: Session, event: Event, statements: Statements, number: int
) -> None:
    _, token = make_device(db, make_door(db, event))
    scans = [claim(event, person=make_registration(db, event).ticket_id) for _ in range(number)]
    db.commit()
    db.expunge_all()
    with statements() as executed:
        recorded = hand_in(db, phones.of_token(db, token=token), *scans)
    assert len(executed) == 2
    assert words(recorded) == ["accepted"] * number


@pytest.mark.parametrize("change", ["UPDATE scan SET kind = 'out'", "DELETE FROM scan", "TRUNCATE scan CASCADE"])
def test_scans_are_append_only(db: Session, event: Event, device: Device, guest: Registration, change: str) -> None:
    hand_in(db, device, claim(event, person=guest.ticket_id))
    with pytest.raises(IntegrityError, match="append-only"):
        db.execute(text(change))


def test_the_scans_of_a_sample_organization_may_be_deleted_not_changed(db: Session) -> None:
    event = make_event(db, organization=make_organization(db, sample=True))
    device = make_device(db, make_door(db, event))[0]
    hand_in(db, device, claim(event, person=make_registration(db, event).ticket_id))
    with pytest.raises(IntegrityError, match="append-only"), db.begin_nested():
        db.execute(text("UPDATE scan SET at = 0"))
    db.execute(text("DELETE FROM scan"))
    assert db.scalars(select(Scan)).all() == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_the_table_of_admissions_always_equals_the_fold(db: Session, data: st.DataObject) -> None:
    event = make_event(db)
    people = [make_registration(db, event).ticket_id for _ in range(2)]
    devices = [make_device(db, make_door(db, event))[0] for _ in range(2)]
    start = clock.milliseconds(devices[0].stamps_from)
    ids: list[UUID] = []
    for _ in range(data.draw(st.integers(1, 4))):
        scans = []
        for _ in range(data.draw(st.integers(1, 4))):
            kind = data.draw(st.sampled_from(["in", "in", "out", "undo"])) if ids else "in"
            undoes = data.draw(st.sampled_from(ids)) if kind == "undo" else None
            at = start + data.draw(st.integers(0, 5))
            scans.append(claim(event, person=data.draw(st.sampled_from(people)), kind=kind, at=at, undoes=undoes))
            ids.append(scans[-1].id)
        hand_in(db, data.draw(st.sampled_from(devices)), *scans)
    db.expire_all()
    ledger = [fact_of(s) for s in db.scalars(select(Scan).where(Scan.event_id == event.id))]
    folded = fold(ledger).admissions
    stored = db.scalars(select(Admission).where(Admission.event_id == event.id, Admission.first.is_not(None)))
    assert {(a.person, a.session_id): (str(a.first), a.inside and str(a.inside), a.entries) for a in stored} == {
        key: (entry.first.id, entry.inside and entry.inside.id, entry.entries) for key, entry in folded.items()
    }
