"""Deadlines, waiting list and registration windows move with the start of an event."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.events import drafts, editing
from shared.events.editing import Timing
from shared.models import Event, OutboxMessage, Registration, TicketType
from shared.registrations import self_service
from tests.factories import SECRET, make_account, make_event, make_registration
from tests.support.counters import assert_counters_hold

BERLIN = "Europe/Berlin"
NOW = clock.now().replace(second=0, microsecond=0)
"""The same for the whole of a test, however full a minute is."""


def put(db: Session, event: Event, starts_at: datetime, zone: str | None = None) -> None:
    """Move an event of two hours to that moment, as its editor does."""
    starts = starts_at.astimezone(ZoneInfo(event.zone)).replace(tzinfo=None)
    editing.reschedule(
        db, event=event, timing=Timing("minute", zone or event.zone, starts, starts + timedelta(hours=2))
    )
    db.expire_all()


def in_(**time: float) -> datetime:
    """Return the moment so long from now, to the minute."""
    return NOW + timedelta(**time)


def hold(db: Session, event: Event, state: str, **time: float) -> Registration:
    """Add a registration with a seat for so long."""
    return make_registration(db, event, state=state, confirmed_at=None, deadline=clock.now() + timedelta(**time))


def kinds_sent(db: Session, registration: Registration) -> list[str]:
    return list(db.scalars(select(OutboxMessage.kind).where(OutboxMessage.subject == registration.id)))


def test_an_offer_ends_two_hours_before_the_new_start_and_is_emailed_again(db: Session) -> None:
    event = make_event(db, starts_at=in_(days=5), capacity=2)
    late, early = hold(db, event, "offered", hours=24), hold(db, event, "offered", hours=3)
    before = early.deadline
    put(db, event, in_(hours=6))
    assert event.starts_at is not None
    assert (late.state, late.deadline) == ("offered", event.starts_at - timedelta(hours=2))
    assert (early.state, early.deadline) == ("offered", before)
    assert (kinds_sent(db, late), kinds_sent(db, early)) == (["seat_offered"], [])
    assert_counters_hold(db, event)


def test_an_offer_without_time_left_becomes_a_seat(db: Session) -> None:
    event = make_event(db, starts_at=in_(days=5), capacity=2)
    host = hold(db, event, "offered", hours=24)
    companion = hold(db, event, "offered", hours=24)
    companion.host_id, companion.email = host.id, None
    put(db, event, in_(hours=2, minutes=30))
    assert [(registration.state, registration.deadline) for registration in (host, companion)] == [
        ("confirmed", None)
    ] * 2
    assert (kinds_sent(db, host), kinds_sent(db, companion)) == (["registration_confirmed"], [])
    assert_counters_hold(db, event)


def test_a_registration_can_be_confirmed_at_most_until_the_new_start(db: Session) -> None:
    event = make_event(db, starts_at=in_(days=5), confirm_by_mail=True)
    late, early = hold(db, event, "unconfirmed", hours=20), hold(db, event, "unconfirmed", hours=1)
    before = early.deadline
    put(db, event, in_(hours=4))
    assert (late.deadline, early.deadline) == (event.starts_at, before)
    assert (kinds_sent(db, late), kinds_sent(db, early)) == (["please_confirm"], [])


def test_a_later_start_extends_no_deadline(db: Session) -> None:
    event = make_event(db, starts_at=in_(hours=6), capacity=1)
    registration = hold(db, event, "offered", hours=4)
    before = registration.deadline
    put(db, event, in_(days=9))
    assert (registration.deadline, kinds_sent(db, registration)) == (before, [])


def test_the_waiting_list_moves_when_a_begun_event_is_postponed(db: Session) -> None:
    event = make_event(db, starts_at=in_(minutes=-30), capacity=1)
    holder = make_registration(db, event)
    waiting = make_registration(db, event, state="waiting", confirmed_at=None, waited_at=clock.now())
    self_service.cancel(db, registration_id=holder.id, by="self")
    db.expire_all()
    assert waiting.state == "waiting"
    put(db, event, in_(days=7))
    assert waiting.state == "offered"
    assert_counters_hold(db, event)


def kind_of(event: Event) -> TicketType:
    return event.ticket_types[0]


@pytest.mark.parametrize("days", [60, -2])
def test_registration_opens_and_closes_as_long_before_the_new_start(db: Session, days: int) -> None:
    start = in_(days=10)
    event = make_event(db, starts_at=start, opens_at=in_(days=3), closes_at=start)
    kind_of(event).opens_at, kind_of(event).closes_at = in_(days=4), start - timedelta(hours=6)
    put(db, event, start + timedelta(days=days))
    assert (event.opens_at, event.closes_at) == (in_(days=3 + days), event.starts_at)
    assert event.starts_at is not None
    assert kind_of(event).opens_at == in_(days=4 + days)
    assert kind_of(event).closes_at == event.starts_at - timedelta(hours=6)


def test_registration_is_not_opened_by_moving_an_event(db: Session) -> None:
    event = make_event(db, starts_at=in_(days=30), opens_at=in_(days=10))
    kind_of(event).opens_at = in_(days=12)
    put(db, event, in_(days=15))
    assert (event.opens_at, kind_of(event).opens_at) == (in_(days=10), in_(days=12))
    assert not event.is_open(clock.now())


def test_open_registration_stays_open_and_closed_stays_closed(db: Session) -> None:
    start, opened, closed = in_(days=10), in_(days=-9), in_(days=-1)
    event = make_event(db, starts_at=start, opens_at=opened, closes_at=start - timedelta(days=1))
    kind_of(event).closes_at = closed
    put(db, event, start + timedelta(days=7))
    assert (event.opens_at, event.closes_at) == (opened, start + timedelta(days=6))
    assert kind_of(event).closes_at == closed


def test_registration_until_the_start_reopens_when_an_event_is_postponed(db: Session) -> None:
    start = in_(minutes=-30)
    event = make_event(db, starts_at=start, closes_at=start)
    put(db, event, start + timedelta(days=7))
    assert event.closes_at == event.starts_at
    assert event.is_open(clock.now())


@pytest.mark.parametrize(("closes", "after"), [({"days": 2}, {"days": 2}), ({"days": 6}, {"days": 3})])
def test_registration_is_not_closed_by_moving_an_event(db: Session, closes: Any, after: Any) -> None:
    start = in_(days=10)
    event = make_event(db, starts_at=start, closes_at=in_(**closes))
    put(db, event, in_(days=3))
    assert event.closes_at == in_(**after)


def test_a_form_that_is_saved_unchanged_moves_nothing(db: Session) -> None:
    # One of the two half past two of that night, the later one.
    closes = datetime(2099, 10, 25, 1, 30, tzinfo=UTC)
    event = make_event(db, zone=BERLIN, starts_at=closes + timedelta(days=3), closes_at=closes)
    put(db, event, closes + timedelta(days=3))
    assert event.closes_at == closes


def walls(event: Event) -> list[str]:
    """Return when registration of the event and its ticket type opens and closes, by its wall clock."""
    moments = [event.opens_at, event.closes_at, kind_of(event).opens_at, kind_of(event).closes_at]
    return [f"{moment.astimezone(ZoneInfo(event.zone)):%d.%m. %H:%M}" for moment in moments if moment]


def in_summer(db: Session) -> Event:
    """Add an event in Berlin: registration opens at ten and closes with the start, at six in the evening."""
    start = datetime(2099, 7, 1, 16, 0, tzinfo=UTC)
    opens = datetime(2099, 6, 1, 8, 0, tzinfo=UTC)
    event = make_event(db, zone=BERLIN, starts_at=start, opens_at=opens, closes_at=start)
    kind_of(event).opens_at, kind_of(event).closes_at = opens, start
    db.flush()
    assert walls(event) == ["01.06. 10:00", "01.07. 18:00"] * 2
    return event


IN_WINTER = datetime(2099, 12, 2, 18, 0)


def test_windows_keep_their_wall_time_across_a_change_of_clocks(db: Session) -> None:
    event = in_summer(db)
    put(db, event, IN_WINTER.replace(tzinfo=ZoneInfo(BERLIN)))
    assert walls(event) == ["02.11. 10:00", "02.12. 18:00"] * 2


def test_windows_keep_their_wall_time_in_another_zone(db: Session) -> None:
    event = in_summer(db)
    assert event.starts_at is not None
    put(db, event, event.starts_at, zone="Asia/Dushanbe")
    assert walls(event) == ["01.06. 10:00", "01.07. 18:00"] * 2


def test_a_copy_keeps_the_wall_time_of_windows_across_a_change_of_clocks(db: Session) -> None:
    event = in_summer(db)
    by = make_account(db, role="owner", organization=event.organization)
    twin = drafts.copy(db, event=event, by=by, title={"en": "x"}, starts=IN_WINTER, slug="again", secret=SECRET)
    assert walls(twin) == ["02.11. 10:00", "02.12. 18:00"] * 2
