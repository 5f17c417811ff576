"""How an event stands while it happens."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from shared import clock
from shared.operations import attendance
from shared.operations.attendance import Batch, ScanClaim
from shared.queries.attendance import live
from tests.conftest import Statements
from tests.factories import make_device, make_door, make_event, make_registration


def test_live_counts_registered_admitted_and_inside(db: Session, statements: Statements) -> None:
    event = make_event(db, starts_at=clock.now(), capacity=30)
    device = make_device(db, make_door(db, event))[0]
    device.stamps_from = clock.now() - timedelta(hours=1)
    guests = [make_registration(db, event) for _ in range(3)]
    make_registration(db, event, state="cancelled", cancelled_at=clock.now(), cancelled_by="self")
    session, now = event.sessions[0].id, clock.now()
    stamps = [clock.milliseconds(now - timedelta(minutes=minutes)) for minutes in (20, 1)]
    scans = [
        ScanClaim(id=uuid4(), session=session, kind="in", at=stamp, person=guest.ticket_id)
        for guest, stamp in zip(guests, stamps, strict=False)
    ]
    out = ScanClaim(id=uuid4(), session=session, kind="out", at=stamps[1], person=guests[0].ticket_id)
    attendance.record(db, device=device, batch=Batch(scans=[*scans, out]))
    with statements() as seen:
        state = live(db, event=event)
    assert (state.registered, state.admitted, state.inside, state.capacity) == (3, 2, 1, 30)
    assert [count for _, count in state.arrivals] == [1, 1]
    assert all(start.minute % 5 == 0 and start.tzinfo for start, _ in state.arrivals)
    assert len(seen) == 2
