"""Each partial index is used by the statement it was made for, also in PostgreSQL's generic plans.

A driver prepares what it says often, and the server then plans it once for all values. A parameter does not tell it
that a partial index holds what is asked for; only a word that stands in the statement itself does.
"""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench import crowd
from shared import clock
from shared.database import Base
from shared.door import attendance, conflicts, live
from shared.door.batches import Batch, ScanClaim
from shared.mailings import audiences
from shared.models import Device, Event, Mailing
from shared.outbox import email_backlog, outbox, system_status
from shared.registrations import people, self_service
from shared.registrations.new_registration import NewRegistration
from tests.conftest import Statements
from tests.factories import make_account, make_device, make_door, make_event
from tests.support.plans import generic_plan

PEOPLE = 1000


def _sign_up(db: Session, event: Event) -> None:
    again = NewRegistration(name="Нигина", email="guest5@example.org", language="tg", once="a")
    self_service.register(db, slug=event.slug, new_registration=again)


def _scan(db: Session, event: Event) -> None:
    device = db.query(Device).filter_by(event_id=event.id).one()
    claim = ScanClaim(id=uuid4(), session=event.sessions[0].id, kind="in", at=1, person="0" * 16)
    attendance.record(db, device=device, batch=Batch(scans=[claim]))


def _progress(db: Session, event: Event) -> None:
    mailing = Mailing(event_id=event.id, audience="everybody", subject={"tg": "Х"}, body={"tg": "Х"})
    db.add(mailing)
    db.flush()
    audiences.progress(db, mailing=mailing)


def _live(db: Session, event: Event) -> None:
    live.live(db, event=event)


USES: dict[str, Callable[[Session, Event], object]] = {
    "uq_registration_live_contact": _sign_up,
    "uq_registration_once": _sign_up,
    "ix_registration_walk_ins": _live,
    "ix_registration_without_place": _live,
    "ix_registration_held": lambda db, event: people.held_by_type(db, event_id=event.id),
    "ix_registration_merged_into": _scan,
    "ix_scan_told_apart": _live,
    "ix_scan_doors": _live,
    "ix_admission_event": _live,
    "ix_admission_conflicts": lambda db, event: conflicts.count_open(db, event_id=event.id),
    "ix_outbox_mailing": _progress,
    "ix_outbox_dead": lambda db, _event: system_status.outbox(db),
    "ix_outbox_due": lambda db, _event: outbox.claim(db),
}
"""By index, what it is for."""
ONLY_FORBID = {"uq_invitation_open", "uq_device_event_phone"}


def partial_indexes() -> set[str]:
    indexes = (index for table in Base.metadata.tables.values() for index in table.indexes)
    return {str(index.name) for index in indexes if index.dialect_options["postgresql"]["where"] is not None}


def test_every_partial_index_is_for_something() -> None:
    assert partial_indexes() == USES.keys() | ONLY_FORBID


@pytest.fixture
def event(db: Session) -> Event:
    event = make_event(db, starts_at=clock.now())
    make_device(db, make_door(db, event))
    crowd.register(db, event=event, people=PEOPLE)
    crowd.scan_everyone(db, event=event)
    db.execute(text("ANALYZE"))
    # A table of a test is small enough to be read whole.
    db.execute(text("SET LOCAL enable_seqscan = off"))
    return event


@pytest.mark.parametrize("index", USES)
def test_a_partial_index_is_used_whatever_the_values(
    db: Session, statements: Statements, event: Event, index: str
) -> None:
    with statements() as executed:
        USES[index](db, event)
    plans = [generic_plan(db, statement) for statement in executed if not statement.startswith("INSERT")]
    assert any(re.search(rf"\b{index}\b", plan) for plan in plans), "\n\n".join(plans)


def test_attendance_inside_is_read_without_every_scan(db: Session, statements: Statements, event: Event) -> None:
    with statements() as executed:
        live.live(db, event=event)
    plan = "\n".join(generic_plan(db, statement) for statement in executed)
    used = set(re.findall(r"using (\w+) on scan|on (ix_scan_\w+)", plan))
    assert {statement or bitmap for statement, bitmap in used} == {"ix_scan_told_apart", "ix_scan_doors"}


def test_the_backlog_is_read_without_finished_messages(db: Session, statements: Statements, event: Event) -> None:
    owner = [event.organization_id]
    finished = "INSERT INTO outbox (kind, subject, finished_at, outcome) SELECT 'ticket_again', id, now(), 'sent'"
    db.execute(text(f"{finished} FROM generate_series(1, 5000) AS id"))
    db.execute(text("ANALYZE outbox"))
    with statements() as executed:
        email_backlog.backlog(db, organization_ids=owner)
        email_backlog.send_again(db, organization_ids=owner, by=make_account(db))
    plans = [plan for statement in executed if " outbox" in (plan := generic_plan(db, statement))]
    assert len(plans) == 2
    for plan in plans:
        assert set(re.findall(r"on (ix_outbox_\w+)", plan)) == {"ix_outbox_dead", "ix_outbox_due"}, plan
