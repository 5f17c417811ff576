"""The scene of a measure: an event, its doors with paired phones, a list of people."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Text,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, joinedload, selectinload

from bench.service import Service
from shared import clock, tickets, tokens
from shared.database import Base, make_sessions
from shared.events import events
from shared.models import Door, Event, EventSession, Organization, TicketKey, TicketType, TicketTypeSession
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
    """A paired phone, and the sessions of its event."""

    token: str
    sessions: list[int]


def make_event(service: Service, *, seats: int = SEATS, taken: int = 0, sessions: int = 1) -> Event:
    """Return a published event in a week, by default with seats for everyone, and with the usual texts of a page."""
    with make_sessions(service.engine).begin() as db:
        event = _event(db, service, sessions)
        [ticket_type] = event.ticket_types
        event.capacity, event.taken = ticket_type.capacity, ticket_type.taken = seats, taken
        return event


def make_events(service: Service, number: int) -> list[Event]:
    """Return so many copies of such an event, of one organization."""
    with make_sessions(service.engine).begin() as db:
        event = _event(db, service)
        each = func.generate_series(1, number).table_valued("number").render_derived()
        slugs = {"slug": Event.slug + "-" + cast(each.c.number, Text)}
        copied = insert(Event).from_select(*_copied(Event, slugs, each, Event.id == event.id)).returning(Event.id)
        ids = db.scalars(copied).all()
        copies = func.unnest(literal(ids, ARRAY(BigInteger))).table_valued("id").render_derived()
        for table in (EventSession, TicketType, Door):
            rows = _copied(table, {"event_id": copies.c.id}, copies, table.event_id == event.id)
            db.execute(insert(table).from_select(*rows))
        secret = service.settings.secrets[0]
        db.add_all(
            TicketKey(event_id=id_, version=1, public=tickets.public_key(secret, event_id=id_, version=1))
            for id_ in ids
        )
        db.flush()
        admitting = select(TicketType.event_id, TicketType.id, EventSession.id).where(
            TicketType.event_id == EventSession.event_id, TicketType.event_id.in_(select(copies.c.id))
        )
        names = ["event_id", "ticket_type_id", "session_id"]
        db.execute(insert(TicketTypeSession).from_select(names, admitting))
        db.execute(text("ANALYZE"))
        whole = select(Event).where(Event.id.in_(ids)).options(selectinload(Event.ticket_types))
        return list(db.scalars(whole.options(joinedload(Event.organization))))


def _copied(
    table: type[Base], changed: Mapping[str, ColumnElement[Any]], times: FromClause, *where: ColumnElement[bool]
) -> tuple[list[str], Select[Any]]:
    """Return the names of a table's columns, and a query for copies of its rows; PostgreSQL numbers them itself."""
    columns = [column for column in table.__table__.columns if not column.identity and not column.computed]
    rows = select(*(changed.get(column.name, column) for column in columns)).select_from(table).join(times, true())
    return [column.name for column in columns], rows.where(*where)


def look_at(service: Service, address: str) -> None:
    """Request a page until each web process has drawn its covers, which cost more than all the rest."""
    for _ in range(LOOKS):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
        connection.request("GET", address)
        connection.getresponse().read()
        connection.close()


def event_now(db: Session, service: Service) -> Event:
    """Return an event like make_event's that is on now, for a phone that checks the time."""
    event = _event(db, service)
    start = clock.now().replace(microsecond=0, tzinfo=None)
    move_event(db, event, starts=start, ends=start + timedelta(hours=3))
    return event


def make_doors(service: Service, event: Event, people: int) -> list[Phone]:
    """Return 4 phones at each of 4 doors of an event, which gets so many people on its list."""
    with make_sessions(service.engine).begin() as db:
        db.add_all(Door(event_id=event.id, name={"en": f"Door {number}"}) for number in range(2, DOORS + 1))
        db.flush()
        event_doors = db.scalars(select(Door).where(Door.event_id == event.id)).all()
        passes = [make_pass(db, door, phones=PHONES) for door in event_doors]
        _fill(db, event, people)
        # Autovacuum would within a minute; the measured plan must not depend on that.
        db.execute(text("ANALYZE"))
    secret = service.settings.secrets[0]
    pairings = [tokens.make(secret, "pairing", id=door_pass.id, version=door_pass.version) for door_pass in passes]
    return [_pair(service, pairing) for pairing in pairings for _ in range(PHONES)]


def _event(db: Session, service: Service, sessions: int = 1) -> Event:
    organization = Organization(slug=f"bench-{uuid4().hex}", name={"en": "Bench"}, zone="UTC", languages=["en"])
    starts = (clock.now() + timedelta(days=7)).replace(microsecond=0, tzinfo=None)
    times = {"starts_local": starts, "ends_local": starts + timedelta(hours=3)}
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
        **times,
        capacity=SEATS,
        sessions=[EventSession(**times) for _ in range(sessions)],
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
    return Phone(answer["token"], [session["id"] for session in answer["sessions"]])
