"""All measures, in one table, and the taking of one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

from bench import floor, scene
from bench.facts import disagreements
from bench.floor import Floor
from bench.load import Order, run
from bench.service import Service
from bench.table import Row

# Shares of the time of a measure: the floor's, and the warm-up's of the rest.
_FLOOR_SHARE = 1 / 3
_WARM_UP_SHARE = 1 / 4

_PLACES = """
    SELECT taken AS seats_taken,
           (SELECT sum(taken) FROM ticket_type WHERE event_id = :event) AS seats_of_ticket_types,
           (SELECT count(*) FROM registration WHERE event_id = :event AND state = 'confirmed') AS registrations,
           (SELECT count(*) FROM outbox JOIN registration ON registration.id = subject
            WHERE kind = 'registration_confirmed' AND event_id = :event) AS enqueued_emails
    FROM event WHERE id = :event
"""
_SCANS = """
    SELECT (SELECT count(*) FROM scan WHERE event_id = :event) AS scans,
           (SELECT count(*) FROM admission WHERE event_id = :event AND entries = 1 AND conflicts = '[]') AS admissions
"""


@dataclass(frozen=True)
class Ground:
    """The basis of a measure: an event, and the arguments of each client's sender."""

    event: int
    clients: list[dict[str, Any]]


@dataclass(frozen=True)
class Measure:
    """One row of the table. `size`: the number that one request counts for; `facts`: see bench.facts."""

    name: str
    sender: str
    prepare: Callable[[Service, float], Ground]
    floor: Floor
    size: int = 1
    facts: str = ""


def take(service: Service, measure: Measure, seconds: float) -> tuple[Row, list[str]]:
    """Take a measure and its floor in so many seconds, and return it with its errors. Raises CannotStart."""
    lasts = seconds * (1 - _FLOOR_SHARE)
    ground = measure.prepare(service, lasts)
    outcome = run(Order(service.port, lasts, lasts * _WARM_UP_SHARE, measure.sender, ground.clients))
    faults = [f"{times} × {fault}" for fault, times in outcome.wrong.items()]
    if measure.facts:
        with service.engine.connect() as connection:
            faults += disagreements(connection, measure.facts, outcome.right * measure.size, event=ground.event)
    reached, faults_of_floor = floor.measure(measure.floor, service.engine, seconds * _FLOOR_SHARE)
    faults += [f"the floor: {fault}" for fault in faults_of_floor]
    rate = outcome.per_second * measure.size
    row = Row(measure.name, len(ground.clients), rate, outcome.p50_ms, outcome.p99_ms, reached)
    return row, [f"{measure.name}: {fault}" for fault in faults]


def _hot_event(service: Service, seconds: float) -> Ground:
    event = scene.make_event(service)
    return Ground(event.id, [{"slug": event.slug, "client": number} for number in range(64)])


def _read_event(service: Service, seconds: float) -> Ground:
    event = scene.make_event(service)
    scene.look_at(service, event)
    return Ground(event.id, [{"slug": event.slug, "title": scene.TITLE}] * 16)


def _doors(service: Service, seconds: float, *, batch: int, most: int) -> Ground:
    """Return doors with a list for `most` scans a second; on a faster machine the measure is shorter."""
    per_phone = ceil(seconds * most / (scene.DOORS * scene.PHONES * batch)) * batch
    event, phones = scene.make_doors(service, per_phone * scene.DOORS * scene.PHONES)
    clients = [
        {
            "token": phone.token,
            "session": phone.session,
            "event": event.id,
            "people": (index * per_phone, (index + 1) * per_phone),
            "batch": batch,
        }
        for index, phone in enumerate(phones)
    ]
    return Ground(event.id, clients)


def _scans(name: str, batch: int, most: int) -> Measure:
    prepare = partial(_doors, batch=batch, most=most)
    return Measure(f"scans, {name}", "scans", prepare, floor.scans(batch), size=batch, facts=_SCANS)


MEASURES = (
    Measure("registration, one hot event", "registration", _hot_event, floor.SEAT, facts=_PLACES),
    _scans("one at a time", 1, most=2_500),
    _scans("batches of 10", 10, most=12_000),
    _scans("batches of 100", 100, most=30_000),
    Measure("event page", "page", _read_event, floor.PAGE),
)
