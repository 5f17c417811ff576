"""A crowd made by statements is one that phones could have made."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench import crowd, senders
from shared.door.admissions import fact_of
from shared.door.fold import fold
from shared.i18n import search_key
from shared.models import Admission, Registration, Scan
from tests.factories import make_device, make_door, make_event

PEOPLE = 100


def test_a_crowd_is_what_its_scans_add_up_to(db: Session) -> None:
    event = make_event(db)
    phones = [make_device(db, make_door(db, event))[0] for _ in range(3)]
    crowd.register(db, event=event, people=PEOPLE)
    crowd.scan_everyone(db, event=event)
    db.expire_all()
    scans = db.scalars(select(Scan).where(Scan.event_id == event.id)).all()
    assert len(scans) == 3 * PEOPLE == sum(phone.scans for phone in phones)
    assert {scan.device_id for scan in scans} == {phone.id for phone in phones}
    doors = {phone.id: phone.door_pass.door_id for phone in phones if phone.door_pass}
    assert all(scan.door_id == doors[scan.device_id] for scan in scans)
    folded = fold([fact_of(scan) for scan in scans])
    assert not folded.conflicts
    assert not folded.repeats
    stored = {
        (admission.person, admission.session_id): (
            str(admission.first),
            admission.first_at,
            str(admission.inside),
            str(admission.left),
            admission.entries,
        )
        for admission in db.scalars(select(Admission).where(Admission.event_id == event.id))
    }
    assert stored == {
        key: (
            admission.first.id,
            admission.first.at,
            admission.inside and admission.inside.id,
            admission.left and admission.left.id,
            admission.entries,
        )
        for key, admission in folded.admissions.items()
    }
    assert len(stored) == 95
    assert event.taken == event.ticket_types[0].taken == PEOPLE


def test_its_people_are_those_whom_senders_and_searches_know(db: Session) -> None:
    event = make_event(db)
    crowd.register(db, event=event, people=2)
    crowd.register(db, event=event, people=1, first=3)
    registrations = db.scalars(select(Registration).where(Registration.event_id == event.id)).all()
    assert {registration.ticket_id for registration in registrations} == {
        senders.person(event.id, number) for number in (1, 2, 3)
    }
    assert [registration.name_key for registration in registrations] == [
        search_key(registration.name) for registration in registrations
    ]
