"""The same requests at a thousand, a hundred thousand and a million registrations: what grows with them?"""

import http.client
from collections.abc import Iterator, Sequence
from contextlib import closing

from sqlalchemy import text

from bench import crowd, desk, parts, scene
from bench.desk import Desk
from bench.load import percentile
from bench.measures import MEASURES, Floors, take
from bench.service import Service
from bench.table import Cost, Row
from shared.database import make_sessions
from shared.models import Event
from tests.factories import make_account, make_sign_in

STAGES = (1_000, 100_000, 1_000_000)
EVENTS = 100
"""They share the registrations, so that events do not grow with them."""
TAKEN = ("registration, 8 people", "scans, one at a time", "event page", "list of events")

# As the worker leaves them.
_SENT = text("""
    INSERT INTO outbox (kind, subject, priority, attempts, finished_at, outcome)
    SELECT 'registration_confirmed', id, 1, 1, now(), 'sent' FROM registration
    ON CONFLICT DO NOTHING
""")


def measure(
    service: Service, seconds: float, *, stages: Sequence[int] = STAGES, looks: int = desk.LOOKS
) -> Iterator[tuple[Row, list[str]]]:
    """Yield the rows of each stage, with its number in their names, and their errors."""
    events, floors = scene.make_events(service, EVENTS), Floors(seconds / 5)
    with make_sessions(service.engine).begin() as db:
        token = make_sign_in(db, make_account(db, organization=events[0].organization, role="organizer"))
    of_event = f"/events/{events[0].id}"
    pages = {"its people": f"{of_event}/people/", "a name": f"{of_event}/people/?q=madina", "status": "/health"}
    for before, stage in zip((0, *stages), stages, strict=False):
        _grow(service, events, before // EVENTS, stage // EVENTS)
        for measured in MEASURES:
            if measured.name in TAKEN:
                row, faults = take(service, measured, seconds, floors)
                yield _at(stage, row), faults
        with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)) as connection:
            for name, page in pages.items():
                yield _at(stage, _looked(Desk(connection, token, "/organize"), f"organizer: {name}", page, looks)), []


def _grow(service: Service, events: Sequence[Event], before: int, after: int) -> None:
    """Let each event grow to so many registrations, whose emails were sent."""
    for event in events:
        with make_sessions(service.engine).begin() as db:
            crowd.register(db, event=event, people=after - before, first=before + 1)
    with service.engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(_SENT)
    crowd.settle(service.engine)


def _looked(browser: Desk, name: str, page: str, looks: int) -> Row:
    for _ in range(desk.WARM_UP):
        browser.ask(page)
    before = parts.sample()
    times = [browser.ask(page).whole_ms for _ in range(looks)]
    cost = Cost.of(parts.used(before), looks)
    return Row(name, 1, 1000 * looks / sum(times), percentile(times, 0.5), percentile(times, 0.99), cost=cost)


def _at(stage: int, row: Row) -> Row:
    return Row(**{**vars(row), "measure": f"{row.measure} | {stage:,}"})
