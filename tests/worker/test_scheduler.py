"""The scheduler's heartbeat."""

from sqlalchemy import select

from shared.heartbeats import SCHEDULER
from shared.models import Heartbeat
from shared.outbox import system_status
from tests.conftest import Committed
from worker.scheduler import record_heartbeat


def test_its_heartbeat_is_recorded_and_not_again_within_ten_seconds(committed: Committed) -> None:
    times = []
    for _ in range(2):
        record_heartbeat(committed.settings.postgresql_url)
        with committed.sessions.begin() as db:
            times.append(db.scalars(select(Heartbeat.at).where(Heartbeat.part == SCHEDULER)).one())
            assert system_status.heartbeats(db)[SCHEDULER] < 10
    assert times[0] == times[1]
