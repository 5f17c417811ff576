"""The scene of a measure: an event, its doors with paired phones, a list of people."""

import http.client
import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bench.service import Service
from shared import clock, tokens
from shared.database import make_sessions
from shared.events import events
from shared.models import Door, Event, Organization, TicketType
from tests.factories import make_pass, move_event

DOORS = 4
PHONES = 4
SEATS = 10_000_000
LOOKS = 12
TITLE = "An evening of talks"

# The ticket ids are those of bench.senders.person().
_PEOPLE = text("""
    INSERT INTO registration (event_id, ticket_type_id, state, confirmed_at, ticket_id, name, name_key, email,
                              contact_key, language)
    SELECT :event, :kind, 'confirmed', now(), substr(md5(:event || '.' || number), 1, 16), 'Guest ' || number,
           'guest ' || number, 'guest' || number || '@example.org', 'guest' || number || '@example.org', 'en'
    FROM generate_series(0, :people - 1) AS number
""")
_SEATED = "UPDATE {table} SET taken = :people WHERE {key} = :event"


@dataclass(frozen=True)
class Phone:
    """A paired phone, and the session that it scans for."""

    token: str
    session: int


def make_event(service: Service) -> Event:
    """Return a published event in a week, with seats for everyone and the usual texts of a page."""
    with make_sessions(service.engine).begin() as db:
        return _event(db, service)


def look_at(service: Service, event: Event) -> None:
    """Request an event's page until each web process has drawn its cover, which costs more than all the rest."""
    for _ in range(LOOKS):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
        connection.request("GET", f"/en/e/{event.slug}")
        connection.getresponse().read()
        connection.close()


def event_now(db: Session, service: Service) -> Event:
    """Return an event like make_event's that is on now, for a phone that checks the time."""
    event = _event(db, service)
    start = clock.now().replace(microsecond=0, tzinfo=None)
    move_event(db, event, starts=start, ends=start + timedelta(hours=3))
    return event


def make_doors(service: Service, people: int) -> tuple[Event, list[Phone]]:
    """Return an event with so many people on its list, and 4 doors with 4 phones each."""
    with make_sessions(service.engine).begin() as db:
        event = _event(db, service)
        db.add_all(Door(event_id=event.id, name={"en": f"Door {number}"}) for number in range(2, DOORS + 1))
        db.flush()
        event_doors = db.scalars(select(Door).where(Door.event_id == event.id)).all()
        passes = [make_pass(db, door, phones=PHONES) for door in event_doors]
        _fill(db, event, people)
        # Autovacuum would within a minute; the measured plan must not depend on that.
        db.execute(text("ANALYZE"))
    secret = service.settings.secrets[0]
    pairings = [tokens.make(secret, "pairing", id=door_pass.id, version=door_pass.version) for door_pass in passes]
    return event, [_pair(service, pairing) for pairing in pairings for _ in range(PHONES)]


def _event(db: Session, service: Service) -> Event:
    organization = Organization(slug=f"bench-{uuid4().hex}", name={"en": "Bench"}, zone="UTC", languages=["en"])
    starts = (clock.now() + timedelta(days=7)).replace(microsecond=0, tzinfo=None)
    event = Event(
        organization=organization,
        slug=f"bench-{uuid4().hex}",
        state="published",
        languages=["en"],
        title={"en": TITLE},
        summary={"en": "Five speakers, one evening, free for everybody who registers."},
        description={"en": "People who make things tell how they came to make them. " * 10},
        city={"en": "Dushanbe"},
        venue={"en": "The library"},
        zone="UTC",
        starts_local=starts,
        ends_local=starts + timedelta(hours=3),
        capacity=SEATS,
        ticket_types=[TicketType(title={"en": "Seat"}, capacity=SEATS)],
    )
    return events.add(db, event, secret=service.settings.secrets[0])


def _fill(db: Session, event: Event, people: int) -> None:
    values = {"event": event.id, "kind": event.ticket_types[0].id, "people": people}
    db.execute(_PEOPLE, values)
    for table, key in (("event", "id"), ("ticket_type", "event_id")):
        db.execute(text(_SEATED.format(table=table, key=key)), values)


def _pair(service: Service, secret: str) -> Phone:
    form = {"secret": secret, "volunteer": "Manizha", "device": str(uuid4())}
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    connection.request("POST", "/api/door/pair", json.dumps(form), {"Content-Type": "application/json"})
    answer = json.load(connection.getresponse())
    connection.close()
    return Phone(answer["token"], answer["sessions"][0]["id"])
