"""Marks are deleted while a report writes them."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from sqlalchemy import select

from shared import clock
from shared.models import Admission, Event, Organization, Visit
from shared.reports import returning_attendees
from tests.conftest import Committed
from tests.factories import make_account, make_event, make_registration
from tests.support.threads import is_waited


def test_no_mark_outlives_its_salt(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event, by = make_event(db, starts_at=clock.now()), make_account(db)
        guest = make_registration(db, event)
        at = {"first": uuid4(), "first_at": clock.milliseconds(clock.now()), "entries": 1}
        db.add(Admission(person=guest.ticket_id, session_id=event.sessions[0].id, event_id=event.id, **at))

    def remember() -> None:
        with committed.sessions.begin() as db:
            same_event = db.get_one(Event, event.id)
            assert same_event.organization.salt is not None, "read before it is taken away"
            begun.append(True)
            returning_attendees.record_visits(db, event=same_event)

    begun: list[bool] = []
    with ThreadPoolExecutor(1) as pool:
        with committed.sessions.begin() as db:
            db.get_one(Organization, event.organization_id, with_for_update=True)
            remembering = pool.submit(remember)
            while not remembering.done() and not (begun and is_waited(committed)):
                pass
            returning_attendees.delete_all(db, organization=db.get_one(Organization, event.organization_id), by=by)
        remembering.result(timeout=30)
    with committed.sessions.begin() as db:
        assert db.scalars(select(Visit)).all() == []
