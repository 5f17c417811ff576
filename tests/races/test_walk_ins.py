"""A walk-in is merged during uploads: nothing is counted twice, nothing is lost."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.door import attendance, walk_ins
from shared.door.admissions import fact_of
from shared.door.batches import Batch, WalkIn
from shared.door.fold import fold
from shared.models import Admission, Device, Event, Registration, Scan
from tests.conftest import Committed
from tests.factories import make_account, make_device, make_door, make_event, make_registration
from tests.support.scans import claim
from tests.support.threads import together


@pytest.mark.parametrize("_again", range(5))
def test_a_merge_during_batches_equals_the_fold(committed: Committed, _again: int) -> None:
    walk_in = WalkIn(id=uuid4(), name="Sharif", language="en")
    with committed.sessions.begin() as db:
        event = make_event(db)
        guest = make_registration(db, event)
        devices = [make_device(db, make_door(db, event))[0].id for _ in range(6)]
        first = Batch(scans=[claim(event, person=str(walk_in.id))], walk_ins=[walk_in])
        attendance.record(db, device=db.get_one(Device, devices[0]), batch=first)

    def act(n: int) -> str:
        with committed.sessions.begin() as db:
            if n == 0:
                same_event = db.get_one(Event, event.id)
                walk_ins.merge(
                    db, event=same_event, walk_in=str(walk_in.id), ticket=guest.ticket_id, by=make_account(db)
                )
                return "merged"
            person = str(walk_in.id) if n % 2 else guest.ticket_id
            scans = [claim(event, person=person, kind=kind) for kind in ("in", "out", "in")[: n % 3 + 1]]
            attendance.record(db, device=db.get_one(Device, devices[n]), batch=Batch(scans=scans))
            return "recorded"

    assert together(6, act) == {"merged": 1, "recorded": 5}
    with committed.sessions.begin() as db:
        assert stored(db) == folded(db)


def stored(db: Session) -> dict[tuple[str, int], tuple[object, ...]]:
    admitted = db.scalars(select(Admission).where(Admission.first.is_not(None)))
    return {
        (admission.person, admission.session_id): (str(admission.first), admission.entries, len(admission.conflicts))
        for admission in admitted
    }


def folded(db: Session) -> dict[tuple[str, int], tuple[object, ...]]:
    merged = {
        registration.ticket_id: registration.merged_into
        for registration in db.scalars(select(Registration).where(Registration.merged_into.is_not(None)))
        if registration.merged_into
    }
    result = fold(map(fact_of, db.scalars(select(Scan))), merged)
    conflicts = [(merged.get(str(scan.person), str(scan.person)), scan.session) for _, scan in result.conflicts]
    return {key: (entry.first.id, entry.entries, conflicts.count(key)) for key, entry in result.admissions.items()}
