"""A row, a process or a database that stands still takes its own event along, and nothing else."""

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from shared import clock
from shared.command import supervisor
from shared.command.processes import wait_until
from shared.config import Settings
from tests.conftest import Committed, own_database
from tests.factories import make_device, make_door, make_event
from tests.support.door_api import scan
from tests.support.hanging_database import HangingDatabase, hanging_database
from tests.support.web_tier import Tier, running

pytestmark = [pytest.mark.chaos, pytest.mark.alone]

WAITING = 30
SOON = 1.0


@dataclass(frozen=True)
class Scene:
    """A web tier, its database behind a proxy, an event that will be held, and another with a phone."""

    tier: Tier
    committed: Committed
    proxy: HangingDatabase
    held: str
    other: str
    token: str
    scan: str

    def register(self, number: int) -> int:
        """Register a person for the event that is held; return the status."""
        fields = {"name": f"Шариф {number}", "email": f"p{number}@example.org", "consent": "yes"}
        return self.tier.address.ask("POST", f"/en/e/{self.held}/registrations", fields, timeout=60)[0]

    def send_scan(self) -> tuple[int, float]:
        """Send a scan of the other event; return the status, and the seconds until then."""
        began = clock.now()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.tier.address.port, timeout=5)) as door:
            try:
                door.request("POST", "/api/door/scans", self.scan, headers)
                status = door.getresponse().status
            except TimeoutError:
                status = 0
        return status, (clock.now() - began).total_seconds()

    def others(self) -> list[tuple[int, float]]:
        """Return the answers to everyone else: a page, a scan, and whether it is alive."""
        ask = self.tier.address.ask
        return [ask("GET", f"/en/e/{self.other}", timeout=5), self.send_scan(), ask("GET", "/healthz", timeout=5)]

    def waits(self) -> bool:
        """Return whether two requests of each process wait for a row."""
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        with self.committed.engine.connect() as connection:
            return int(connection.scalar(text(waiting)) or 0) >= 4


@pytest.fixture(scope="module")
def scene(settings: Settings) -> Iterator[Scene]:
    """Run a web tier for all tests here."""
    with own_database(settings) as committed, hanging_database(committed.settings) as proxy:
        with committed.sessions.begin() as db:
            held, other = make_event(db, capacity=10_000), make_event(db)
            _, token = make_device(db, make_door(db, other))
            batch = {"device_time": clock.milliseconds(clock.now()), "handed_in": 0, "scans": [scan(other)]}
            names = {"held": held.slug, "other": other.slug, "token": token, "scan": json.dumps(batch)}
        with running(committed, database_url=proxy.url) as tier:
            scene = Scene(tier, committed, proxy, **names)
            for _ in range(4):
                scene.others()  # the first look at a page costs each process more
            yield scene


@contextlib.contextmanager
def held_row(scene: Scene) -> Iterator[None]:
    """Hold an event's row, and have 30 people wait for it; each tries again a second after a refusal."""
    over = threading.Event()
    lock = text("SELECT FROM event WHERE slug = :slug FOR UPDATE")

    def insist(number: int) -> None:
        while not over.is_set():
            scene.register(number)
            over.wait(1)

    people = [threading.Thread(target=insist, args=(number,)) for number in range(WAITING)]
    with scene.committed.engine.connect() as holder:
        holder.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        holder.execute(lock, {"slug": scene.held})
        for person in people:
            person.start()
        assert wait_until(scene.waits, lambda: True, 30)
        try:
            yield
        finally:
            over.set()
            holder.rollback()
            for person in people:
                person.join(60)


def assert_soon(answers: list[tuple[int, float]]) -> None:
    assert {status for status, _ in answers} == {200}
    assert max(seconds for _, seconds in answers) < SOON, answers


def test_a_row_that_is_held_stops_its_own_event_alone(scene: Scene) -> None:
    with held_row(scene):
        for _ in range(5):
            assert_soon(scene.others())
    assert scene.register(1_000) == 303


def test_a_process_frozen_in_a_registration_stops_no_other_event(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "HUNG_AFTER", 600.0)
    frozen = scene.tier.processes("web-1.sock")
    try:
        with held_row(scene):
            for process in frozen:
                process.suspend()
            # What it had accepted waits for its replacement; the front passes it over after two silences.
            assert wait_until(lambda: all(status == 200 for status, _ in scene.others()), lambda: True, 30)
            for _ in range(5):
                assert_soon(scene.others())
            for process in frozen:
                process.resume()
    finally:
        for process in frozen:
            process.resume()


def test_liveness_is_answered_while_the_database_hangs(scene: Scene) -> None:
    ask, pages = scene.tier.address.ask, []
    scene.proxy.flows.clear()
    try:
        for number in range(16):
            address = f"/en/e/{scene.other}?again={number}"
            pages.append(threading.Thread(target=ask, args=("GET", address), kwargs={"timeout": 60}))
            pages[-1].start()
        assert_soon([ask("GET", "/healthz", timeout=30) for _ in range(5)])
    finally:
        scene.proxy.flows.set()
        for page in pages:
            page.join(60)
