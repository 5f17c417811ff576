"""Resending failed emails: any number of them, and counted by organization."""

from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Account, Audit, Event, OutboxMessage
from shared.outbox import email_backlog
from tests.conftest import Statements
from tests.factories import make_account, make_event, make_registration

FAILED = text("""
    INSERT INTO outbox (kind, subject, key, priority, dead_at, attempts, outcome, failure)
    SELECT 'mailing', :subject, n, 9, now(), 60, 'timed out', 'server_timeout' FROM generate_series(1, :mails) n
""")
MORE_THAN_PARAMETERS = 70_000


def fail(db: Session, mails: int, event: Event | None = None) -> Event:
    """Add an event with so many failed emails."""
    event = event or make_event(db)
    db.execute(FAILED, {"subject": make_registration(db, event).id, "mails": mails})
    # As autovacuum would within a minute: a table that the planner believes empty is read anew for each email.
    db.execute(text("ANALYZE outbox"))
    return event


def counted(db: Session) -> list[tuple[int, int]]:
    """Return how many resent emails the audit of each organization has."""
    acts = db.scalars(select(Audit).where(Audit.action == "email.resent").order_by(Audit.organization_id))
    return [(act.organization_id, act.details["mails"]) for act in acts]


def owner_of(db: Session, *events: Event) -> Account:
    return make_account(db, organization=events[0].organization, role="owner")


def test_more_emails_than_a_statement_has_parameters_are_resent(db: Session, statements: Statements) -> None:
    event = fail(db, MORE_THAN_PARAMETERS)
    by = owner_of(db, event)
    with statements() as executed:
        assert email_backlog.send_again(db, organization_ids=[event.organization_id], by=by) == MORE_THAN_PARAMETERS
    assert len(executed) == 2
    assert counted(db) == [(event.organization_id, MORE_THAN_PARAMETERS)]
    dead = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.dead_at.is_not(None))
    assert db.scalar(dead) == 0


def test_each_organizations_history_counts_its_resent_emails(db: Session) -> None:
    first, second, foreign = fail(db, 3), fail(db, 2), fail(db, 1)
    # A worker has it in hand at this moment.
    leased = db.scalars(select(OutboxMessage).where(OutboxMessage.key == "3")).one()
    leased.leased_until = clock.now() + timedelta(minutes=1)
    db.flush()
    organization_ids = [first.organization_id, second.organization_id]
    assert email_backlog.send_again(db, organization_ids=organization_ids, by=owner_of(db, first)) == 4
    assert counted(db) == [(first.organization_id, 2), (second.organization_id, 2)]
    still = db.scalars(
        select(OutboxMessage.key).where(OutboxMessage.dead_at.is_not(None)).order_by(OutboxMessage.key)
    ).all()
    assert (still, foreign.organization_id in organization_ids) == (["1", "3"], False)
