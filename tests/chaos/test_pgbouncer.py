"""Behind PgBouncer in transaction mode everything works with fewer connections than processes, and timeouts hold."""

import http.client
import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from psycopg.errors import IdleInTransactionSessionTimeout, LockNotAvailable, QueryCanceled
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from shared import database
from shared.command import migrate
from shared.config import Settings
from shared.database import make_engine
from shared.models import Event
from tests.conftest import Committed
from tests.factories import make_device, make_door
from tests.support.door_api import results, scan
from tests.support.email_server import Postbox
from tests.support.pgbouncer import pgbouncer
from tests.support.processes import House, build

pytestmark = pytest.mark.chaos

THREADS = 8
PEOPLE = 24
"""A statement is prepared at its sixth execution on a connection: each thread's has to come to that."""


@pytest.fixture
def pooled(committed: Committed) -> Iterator[Settings]:
    """Return settings behind a PgBouncer with two connections for all processes."""
    with pgbouncer(committed.settings, default_pool_size="2") as settings:
        yield settings


def test_pages_registrations_scans_and_emails_share_two_connections(
    committed: Committed, postbox: Postbox, pooled: Settings
) -> None:
    migrate.upgrade(pooled)
    with build(replace(committed, settings=pooled), postbox) as house:
        house.start("redis", "worker", "scheduler", "web")
        answers = in_threads(lambda number: house.register(f"guest-{number}").status)
        assert answers == Counter({303: PEOPLE})
        assert in_threads(lambda _: ask(house, "GET", f"/tg/e/{house.slug}")[0]) == Counter({200: PEOPLE})
        assert in_threads(scanned_by_phones(committed, house)) == Counter({("accepted", True): PEOPLE})
        house.until(house.has_sent_all, 120)
    assert len(set(postbox.recipients)) == len(postbox.accepted) == PEOPLE
    with committed.engine.connect() as connection:
        counts = "SELECT (SELECT taken FROM event), (SELECT count(*) FROM admission)"
        assert tuple(connection.execute(text(counts)).one()) == (PEOPLE, PEOPLE)


def in_threads(act: Callable[[int], Any]) -> Counter[Any]:
    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(act, range(PEOPLE)))


def scanned_by_phones(committed: Committed, house: House) -> Callable[[int], tuple[str, bool]]:
    """Return an act: a phone checks a person in and polls; the results are the scan's, and that nothing else is new."""
    with committed.sessions.begin() as db:
        event = db.query(Event).one()
        _, token = make_device(db, make_door(db, event))
        assert event.sessions
        people = db.execute(text("SELECT ticket_id FROM registration ORDER BY id")).scalars().all()

    def check_in(number: int) -> tuple[str, bool]:
        batch = {"device_time": 1, "handed_in": number, "shifts": [], "walk_ins": []}
        sent = {**batch, "scans": [scan(event, people[number])]}
        received = ask(house, "POST", "/api/door/scans", token, sent)[1]
        return results(received)[0], ask(house, "GET", "/api/door/roster", token)[0] == 200

    return check_in


def ask(house: House, method: str, address: str, token: str = "", sent: Any = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} if token else {}
    with closing(http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)) as connection:
        connection.request(method, address, json.dumps(sent) if sent else None, headers)
        answer = connection.getresponse()
        content = answer.read()
    return answer.status, json.loads(content) if token else None


SHORT = {"statement_timeout": "200ms", "lock_timeout": "100ms", "idle_in_transaction_session_timeout": "100ms"}


def test_every_timeout_holds_on_every_connection(
    committed: Committed, pooled: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SHORT.items():
        monkeypatch.setitem(database.SESSION_SETTINGS, name, value)
    migrate.upgrade(pooled)
    engine = make_engine(pooled)
    with engine.connect() as one, engine.connect() as two:
        shown = [connection.execute(SHOWN, {"names": list(SHORT)}).one() for connection in (one, two)]
    assert len({process for process, _ in shown}) == 2
    assert [values for _, values in shown] == [list(SHORT.values())] * 2
    with engine.connect() as connection, committed.engine.connect() as other:
        assert ended_by(connection, "SELECT pg_sleep(20)") is QueryCanceled
        other.execute(text("LOCK TABLE event"))
        assert ended_by(connection, "LOCK TABLE event") is LockNotAvailable
        other.rollback()
        connection.execute(text("SELECT 1"))
        while other.execute(IDLE).scalar():
            other.rollback()
        assert ended_by(connection, "SELECT 1") is IdleInTransactionSessionTimeout
    engine.dispose()


SHOWN = text("SELECT pg_backend_pid(), ARRAY(SELECT current_setting(name) FROM unnest(CAST(:names AS text[])) AS name)")
IDLE = text("""
    SELECT true FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'idle in transaction' AND pid <> pg_backend_pid()
""")


def ended_by(connection: Connection, statement: str) -> type[BaseException | None]:
    """Return the error that a statement met; afterwards the connection is in no transaction."""
    with pytest.raises(DBAPIError) as refusal:
        connection.execute(text(statement))
    connection.rollback()
    return type(refusal.value.orig)


def test_no_connection_is_used_before_its_role_has_the_timeouts(committed: Committed, pooled: Settings) -> None:
    engine = make_engine(pooled)
    lacking = "idle_in_transaction_session_timeout, lock_timeout, statement_timeout"
    for _ in range(2):
        with pytest.raises(OperationalError, match=rf"\({lacking}\): run `turnout migrate`"):
            engine.connect()
    migrate.upgrade(pooled)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar() == "30s"
    engine.dispose()
