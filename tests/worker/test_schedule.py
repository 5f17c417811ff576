"""The scheduler's table."""

from worker.schedule import PERIODS, beat_schedule


def test_a_tick_that_waited_for_two_periods_is_void():
    for name, entry in beat_schedule().items():
        assert entry["task"] == name
        assert entry["options"] == {"expires": 2 * entry["schedule"]}


def test_the_outbox_is_looked_at_every_second():
    assert PERIODS["outbox.deliver_due"] == 1
