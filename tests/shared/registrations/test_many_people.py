"""A bulk act costs as many statements for many people as for two: new registrations wait for the event's lock
meanwhile.
"""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Account, Audit, Event, OutboxMessage, Registration
from shared.registrations import organizer_registrations, seats
from shared.registrations.organizer_registrations import BulkResult
from tests.conftest import Statements
from tests.factories import make_account, make_event, make_registration
from tests.support.counters import add_type, assert_counters_hold

ACTIONS = {"sent_again": "email_resent"}
FEW, MANY = 2, 30
Act = Callable[[Session, Event, Sequence[int], Account], BulkResult]


def _move(db: Session, event: Event, ids: Sequence[int], by: Account) -> BulkResult:
    return organizer_registrations.move(db, event=event, ids=ids, ticket_type_id=event.ticket_types[1].id, by=by)


ACTS: dict[str, tuple[Act, str, str]] = {
    "cancelled": (
        lambda db, event, ids, by: organizer_registrations.cancel(db, event=event, ids=ids, by=by),
        "confirmed",
        "place_taken_back",
    ),
    "moved": (_move, "confirmed", "ticket_again"),
    "promoted": (
        lambda db, event, ids, by: organizer_registrations.promote(db, event=event, ids=ids, by=by),
        "waiting",
        "seat_offered",
    ),
    "sent_again": (
        lambda db, event, ids, by: organizer_registrations.send_again(db, event=event, ids=ids, by=by),
        "confirmed",
        "ticket_again",
    ),
}
"""By the word of the audit: the act, the state of its people, and the email to each of them."""


def guests(db: Session, event: Event, number: int, state: str) -> list[int]:
    """Add people in one state, in order of arrival."""
    more = {"confirmed_at": None, "waited_at": clock.now()} if state == "waiting" else {}
    return [make_registration(db, event, state=state, **more).id for _ in range(number)]


@pytest.mark.parametrize("act", ACTS)
def test_an_act_on_many_costs_as_many_statements_as_on_few(db: Session, statements: Statements, act: str) -> None:
    do, state, mail = ACTS[act]
    costs = []
    for number in (FEW, MANY):
        event = make_event(db)
        add_type(db, event)
        by = make_account(db, role="owner", organization=event.organization)
        ids = guests(db, event, number, state)
        db.commit()
        db.expire_all()
        event = db.get_one(Event, event.id)
        assert len(event.ticket_types) == 2
        assert by.id
        with statements() as executed:
            assert do(db, event, ids, by) == BulkResult(number, 0)
        costs.append(len(executed))
        assert_counters_hold(db, event)
        noted = select(Audit.registration_id).where(
            Audit.event_id == event.id, Audit.action == f"registration.{ACTIONS.get(act, act)}"
        )
        assert sorted(db.scalars(noted)) == ids
        enqueued = select(OutboxMessage.subject).where(OutboxMessage.kind == mail, OutboxMessage.subject.in_(ids))
        assert sorted(db.scalars(enqueued)) == ids
    assert costs[0] == costs[1]
    assert costs[1] <= 12


def test_the_whole_waiting_list_is_promoted_with_as_many_statements_as_two(db: Session, statements: Statements) -> None:
    costs = []
    for number in (FEW, MANY):
        event = make_event(db, capacity=0)
        guests(db, event, number, "waiting")
        without_address = {"email": None, "phone": "+992900000001", "confirmed_at": None, "waited_at": clock.now()}
        make_registration(db, event, state="waiting", **without_address)
        event.capacity = 100
        db.commit()
        with statements() as executed:
            seats.fill(db, seats.lock(db, event.id))
        costs.append(len(executed))
        assert_counters_hold(db, event)
        states = db.scalars(select(Registration.state).where(Registration.event_id == event.id)).all()
        assert sorted(states) == ["confirmed", *["offered"] * number]
    assert costs[0] == costs[1]
