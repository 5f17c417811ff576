"""News: to confirmed attendees who want it, at its hour, once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.door import attendance
from shared.door.batches import Batch, ScanClaim
from shared.mailings import mailings
from shared.models import Event, OutboxMessage, Registration
from tests.factories import make_days, make_device, make_door, make_event, make_registration, move_event

START = clock.now().replace(microsecond=0) + timedelta(days=10)
EARLY = START - timedelta(days=9)


def guest(db: Session, event: Event, **overrides: Any) -> Registration:
    return make_registration(db, event, **{"confirmed_at": EARLY, **overrides})


def enqueued(db: Session, kind: str) -> list[tuple[int, str]]:
    query = (
        select(OutboxMessage.subject, OutboxMessage.key)
        .where(OutboxMessage.kind == kind)
        .order_by(OutboxMessage.subject, OutboxMessage.key)
    )
    return [(subject, key) for subject, key in db.execute(query)]


def keyed(before: str, start: datetime = START) -> str:
    return f"{before} {int(start.timestamp())}"


def remind(db: Session, before: timedelta) -> int:
    return mailings.enqueue_reminders(db, now=START - before)


def test_people_are_reminded_two_days_and_three_hours_before_once(db: Session) -> None:
    registration = guest(db, make_event(db, starts_at=START))
    assert remind(db, timedelta(days=2, minutes=1)) == 0
    assert [remind(db, timedelta(days=2, minutes=-minutes)) for minutes in (0, 1)] == [1, 0]
    assert [remind(db, timedelta(hours=3, minutes=-minutes)) for minutes in (0, 1)] == [1, 0]
    assert enqueued(db, "reminder") == [(registration.id, keyed("2d")), (registration.id, keyed("3h"))]


def test_after_an_outage_a_reminder_of_a_past_hour_is_not_sent(db: Session) -> None:
    registration = guest(db, make_event(db, starts_at=START))
    remind(db, timedelta(hours=1))
    assert enqueued(db, "reminder") == [(registration.id, keyed("3h"))]
    assert remind(db, -timedelta(minutes=1)) == 0


def test_a_registration_after_the_hour_gets_no_reminder(db: Session) -> None:
    guest(db, make_event(db, starts_at=START), confirmed_at=START - timedelta(days=1))
    assert remind(db, timedelta(hours=30)) == 0


def test_only_confirmed_subscribed_attendees_with_an_address_get_reminders(db: Session) -> None:
    event = make_event(db, starts_at=START)
    guest(db, event, state="waiting", confirmed_at=None, waited_at=EARLY)
    guest(db, event, state="cancelled", cancelled_at=EARLY, cancelled_by="self")
    guest(db, event, email=None, phone="+992918123456")
    refused = guest(db, event)
    mailings.unsubscribe(db, registration=refused)
    mailings.unsubscribe(db, registration=refused)
    guest(db, make_event(db, starts_at=START, reminders=False))
    guest(db, make_event(db, starts_at=START, state="cancelled"))
    assert remind(db, timedelta(days=2)) == 0


def test_a_group_gets_one_reminder_at_its_hosts_address(db: Session) -> None:
    event = make_event(db, starts_at=START)
    host = guest(db, event, state="cancelled", cancelled_at=EARLY, cancelled_by="self")
    for _ in range(2):
        guest(db, event, host_id=host.id, email=None, contact_key=None)
    remind(db, timedelta(days=2))
    assert enqueued(db, "reminder") == [(host.id, keyed("2d"))]


def test_a_one_day_ticket_gets_its_reminder_before_that_day(db: Session) -> None:
    event = make_days(db)
    every, one_day = (guest(db, event, ticket_type_id=kind.id) for kind in event.ticket_types)
    first, second = (day.starts_at for day in event.sessions[:2])
    assert first is not None
    assert second is not None
    assert [mailings.enqueue_reminders(db, now=day - timedelta(days=2)) for day in (first, second)] == [1, 1]
    assert [mailings.enqueue_reminders(db, now=day - timedelta(hours=3)) for day in (first, second)] == [1, 1]
    assert enqueued(db, "reminder") == [
        *((every.id, keyed(before, first)) for before in ("2d", "3h")),
        *((one_day.id, keyed(before, second)) for before in ("2d", "3h")),
    ]


def test_unsubscribing_is_for_one_organization(db: Session) -> None:
    event, elsewhere = make_event(db, starts_at=START), make_event(db, starts_at=START)
    mailings.unsubscribe(db, registration=guest(db, event, email="zarina@example.org"))
    there = guest(db, elsewhere, email="zarina@example.org")
    remind(db, timedelta(days=2))
    assert enqueued(db, "reminder") == [(there.id, keyed("2d"))]


def test_attendees_get_thanks_once_there_is_a_recap(db: Session) -> None:
    start = clock.now() - timedelta(hours=5)
    event = make_event(db, starts_at=start, hours=2)
    device = make_device(db, make_door(db, event))[0]
    device.stamps_from = start
    attendee, _ = (guest(db, event, confirmed_at=start - timedelta(days=1)) for _ in range(2))
    at = clock.milliseconds(start + timedelta(minutes=5))
    scan = ScanClaim(id=uuid4(), session=event.sessions[0].id, kind="in", at=at, person=attendee.ticket_id)
    attendance.record(db, device=device, batch=Batch(scans=[scan]))
    assert mailings.enqueue_thanks(db, now=clock.now()) == 0
    event.recap = {"en": "It was good to see you."}
    db.flush()
    assert [mailings.enqueue_thanks(db, now=clock.now()) for _ in range(2)] == [1, 0]
    assert enqueued(db, "thanks") == [(attendee.id, "")]


def test_a_moved_event_gets_new_reminders(db: Session) -> None:
    event = make_event(db, starts_at=START)
    registration = guest(db, event)
    remind(db, timedelta(days=2))
    later = START + timedelta(days=5)
    assert event.starts_local is not None
    move_event(db, event, starts=event.starts_local + timedelta(days=5), ends=event.starts_local + timedelta(days=6))
    assert mailings.enqueue_reminders(db, now=later - timedelta(days=2)) == 1
    assert enqueued(db, "reminder") == [(registration.id, keyed("2d")), (registration.id, keyed("2d", later))]


@pytest.mark.parametrize(("known", "reminders"), [("minute", 2), ("day", 1), ("about", 0)])
def test_no_reminder_is_sent_for_an_unknown_hour(db: Session, known: str, reminders: int) -> None:
    guest(db, make_event(db, starts_at=START, known=known))
    assert remind(db, timedelta(days=2)) + remind(db, timedelta(hours=3)) == reminders
