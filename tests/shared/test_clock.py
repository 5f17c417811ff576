"""Wall time to instant: a time that never existed is refused, one that exists twice needs a choice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared import clock


@given(st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)))
def test_dushanbe_has_every_time_once(wall: datetime) -> None:
    assert clock.instant(wall, "Asia/Dushanbe") == (wall - timedelta(hours=5)).replace(tzinfo=UTC)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tehran"]),
)
def test_an_instant_shows_the_wall_time_again(wall: datetime, zone: str) -> None:
    try:
        moment = clock.instant(wall, zone, second=False)
    except clock.NoSuchTime:
        return
    assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall


def test_a_time_that_was_jumped_over_is_refused() -> None:
    with pytest.raises(clock.NoSuchTime):
        clock.instant(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")


def test_a_time_that_exists_twice_asks_which() -> None:
    wall = datetime(2026, 10, 25, 2, 30)
    with pytest.raises(clock.AmbiguousTime):
        clock.instant(wall, "Europe/Berlin")
    first, second = (clock.instant(wall, "Europe/Berlin", second=choice) for choice in (False, True))
    assert second - first == timedelta(hours=1)


@given(st.integers(0, 4_000_000_000_000))
def test_a_stamp_survives_a_round_trip(stamp: int) -> None:
    assert abs(clock.milliseconds(clock.from_milliseconds(stamp)) - stamp) <= 1


@pytest.mark.parametrize("zone", ["localtime", "Factory", "Europe", "America/Indiana", "Dushanbe", "x" * 300, "\0", ""])
def test_names_that_only_python_reads_are_no_zones(zone: str) -> None:
    assert zone not in clock.zones()


def test_every_zone_is_known_to_python_and_to_postgresql(db: Session) -> None:
    assert "Asia/Dushanbe" in clock.zones()
    assert clock.zones() <= set(db.scalars(text("SELECT name FROM pg_timezone_names")))
    assert all(clock.instant(datetime(2026, 6, 1, 12), zone) for zone in clock.zones())


def test_the_clock_stops_for_a_block_and_goes_on_after_it() -> None:
    past = datetime(2026, 10, 24, 13, tzinfo=UTC)
    with clock.at(past):
        assert clock.now() == past
        with clock.at(past + timedelta(hours=1)):
            assert clock.now() == past + timedelta(hours=1)
        assert clock.now() == past
    assert clock.now() > past


def test_a_process_follows_another_clock_but_not_the_time_that_the_question_took():
    try:
        clock.follow(datetime.now(UTC) - timedelta(hours=1))
        assert timedelta(minutes=59) < datetime.now(UTC) - clock.now() < timedelta(minutes=61)
        clock.follow(datetime.now(UTC) - timedelta(seconds=0.5))
        assert datetime.now(UTC) - clock.now() < timedelta(seconds=0.4)
    finally:
        clock.follow(datetime.now(UTC))
