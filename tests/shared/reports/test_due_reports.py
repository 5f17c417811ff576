"""The events whose attendance is due."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import clock
from shared.door import walk_ins
from shared.door.batches import WalkIn
from shared.events import editing
from shared.events.editing import Timing
from shared.models import Event, Scan
from shared.reports import reports
from shared.reports.due_reports import QUIET, due_for_report, is_due_for_report
from tests.factories import make_account, make_device, make_door, make_event, make_registration
from tests.support.scans import claim, hand_in


@pytest.fixture
def event(db: Session) -> Event:
    """Add an event that ended yesterday, with one person on its list."""
    event = make_event(db, starts_at=clock.now() - timedelta(days=1))
    make_registration(db, event)
    return event


def is_due(db: Session, event: Event) -> bool:
    db.flush()
    return is_due_for_report(db, event_id=event.id, now=clock.now())


def walk_in(db: Session, event: Event, name: str = "Шариф") -> str:
    """Scan a walk-in; return its id."""
    walk_in_ = WalkIn(id=uuid4(), name=name, language="tg")
    hand_in(db, make_device(db, make_door(db, event))[0], claim(event, person=str(walk_in_.id)), walk_ins=[walk_in_])
    return str(walk_in_.id)


def compiled(db: Session, event: Event, now: datetime | None = None) -> Any:
    """Return the figures of the next version."""
    report = reports.compile_report(db, event_id=event.id, now=now or clock.now())
    assert report is not None
    assert not is_due(db, event)
    return report.figures


@pytest.mark.parametrize(("state", "due"), [("published", True), ("cancelled", False), ("draft", False)])
def test_what_was_held_is_due_and_what_was_called_off_is_not(db: Session, event: Event, state: str, due: bool) -> None:
    event.state = state
    assert is_due(db, event) is due


def test_attendees_of_a_cancelled_event_are_counted(db: Session, event: Event) -> None:
    event.state = "cancelled"
    device, _ = make_device(db, make_door(db, event))
    hand_in(db, device, claim(event, person=make_registration(db, event).ticket_id))
    assert is_due(db, event)


def test_a_merge_or_a_separation_after_the_report_makes_the_next_version(db: Session, event: Event) -> None:
    newcomer, guest = walk_in(db, event), make_registration(db, event, confirmed_at=event.starts_at).ticket_id
    both = compiled(db, event)
    assert (both["attended"], both["no_shows"], both["walk_ins"]["all"]) == (0, 1, 1)
    walk_ins.merge(db, event=event, walk_in=newcomer, ticket=guest, by=make_account(db))
    figures = compiled(db, event)
    assert (figures["attended"], figures["no_shows"], figures["walk_ins"]["all"]) == (1, 0, 0)
    walk_ins.separate(db, event=event, walk_in=newcomer, ticket=guest, by=make_account(db))
    assert compiled(db, event)["walk_ins"]["all"] == 1


def test_another_walk_in_of_the_same_ticket_makes_the_next_version(db: Session, event: Event) -> None:
    first, second = walk_in(db, event), walk_in(db, event)
    guest = make_registration(db, event).ticket_id
    walk_ins.merge(db, event=event, walk_in=first, ticket=guest, by=make_account(db))
    compiled(db, event)
    walk_ins.separate(db, event=event, walk_in=first, ticket=guest, by=make_account(db))
    walk_ins.merge(db, event=event, walk_in=second, ticket=guest, by=make_account(db))
    assert is_due(db, event)


def test_a_corrected_time_makes_the_next_version(db: Session, event: Event) -> None:
    guest = make_registration(db, event, confirmed_at=event.starts_at)
    guest.state, guest.cancelled_by = "cancelled", "self"
    guest.cancelled_at = event.starts_at + timedelta(minutes=30) if event.starts_at else None
    assert compiled(db, event)["registered"] == 1
    assert event.starts_local is not None
    later = Timing("minute", event.zone, event.starts_local + timedelta(hours=1), event.ends_local)
    by = make_account(db, organization=event.organization, role="owner")
    editing.set_time_and_place(db, event=event, by=by, timing=later, values={}, tell=False)
    assert compiled(db, event)["registered"] == 0


@pytest.mark.parametrize("values", [{"capacity": 30}, {"private": True}, {"grace_minutes": 30}])
def test_what_the_figures_go_by_makes_the_next_version(db: Session, event: Event, values: dict[str, Any]) -> None:
    compiled(db, event)
    editing.revise(db, event=event, by=make_account(db), part="registration", values=values)
    assert is_due(db, event)


def test_changed_seats_or_session_ends_make_the_next_version(db: Session, event: Event) -> None:
    compiled(db, event)
    event.ticket_types[0].capacity = 7
    db.flush()
    compiled(db, event)
    (part,) = event.sessions
    part.ends_at = part.ends_at and part.ends_at - timedelta(minutes=10)
    assert is_due(db, event)


def test_other_words_make_no_version(db: Session, event: Event) -> None:
    compiled(db, event)
    editing.revise(db, event=event, by=make_account(db), part="texts", values={"title": {"en": "Another"}})
    assert not is_due(db, event)


def test_the_worker_makes_a_later_version_when_all_was_quiet_for_five_minutes(db: Session, event: Event) -> None:
    yesterday = clock.now() - timedelta(hours=12)
    assert due_for_report(db, now=yesterday) == [event.id]
    compiled(db, event, yesterday)
    walk_in(db, event)
    received_at = db.scalars(select(func.max(Scan.received_at))).one()
    assert is_due(db, event)
    for quiet, due in ((timedelta(0), []), (QUIET - timedelta(seconds=1), []), (QUIET, [event.id])):
        assert due_for_report(db, now=received_at + quiet) == due


def test_people_who_are_merged_one_by_one_make_one_version_in_five_minutes(db: Session, event: Event) -> None:
    guest, newcomers = make_registration(db, event).ticket_id, [walk_in(db, event) for _ in range(2)]
    received_at = db.scalars(select(func.max(Scan.received_at))).one()
    for n, newcomer in enumerate(newcomers):
        at = received_at + n * QUIET
        compiled(db, event, at)
        walk_ins.merge(db, event=event, walk_in=newcomer, ticket=guest, by=make_account(db))
        assert due_for_report(db, now=at + QUIET - timedelta(seconds=1)) == []
        assert due_for_report(db, now=at + QUIET) == [event.id]
