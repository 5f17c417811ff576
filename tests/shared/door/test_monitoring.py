"""What an operator watches at the doors: phones, their silence, their scans to come, and open conflicts."""

from datetime import timedelta

from sqlalchemy.orm import Session

from shared import clock
from shared.door import monitoring
from shared.models import Device, Event
from tests.factories import make_device, make_door, make_event, make_registration
from tests.support.scans import claim, hand_in

NOW = clock.now().replace(microsecond=0)


def phone(db: Session, event: Event, *, silent: timedelta, waiting: int = 0) -> Device:
    """Pair a phone that was last heard from so long ago."""
    device = make_device(db, make_door(db, event))[0]
    device.seen_at, device.waiting = NOW - silent, waiting
    db.flush()
    return device


def test_without_phones_everything_is_none(db: Session) -> None:
    assert monitoring.figures(db, now=NOW) == (0, 0, 0.0, 0)


def test_the_most_silent_phone_and_all_scans_to_come_count(db: Session, event: Event) -> None:
    phone(db, event, silent=timedelta(minutes=4), waiting=30)
    phone(db, make_event(db), silent=timedelta(seconds=5), waiting=2)
    assert monitoring.figures(db, now=NOW) == (2, 32, 240.0, 0)


def test_phones_that_are_revoked_or_of_closed_doors_or_long_gone_do_not_count(db: Session, event: Event) -> None:
    phone(db, event, silent=timedelta(days=3))
    phone(db, event, silent=timedelta(hours=1)).revoked_at = NOW
    phone(db, over := make_event(db), silent=timedelta(hours=1))
    over.doors_closed_at = NOW
    db.flush()
    assert monitoring.figures(db, now=NOW).phones == 0


def test_unsettled_conflicts_of_all_these_events_count(db: Session, event: Event) -> None:
    for shown_at in (event, make_event(db)):
        ticket = make_registration(db, shown_at).ticket_id
        for minutes in (5, 0):
            device = phone(db, shown_at, silent=timedelta(0))
            device.stamps_from = NOW - timedelta(days=1)
            at = clock.milliseconds(NOW - timedelta(minutes=minutes))
            hand_in(db, device, claim(shown_at, person=ticket, at=at))
    assert monitoring.figures(db, now=NOW).open_conflicts == 2
