"""Emails that strangers can cause to one address: a burst, then one at a time."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.models import EmailBudget, OutboxMessage
from shared.outbox import budgets
from shared.outbox.budgets import BURST, GAP
from shared.outbox.kinds import COUNTED
from shared.registrations import organizer_registrations, self_service
from shared.registrations.organizer_registrations import Person
from tests.factories import SECRET, make_account, make_event, make_registration

VICTIM = budgets.recipient([SECRET], "victim@example.org", purpose="registration")


def pass_time(db: Session, by: timedelta) -> None:
    """Move the budgets back: in a test's transaction the database's clock stands still."""
    db.execute(update(EmailBudget).values(full_at=EmailBudget.full_at - by))


@pytest.fixture
def now(db: Session) -> datetime:
    moment = db.scalar(select(func.now()))
    assert moment is not None
    return moment


def test_a_burst_goes_out_at_once_and_the_next_is_due_one_gap_later(db: Session, now: datetime) -> None:
    assert [budgets.spend(db, recipient=VICTIM) for _ in range(BURST)] == [None] * BURST
    assert [budgets.spend(db, recipient=VICTIM) for _ in range(3)] == [now + GAP] * 3


def test_after_a_gap_one_more_is_sent(db: Session, now: datetime) -> None:
    for _ in range(BURST):
        budgets.spend(db, recipient=VICTIM)
    pass_time(db, GAP)
    assert [budgets.spend(db, recipient=VICTIM) for _ in range(2)] == [None, now + GAP]


def test_time_without_emails_saves_up_no_more_than_a_burst(db: Session) -> None:
    budgets.spend(db, recipient=VICTIM)
    pass_time(db, timedelta(days=300))
    assert [budgets.spend(db, recipient=VICTIM) for _ in range(BURST + 1)].count(None) == BURST


def test_another_address_and_another_purpose_have_their_own(db: Session) -> None:
    for _ in range(BURST):
        budgets.spend(db, recipient=VICTIM)
    others = [("other@example.org", "registration"), ("victim@example.org", "account")]
    for address, purpose in others:
        assert budgets.spend(db, recipient=budgets.recipient([SECRET], address, purpose=purpose)) is None


def test_a_full_budget_is_deleted_and_a_spent_one_is_not(db: Session) -> None:
    budgets.spend(db, recipient=VICTIM)
    budgets.delete_full(db)
    assert db.scalar(select(func.count()).select_from(EmailBudget)) == 1
    pass_time(db, GAP)
    budgets.delete_full(db)
    assert db.scalar(select(func.count()).select_from(EmailBudget)) == 0


@pytest.mark.parametrize("spelling", ["victim+1@example.org", "vic.tim@example.org", "v.i.c.tim+a.b+c@example.org"])
def test_spellings_of_one_mailbox_share_a_budget(spelling: str) -> None:
    assert budgets.recipient([SECRET], spelling, purpose="registration") == VICTIM


def test_no_address_is_stored() -> None:
    assert b"victim" not in VICTIM
    assert budgets.recipient([b"another secret"], "victim@example.org", purpose="registration") != VICTIM


def enqueued(db: Session) -> set[tuple[str, bool]]:
    return set(db.execute(select(OutboxMessage.kind, OutboxMessage.exempt)).all())


def test_an_email_caused_by_an_organizer_is_exempt_from_the_budget(db: Session) -> None:
    event, by = make_event(db, capacity=1, waiting_list=True), make_account(db)
    holder = make_registration(db, event)
    make_registration(db, event, state="waiting", waited_at=clock.now())
    organizer_registrations.send_again(db, event=event, ids=[holder.id], by=by)
    organizer_registrations.cancel(db, event=event, ids=[holder.id], by=by)
    person = Person(name="Ann", language="en", ticket_type_id=event.ticket_types[0].id, email="ann@example.org")
    event.capacity = None
    db.flush()
    organizer_registrations.add(db, event=event, person=person, by=by)
    kinds = {"ticket_again", "place_taken_back", "seat_offered", "registration_confirmed"}
    assert {kind for kind, exempt in enqueued(db) if exempt or kind not in COUNTED} == kinds


def test_an_email_caused_by_a_stranger_is_not_exempt(db: Session) -> None:
    event = make_event(db, capacity=1, waiting_list=True)
    holder = make_registration(db, event)
    make_registration(db, event, state="waiting", waited_at=clock.now())
    self_service.send_again(db, people=[holder])
    self_service.cancel(db, registration_id=holder.id, by="self")
    assert enqueued(db) == {("ticket_again", False), ("place_given_up", False), ("seat_offered", False)}
