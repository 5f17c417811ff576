"""The doctor's checks of what is in the database: version, keys, clock, heartbeats, emails."""

from datetime import timedelta

import time_machine
from sqlalchemy import text, update

from shared import clock
from shared.accounts import second_factors
from shared.command.doctor import tables
from shared.config import Settings
from shared.heartbeats import SCHEDULER, WORKER
from shared.models import Heartbeat
from shared.outbox import outbox
from shared.outbox.kinds import MessageKind
from shared.outbox.system_status import expected_version, record_heartbeat
from tests.conftest import Committed
from tests.factories import SECRET, make_account, make_event
from tests.support.doctor import faults, make_installation


def test_tables_of_this_version_have_no_fault(settings: Settings) -> None:
    assert faults(tables.version, make_installation(settings)) == []


def test_a_database_without_tables_is_a_fault(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        db.execute(text("DROP TABLE alembic_version"))
    assert faults(tables.version, make_installation(committed.settings)) == [
        "the database has no tables: run `turnout migrate`"
    ]


def test_tables_of_an_older_and_of_a_newer_version_are_faults(committed: Committed) -> None:
    installation = make_installation(committed.settings)
    for version, line in (
        ("0001", f"the database is at migration 0001 of {expected_version()}: run `turnout migrate`"),
        ("9999", "the database is of a newer Turnout (migration 9999): install that version or a later one"),
    ):
        with committed.sessions.begin() as db:
            db.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        assert faults(tables.version, installation) == [line]


def test_another_secret_than_made_tickets_and_second_factors_is_a_fault(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        make_event(db)
        second_factors.start(db, account=make_account(db), password="", secrets=(SECRET,))
    assert faults(tables.keys, make_installation(committed.settings)) == []
    other = "another secret of at least 32 characters"
    act = "put the earlier key after it, with a comma between"
    assert faults(tables.keys, make_installation(committed.settings, SECRET_KEY=other)) == [
        f"SECRET_KEY is not the one that signed the tickets of 1 events: {act}",
        f"SECRET_KEY does not open the two-step verification of 1 accounts: {act}",
    ]
    assert faults(tables.keys, make_installation(committed.settings, SECRET_KEY=f"{other},{SECRET.decode()}")) == []


def test_a_clock_that_differs_from_the_databases_is_a_fault(settings: Settings) -> None:
    installation = make_installation(settings)
    assert faults(tables.clocks, installation) == []
    for seconds, words in ((90, "90 s ahead of"), (-90, "90 s behind")):
        with time_machine.travel(clock.now() + timedelta(seconds=seconds)):
            [fault] = faults(tables.clocks, installation)
        assert fault.startswith(f"this machine's clock is {words} the database's: synchronize both by NTP")


def test_a_worker_and_a_scheduler_that_do_not_run_are_faults(committed: Committed) -> None:
    installation = make_installation(committed.settings)
    assert faults(tables.worker, installation) == ["no worker has ever run: start `turnout worker`"]
    with committed.sessions.begin() as db:
        record_heartbeat(db, WORKER)
        record_heartbeat(db, SCHEDULER)
    assert faults(tables.worker, installation) + faults(tables.scheduler, installation) == []
    with committed.sessions.begin() as db:
        db.execute(update(Heartbeat).values(at=clock.now() - timedelta(minutes=3)))
    assert [*faults(tables.worker, installation), *faults(tables.scheduler, installation)] == [
        "no worker has run for 3 minutes: start `turnout worker`, or read its log",
        "no scheduler has run for 3 minutes: start `turnout scheduler`, or read its log",
    ]


def test_emails_that_wait_are_a_fault(committed: Committed) -> None:
    installation = make_installation(committed.settings)
    with committed.sessions.begin() as db:
        outbox.enqueue(db, MessageKind.REGISTRATION_CONFIRMED, subject=1)
    assert faults(tables.emails, installation) == []
    with committed.sessions.begin() as db:
        outbox.enqueue(db, MessageKind.REGISTRATION_CONFIRMED, subject=2, due_at=clock.now() - timedelta(hours=5))
    assert faults(tables.emails, installation) == [
        "2 emails are due, the oldest for 5 hours: read the worker's log, or start more workers"
    ]
