"""A seat is never given twice while processes of this version and of the one before run at the same time."""

import json
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select, text

from shared import clock
from shared.models import Event, OutboxMessage, Registration
from shared.registrations.new_registration import NewRegistration, draw_party
from shared.registrations.taking_seats import take_seats
from tests.conftest import Committed
from tests.factories import make_event
from tests.support.threads import together

THREADS = 40
SEATS = 17
BEFORE = text((Path(__file__).parent / "taking_seats_until_0019.sql").read_text())


def _as_before(committed: Committed, event: Event, new_registration: NewRegistration) -> Any:
    host, *companions = draw_party(new_registration)
    names = ("email", "phone", "contact_key", "language", "once", "source", "consent")
    values = {name: getattr(new_registration, name) for name in names} | {
        "event": event.id,
        "version": event.version,
        "ticket_type": event.ticket_types[0].id,
        "party": 1 + len(companions),
        "host": json.dumps(host),
        "companions": json.dumps(companions),
        "companion_codes": [person["short_code"] for person in companions],
        "state": "confirmed",
        "confirmed_at": clock.now(),
        "deadline": None,
        "answers": "{}",
        "wording": None,
        "kind": "registration_confirmed",
        "priority": 0,
    }
    with committed.sessions.begin() as db:
        return db.scalars(BEFORE, values).one()


def _as_now(committed: Committed, event: Event, new_registration: NewRegistration) -> int | None:
    with committed.sessions.begin() as db:
        return take_seats(db, event, event.ticket_types[0], new_registration, clock.now(), version=event.version).id


def test_two_versions_together_give_each_seat_once(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        talk = make_event(db, capacity=SEATS)
        assert talk.ticket_types
    sizes = Random(5).choices([1, 2, 3], k=THREADS)

    def act(number: int) -> str:
        companions = tuple(f"Guest {n}" for n in range(1, sizes[number]))
        email = f"host{number // 2}@example.org"
        person = NewRegistration(name="Host", language="tg", email=email, companions=companions)
        # Each contact comes twice, once to each version.
        take = _as_before if (number + number // 4) % 2 else _as_now
        return "seated" if take(committed, talk, person) else "refused"

    outcomes = together(THREADS, act)
    hosts = select(func.count(Registration.contact_key.distinct())).where(Registration.host_id.is_(None))
    with committed.sessions.begin() as db:
        counted = db.get_one(Event, talk.id)
        people = db.scalar(select(func.count()).select_from(Registration))
        enqueued = db.scalar(select(func.count()).select_from(OutboxMessage))
        assert counted.taken == counted.ticket_types[0].taken == people
        assert SEATS - 2 <= counted.taken <= SEATS
        assert outcomes["seated"] == enqueued == db.scalar(hosts)
