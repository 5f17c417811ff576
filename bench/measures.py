"""All measures that have a floor, in one table, and the taking of one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from typing import Any

from bench import floor, parts, scene, statements
from bench.facts import disagreements
from bench.floor import Floor
from bench.load import Order, Outcome, run
from bench.service import Service
from bench.table import Cost, Row
from shared import links

# Shares of the time that counts: the warm-up's, and the floor's.
WARM_UP = 1 / 5
FLOOR = 2 / 5
REQUESTS = 40
"""Requests of one more client, one after the other, whose statements are counted."""
CROWD, VISITORS = 64, 16
EVENTS, MANY_EVENTS = 100, 580
SESSIONS = 10
"""Of an event with doors: everyone is admitted to each, so that a list of a tenth of the scans is enough."""

SEATS = """
    SELECT sum(taken) AS seats_taken,
           (SELECT sum(taken) FROM ticket_type WHERE event_id = ANY(:events)) AS seats_of_ticket_types,
           (SELECT count(*) FROM registration WHERE event_id = ANY(:events) AND state = 'confirmed') AS registrations,
           (SELECT count(*) FROM outbox JOIN registration ON registration.id = subject
            WHERE kind = 'registration_confirmed' AND event_id = ANY(:events)) AS enqueued_emails
    FROM event WHERE id = ANY(:events)
"""
SCANS = """
    SELECT (SELECT count(*) FROM scan WHERE event_id = ANY(:events)) AS scans,
           (SELECT count(*) FROM admission
            WHERE event_id = ANY(:events) AND entries = 1 AND conflicts = '[]') AS admissions
"""


@dataclass(frozen=True)
class Ground:
    """The basis of a measure: its events, and the arguments of each client's sender; the last client's are those of the
    requests whose statements are counted.
    """

    clients: list[dict[str, Any]]
    events: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Measure:
    """One row of the table. `size`: the number that one request counts for; `facts`: see bench.facts.

    Without a floor of PostgreSQL the floor is the rate of `/healthz`: what every request costs.
    """

    name: str
    sender: str
    prepare: Callable[[Service, float], Ground]
    floor: Floor | None = None
    size: int = 1
    facts: str = ""


@dataclass(frozen=True)
class Floors:
    """The floors of a run: each is measured once, after the first measure that needs it."""

    seconds: float
    rates: dict[Floor | None, float] = field(default_factory=dict)

    def rate(self, service: Service, wanted: Floor | None) -> tuple[float, list[str]]:
        """Return rows a second, and errors. Raises CannotStart."""
        faults: list[str] = []
        if wanted not in self.rates:
            engine, seconds = service.engine, self.seconds
            self.rates[wanted], faults = floor.measure(wanted, engine, seconds) if wanted else _alive(service, seconds)
        return self.rates[wanted], [f"the floor: {fault}" for fault in faults]


def take(service: Service, measure: Measure, seconds: float, floors: Floors) -> tuple[Row, list[str]]:
    """Take a measure that counts for so many seconds, and return it with its errors. Raises CannotStart."""
    lasts = seconds * (1 + WARM_UP)
    ground = measure.prepare(service, lasts)
    *clients, single = ground.clients
    before = parts.sample()
    outcome = run(Order(service.port, lasts, lasts - seconds, measure.sender, clients))
    cost = Cost.of(parts.used(before), outcome.right * measure.size)
    order = Order(service.port, lasts, 0, measure.sender, [single], requests=REQUESTS)
    counted, executed = statements.count(service, lambda: run(order))
    floor_per_second, faults_of_floor = floors.rate(service, measure.floor)
    row = Row(
        measure=measure.name,
        clients=len(clients),
        per_second=outcome.per_second * measure.size,
        p50_ms=outcome.p50_ms,
        p99_ms=outcome.p99_ms,
        floor_per_second=floor_per_second,
        cost=cost,
        statements=executed.statements / max(1, counted.right),
        round_trips=executed.round_trips / max(1, counted.right),
        kb=outcome.kb,
    )
    faults = (*_faults(service, measure, ground, (outcome, counted)), *faults_of_floor)
    return row, [f"{measure.name}: {fault}" for fault in faults]


def _faults(service: Service, measure: Measure, ground: Ground, outcomes: Sequence[Outcome]) -> list[str]:
    """Return the wrong answers, and what the tables have that was not acknowledged."""
    wrong = [f"{times} × {fault}" for outcome in outcomes for fault, times in outcome.wrong.items()]
    if not measure.facts:
        return wrong
    acknowledged = sum(outcome.right for outcome in outcomes) * measure.size
    with service.engine.connect() as connection:
        return wrong + disagreements(connection, measure.facts, acknowledged, events=ground.events)


def _alive(service: Service, seconds: float) -> tuple[float, list[str]]:
    outcome = run(Order(service.port, seconds * (1 + WARM_UP), seconds * WARM_UP, "alive", [{}] * VISITORS))
    return outcome.per_second, [f"{times} × {fault}" for fault, times in outcome.wrong.items()]


def _registrations(service: Service, seconds: float, *, people: int, events: int = 1) -> Ground:
    made = scene.make_events(service, events)
    slugs = [event.slug for event in made]
    clients = [{"slugs": slugs[number:] + slugs[:number], "client": number} for number in range(people + 1)]
    return Ground(clients, [event.id for event in made])


def _full_event(service: Service, seconds: float) -> Ground:
    event = scene.make_event(service, seats=1, taken=1)
    return Ground([{"slugs": [event.slug], "client": number, "right": [409]} for number in range(CROWD + 1)])


def _page(service: Service, seconds: float, *, is_list: bool = False) -> Ground:
    address = links.home("en") if is_list else links.event("en", scene.make_event(service).slug)
    scene.look_at(service, address)
    return Ground([{"address": address, "holds": scene.TITLE}] * (VISITORS + 1))


def _first_looks(service: Service, seconds: float, *, most: int) -> Ground:
    """Return pages for `most` looks a second; on a faster machine the measure is shorter."""
    each = ceil(seconds * most / VISITORS)
    addresses = [links.event("en", event.slug) for event in scene.make_events(service, each * VISITORS + REQUESTS)]
    shares = [addresses[begin : begin + each] for begin in range(0, each * VISITORS, each)]
    return Ground([{"addresses": share, "holds": scene.TITLE} for share in (*shares, addresses[-REQUESTS:])])


def _doors(service: Service, seconds: float, *, batch: int, most: int) -> Ground:
    """Return doors with a list for `most` scans a second; on a faster machine the measure is shorter."""
    size = scene.DOORS * scene.PHONES
    per_phone = ceil(seconds * most / (size * batch * SESSIONS)) * batch
    event = scene.make_event(service, sessions=SESSIONS)
    phones = scene.make_doors(service, event, per_phone * size + REQUESTS * batch)
    clients = [
        {
            "token": phone.token,
            "sessions": phone.sessions,
            "event": event.id,
            "people": (index * per_phone, (index + 1) * per_phone),
            "batch": batch,
        }
        for index, phone in enumerate(phones)
    ]
    counted = {**clients[0], "people": (per_phone * size, per_phone * size + REQUESTS * batch)}
    return Ground([*clients, counted], [event.id])


def _polls(service: Service, seconds: float) -> Ground:
    phones = scene.make_doors(service, scene.make_events(service, MANY_EVENTS)[0], 0)
    return Ground([{"token": phone.token} for phone in (*phones, phones[0])])


def _scans(name: str, batch: int, most: int) -> Measure:
    prepare = partial(_doors, batch=batch, most=most)
    return Measure(f"scans, {name}", "scans", prepare, floor.scans(batch), size=batch, facts=SCANS)


def _registration(name: str, people: int, events: int = 1) -> Measure:
    prepare = partial(_registrations, people=people, events=events)
    return Measure(f"registration, {name}", "registration", prepare, floor.SEAT, facts=SEATS)


MEASURES = (
    _registration("8 people", people=8),
    _registration("one hot event", people=CROWD),
    _registration("100 events", people=CROWD, events=EVENTS),
    Measure("registration, refused: full", "registration", _full_event, floor.SEAT),
    _scans("one at a time", 1, most=2_000),
    _scans("batches of 10", 10, most=10_000),
    _scans("batches of 100", 100, most=20_000),
    Measure("event page", "pages", _page),
    Measure("event page, unchanged", "revisits", _page),
    Measure("list of events", "pages", partial(_page, is_list=True)),
    Measure("polls, nothing new", "polls", _polls),
    Measure("event page, first look", "first_looks", partial(_first_looks, most=300)),
)
