"""The scheduler's table."""

from worker.schedule import PERIODS


def test_the_outbox_is_looked_at_every_second():
    assert PERIODS["outbox.deliver_due"] == 1
