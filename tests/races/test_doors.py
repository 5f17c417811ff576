"""One ticket at eight doors at once: checked in once, and a conflict for the other seven."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select, update

from shared import clock
from shared.door import attendance, passes, quarantine
from shared.door.batches import Batch, ScanClaim, WalkIn
from shared.errors import Unidentified
from shared.models import Admission, Device, DoorPass, Event, Report
from shared.reports import reports
from tests.conftest import Committed
from tests.factories import make_account, make_device, make_door, make_event, make_pass, make_registration
from tests.support.door_api import results, scan
from tests.support.threads import together

DOORS = 8


def test_the_same_ticket_at_eight_doors_is_admitted_once(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        guest = make_registration(db, event)
        session = event.sessions[0].id
        devices = [make_device(db, make_door(db, event))[0].id for _ in range(DOORS)]

    def scan(n: int) -> str:
        claim = ScanClaim(
            id=uuid4(), session=session, kind="in", at=clock.milliseconds(clock.now()), person=guest.ticket_id
        )
        with committed.sessions.begin() as db:
            recorded = attendance.record(db, device=db.get_one(Device, devices[n]), batch=Batch(scans=[claim]))
        return recorded.results[0].result

    assert together(DOORS, scan) == {"accepted": 1, "conflict": 7}
    with committed.sessions.begin() as db:
        admission = db.scalars(select(Admission)).one()
        assert (admission.entries, len(admission.conflicts)) == (1, 7)


def test_the_same_ticket_sent_by_eight_phones_at_once_is_admitted_once(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        people = [make_registration(db, event).ticket_id for _ in range(20)]
        tokens = [make_device(db, make_door(db, event))[1] for _ in range(DOORS)]
        scans = [[scan(event, person) for person in people] for _ in range(DOORS)]
    phones = [committed.client() for _ in range(DOORS)]

    def send(n: int) -> str:
        batch = {"device_time": clock.milliseconds(clock.now()), "scans": scans[n] if n % 2 else scans[n][::-1]}
        headers = {"Authorization": f"Bearer {tokens[n]}"}
        return ", ".join({*results(phones[n].post("/api/door/scans", json=batch, headers=headers).get_json())})

    assert together(DOORS, send) == {"accepted": 1, "conflict": DOORS - 1}
    with committed.sessions.begin() as db:
        admissions = db.scalars(select(Admission)).all()
        assert [(each.entries, len(each.conflicts)) for each in admissions] == [(1, DOORS - 1)] * len(people)
        assert [device.scans for device in db.scalars(select(Device))] == [len(people)] * DOORS


def test_one_batch_sent_eight_times_at_once_is_stored_once(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        device, token = make_device(db, make_door(db, event))
        scans = [scan(event, make_registration(db, event).ticket_id) for _ in range(20)]
    phones = [committed.client() for _ in range(DOORS)]
    batch = {"device_time": clock.milliseconds(clock.now()), "scans": scans}

    def send(n: int) -> str:
        answer = phones[n].post("/api/door/scans", json=batch, headers={"Authorization": f"Bearer {token}"})
        return ", ".join({*results(answer.get_json())})

    assert together(DOORS, send) == {"accepted": 1, "replay": DOORS - 1}
    with committed.sessions.begin() as db:
        assert db.get_one(Device, device.id).scans == len(scans)
        assert [each.entries for each in db.scalars(select(Admission))] == [1] * len(scans)


def test_batches_that_share_people_do_not_wait_for_each_other_in_a_circle(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        people = [make_registration(db, event).ticket_id for _ in range(20)]
        session = event.sessions[0].id
        devices = [make_device(db, make_door(db, event))[0].id for _ in range(DOORS)]

    def scan(n: int) -> str:
        ordered = people if n % 2 else people[::-1]
        now = clock.milliseconds(clock.now())
        claims = [ScanClaim(id=uuid4(), session=session, kind="in", at=now, person=person) for person in ordered]
        with committed.sessions.begin() as db:
            recorded = attendance.record(db, device=db.get_one(Device, devices[n]), batch=Batch(scans=claims))
        return str(len(recorded.results))

    assert together(DOORS, scan) == {"20": DOORS}
    with committed.sessions.begin() as db:
        admissions = db.scalars(select(Admission)).all()
        assert [(admission.entries, len(admission.conflicts)) for admission in admissions] == [(1, DOORS - 1)] * len(
            people
        )


def test_the_last_place_of_a_pass_goes_to_one_phone(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        door_pass = make_pass(db, make_door(db), phones=1)

    def pair(n: int) -> str:
        try:
            with committed.sessions.begin() as db:
                passes.pair(db, pass_id=door_pass.id, version=1, phone=uuid4(), volunteer=f"Volunteer {n}")
        except Unidentified:
            return "refused"
        return "paired"

    assert together(DOORS, pair) == {"paired": 1, "refused": DOORS - 1}
    with committed.sessions.begin() as db:
        assert db.get_one(DoorPass, door_pass.id).phones == 1


def test_two_workers_compile_one_version(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db, starts_at=clock.now(), hours=1)
        make_registration(db, event)
        event = db.get_one(Event, event.id)
        event.doors_closed_at = clock.now()

    def compile_it(_: int) -> str:
        with committed.sessions.begin() as db:
            return "compiled" if reports.compile_report(db, event_id=event.id, now=clock.now()) else "left"

    assert together(4, compile_it) == {"compiled": 1, "left": 3}
    with committed.sessions.begin() as db:
        assert db.scalars(select(Report.version)).all() == [1]


def test_a_phone_that_pairs_while_it_is_revoked_is_paired_before_or_not_at_all(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        door_pass, phone = make_pass(db, make_door(db), phones=100), uuid4()

    def act(n: int) -> str:
        try:
            with committed.sessions.begin() as db:
                if n % 2:
                    passes.pair(db, pass_id=door_pass.id, version=1, phone=phone, volunteer="Нигина")
                    return "paired"
                changed = update(Device).where(Device.revoked_at.is_(None)).values(revoked_at=clock.now())
                return "revoked" if db.scalars(changed.returning(Device.id)).all() else "nothing"
        except Unidentified:
            return "refused"

    done = together(DOORS, act)
    assert done["paired"] + done["refused"] == DOORS // 2
    with committed.sessions.begin() as db:
        live = db.scalars(select(Device).where(Device.revoked_at.is_(None))).all()
        assert len(live) == (1 if not done["revoked"] else 0)


def test_a_batch_of_a_revoked_phone_sent_eight_times_at_once_is_stored_and_accepted_once(
    committed: Committed,
) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        device = make_device(db, make_door(db, event), revoked_at=clock.now())[0].id
        now = clock.milliseconds(clock.now())
        people = [make_registration(db, event).ticket_id for _ in range(5)]
        scans = [
            ScanClaim(id=uuid4(), session=event.sessions[0].id, kind="in", at=now, person=person) for person in people
        ]

    def leave(_: int) -> str:
        with committed.sessions.begin() as db:
            phone = db.get_one(Device, device)
            return str(quarantine.receive(db, device=phone, batch=Batch(scans=scans)).quarantined)

    def accept(_: int) -> str:
        with committed.sessions.begin() as db:
            return str(quarantine.accept_all(db, device=db.get_one(Device, device), by=make_account(db)).total())

    assert together(DOORS, leave) == {"5": 1, "0": DOORS - 1}
    assert together(DOORS, accept) == {"5": 1, "0": DOORS - 1}
    with committed.sessions.begin() as db:
        assert db.get_one(Device, device).scans == 5
        assert [admission.entries for admission in db.scalars(select(Admission))] == [1] * 5


def test_simultaneous_walk_ins_of_one_phone_are_counted_together(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        device = make_device(db, make_door(db, event), stamps_from=clock.now() - timedelta(hours=1))[0].id
        session, at = event.sessions[0].id, clock.milliseconds(clock.now()) // 60_000 * 60_000 - 60_000

    def flood(_: int) -> str:
        people = [WalkIn(id=uuid4(), name="Гули", language="tg") for _ in range(10)]
        scans = [ScanClaim(id=uuid4(), session=session, kind="in", at=at, person=str(person.id)) for person in people]
        with committed.sessions.begin() as db:
            batch = Batch(scans=scans, walk_ins=people)
            results = quarantine.receive(db, device=db.get_one(Device, device), batch=batch).results
        return ", ".join(sorted({result.result for result in results}))

    assert together(DOORS, flood) == {"accepted": 3, "revoked": 5}
