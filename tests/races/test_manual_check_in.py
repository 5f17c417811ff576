"""One scan undone by several organizers at once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from sqlalchemy import func, select

from shared.door import manual_check_in
from shared.errors import Conflicting
from shared.models import Account, Audit, Registration, Scan
from tests.conftest import Committed
from tests.factories import make_account, make_device, make_door, make_event, make_registration
from tests.support.scans import claim, hand_in

AT_ONCE = 6


def test_a_scan_is_undone_once(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        guest, by = make_registration(db, event), make_account(db, organization=event.organization, role="organizer")
        scan = claim(event, person=guest.ticket_id)
        hand_in(db, make_device(db, make_door(db, event))[0], scan)
        keys = guest.id, by.id

    def take_back(scan_id: UUID) -> bool:
        with committed.sessions.begin() as db:
            registration, account = db.get_one(Registration, keys[0]), db.get_one(Account, keys[1])
            try:
                manual_check_in.undo(db, registration=registration, scan_id=scan_id, by=account)
            except Conflicting:
                return False
            return True

    with ThreadPoolExecutor(AT_ONCE) as organizers:
        assert sum(organizers.map(take_back, [scan.id] * AT_ONCE)) == 1
    with committed.sessions.begin() as db:
        undone = db.scalar(select(func.count()).where(Scan.kind == "undo"))
        noted = db.scalar(select(func.count()).where(Audit.action == "registration.check_in_undone"))
        assert (undone, noted) == (1, 1)
