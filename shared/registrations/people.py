"""The sessions of an event, as a fragment of other statements."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, Text, and_, cast, func, or_, select, text
from sqlalchemy.orm import Session, joinedload

from shared import clock
from shared.contacts import contact_key_of
from shared.errors import Missing
from shared.i18n import beginnings
from shared.models import Channel, Event, OutboxMessage, Registration, RegistrationState, TicketType
from shared.models.registration import NAME_WORDS
from shared.tickets import read_short_code

# An array, which is looked up once: for a condition with a subquery the planner expects far too few people inside.
STILL_ON = """ANY (ARRAY(
    SELECT part.id FROM event_session part JOIN event ON event.id = part.event_id
    WHERE part.event_id = :event
      AND (part.ends_at IS NULL OR part.ends_at + make_interval(mins => CAST(event.grace_minutes AS integer)) > :now)
))"""
"""Equals the id of a session that people may be inside of `now`: a person who was not scanned out has left when the
session's grace is over, as in the report.
"""


SHORTEST_PHONE_END = 3

FILTERS: Mapping[str, str] = {
    "state": "state = :state",
    "ticket_type": "ticket_type_id = :ticket_type",
    "language": "language = :language",
    "source": "source = :source",
}
"""Filters by a column, each with its value; the columns are in the index of the list."""


# A person's scans at another organization's doors are not this one's business, whatever a phone sends from there.
MINE = "admission WHERE person = listed.ticket_id AND event_id = :event"

COMING: Mapping[str, str] = {
    "came": f"EXISTS (SELECT FROM {MINE} AND first IS NOT NULL)",
    "not": f"NOT EXISTS (SELECT FROM {MINE} AND first IS NOT NULL)",
    "inside": f"EXISTS (SELECT FROM {MINE} AND inside IS NOT NULL AND session_id = {STILL_ON})",
}

WALK_INS: Mapping[str, str] = {"only": "walk_in", "none": "NOT walk_in"}

NAMED: Mapping[str, str] = {
    "words": f"{NAME_WORDS} @@ CAST(:words AS tsquery)",
    "email": "email LIKE :email",
    "phone": "reverse(phone) LIKE :phone",
    "number": "reverse(phone) LIKE :number",
    "code": "short_code = :code",
}
"""The ways to search, each with an index of its own."""


BY_NAME: tuple[str, ...] = ("name_order", "id")

BY_WAITING = ("coalesce(waited_at, created_at)", "coalesce(host_id, id)", "id")
"""The orders of the list, as columns: the first is an index, the second is the order in which seats are offered."""


WAITING = "state = 'waiting' AND NOT walk_in"
"""Spelled like a partial index: the rows to sort are few."""


COLUMNS = (
    "id, event_id, name_order, ticket_id, state, ticket_type_id, language, source, walk_in,"
    " waited_at, created_at, host_id"
)

ROWS = f"""
    SELECT person.id, person.name, person.email, person.phone, person.language, person.state, person.walk_in,
           person.ticket_type_id, person.answers, person.source, person.created_at, person.host_id, person.short_code,
           coming.first_at, coalesce(coming.inside, false) AS inside, (
               SELECT count(*) FROM registration beside
               WHERE person.state = 'waiting' AND beside.state = 'waiting'
                 AND coalesce(person.host_id, person.id) IN (beside.id, beside.host_id)
           ) AS waiting_together
    FROM page JOIN registration person USING (id)
    LEFT JOIN LATERAL (
        SELECT min(first_at) AS first_at, bool_or(inside IS NOT NULL AND session_id = {STILL_ON}) AS inside
        FROM admission WHERE admission.person = person.ticket_id AND admission.event_id = :event
    ) coming ON true
    ORDER BY page.place
"""  # noqa: S608 - a constant of its neighbour

IDS = "SELECT id FROM page ORDER BY place"

SCANS = text("""
    SELECT scan.id, scan.undoes, scan.kind, scan.at, scan.reason, scan.standing, door.name AS door,
           coalesce(shift.name, '') AS volunteer
    FROM scan JOIN door ON door.id = scan.door_id
    LEFT JOIN LATERAL (
        SELECT name FROM shift WHERE device_id = scan.device_id AND since <= scan.at ORDER BY since DESC LIMIT 1
    ) shift ON true
    WHERE scan.event_id = :event AND scan.person IN (
        SELECT CAST(:person AS text) UNION ALL SELECT ticket_id FROM registration WHERE merged_into = :person
    )
    ORDER BY scan.at, scan.id LIMIT :limit
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A filter of the list; empty fits everyone. `contacts`: True if contacts may be searched."""

    words: str = ""
    state: RegistrationState | None = None
    ticket_type: int | None = None
    language: str = ""
    source: str = ""
    came: str = ""
    walk_ins: str = ""
    contacts: bool = field(default=True, compare=False)


EVERYONE = Wanted()


@dataclass(frozen=True, slots=True)
class Head:
    """The event above the list, with the values of its filters. `channels`: the names of its short links by code."""

    event: Event
    channels: Mapping[str, str]


def listed(
    db: Session, *, event_id: int, wanted: Wanted = EVERYONE, limit: int, after: int | None = None
) -> Sequence[Row[Any]]:
    """Return attendees by name with their arrival (milliseconds since 1970), presence, and the size of the group they
    wait with; `after` is the id before the first. A list of those who wait is in the order of the waiting list.
    """
    page, values = matching(event_id, wanted, limit=limit, after=after)
    return db.execute(text(f"{page} {ROWS}"), values).all()


def ids(db: Session, *, event_id: int, wanted: Wanted, limit: int) -> list[int]:
    """Return the ids of the matching attendees, in the order of the list."""
    page, values = matching(event_id, wanted, limit=limit)
    return list(db.scalars(text(f"{page} {IDS}"), values))


def held_ids(db: Session, *, event_id: int) -> Sequence[int]:
    """Return the ids of unconfirmed registrations with a reserved seat, beyond a network's share."""
    return db.scalars(_held(event_id).with_only_columns(Registration.id).order_by(Registration.id)).all()


def held_by_type(db: Session, *, event_id: int) -> Mapping[int, int]:
    """Count those reserved seats by ticket type."""
    ticket_type = Registration.ticket_type_id
    return dict(db.execute(_held(event_id).with_only_columns(ticket_type, func.count()).group_by(ticket_type)).all())


def matching(
    event_id: int, wanted: Wanted, *, limit: int | None = None, after: int | None = None
) -> tuple[str, dict[str, Any]]:
    """Return the beginning of a statement, WITH page (id, place) of the matching attendees in order, and its values."""
    values: dict[str, Any] = {"event": event_id, "limit": limit, "now": clock.now()}
    conditions = ["event_id = :event", *_filters(wanted, values)]
    columns = BY_NAME
    if wanted.state == RegistrationState.WAITING:
        columns = BY_WAITING
        conditions.append(WAITING)
    order = ", ".join(columns)
    if after is not None:
        # Column by column: a row from one subquery would be compared without the index.
        of_last = "FROM registration WHERE id = :after AND event_id = :event"
        last = ", ".join(f"(SELECT {column} {of_last})" for column in columns)
        conditions.append(f"({order}) > ({last})")
        values["after"] = after
    search, source = _found(event_id, wanted, values)
    where = " AND ".join(conditions)
    # Constants of this module, chosen by keys of its tables; every value is bound.
    position = f"row_number() OVER (ORDER BY {order}) AS place"
    page = f"SELECT id, {position} FROM {source} listed WHERE {where} ORDER BY {order} LIMIT :limit"  # noqa: S608
    return f"WITH {search} page AS ({page})", values


def head(db: Session, *, event: Event) -> Head:
    """Return the head of an event's list, in one statement."""
    # As text, since SQLAlchemy compares rows by their hash.
    names = cast(func.json_object_agg(Channel.code, Channel.name), Text)
    channels = select(names).where(Channel.event_id == Event.id).correlate(Event).scalar_subquery()
    query = select(Event, channels).options(joinedload(Event.series), joinedload(Event.ticket_types))
    row = db.execute(query.where(Event.id == event.id)).unique().one()
    return Head(row[0], json.loads(row[1] or "{}"))


def person(db: Session, *, event_id: int, person_id: int) -> Registration:
    """Return one registration of an event. Raises Missing for another event's."""
    conditions = Registration.event_id == event_id, Registration.id == person_id
    registration = db.scalars(
        select(Registration).options(joinedload(Registration.ticket_type)).where(*conditions)
    ).one_or_none()
    if registration is None:
        raise Missing("registration")
    return registration


def people(db: Session, *, event_id: int, ids: Sequence[int]) -> Sequence[Registration]:
    """Return the registrations with these ids that belong to the event, by name."""
    conditions = Registration.event_id == event_id, Registration.id.in_(ids)
    return db.scalars(select(Registration).where(*conditions).order_by(Registration.name_order, Registration.id)).all()


def party(db: Session, *, registration: Registration) -> Sequence[Registration]:
    """Return the others of a registration's group, the host first."""
    host = registration.host_id or registration.id
    in_group = (Registration.id == host) | (Registration.host_id == host)
    query = select(Registration).where(in_group, Registration.id != registration.id)
    return db.scalars(query.order_by(Registration.id)).all()


def without_email(db: Session, *, event: Event, limit: int, offset: int) -> Sequence[Sequence[Registration]]:
    """Return an event's live groups whose first attendee gave no email address, that attendee first and in order of
    name, with the sessions of their tickets. Guests of a host who has cancelled have no contact and are left out.
    """
    host = and_(Registration.host_id.is_(None), Registration.email.is_(None), Registration.walk_in.is_(False))
    query = select(Registration).where(Registration.event_id == event.id, Registration.is_live, host)
    query = query.order_by(Registration.name_order, Registration.id).limit(limit).offset(offset)
    hosts = db.scalars(query).all()
    of_hosts = parties(db, event=event, hosts=[registration.id for registration in hosts])
    return [of_hosts[registration.id] for registration in hosts]


def parties(db: Session, *, event: Event, hosts: Sequence[int]) -> Mapping[int, Sequence[Registration]]:
    """Return the live members of these hosts' groups, by host, with the sessions of their tickets."""
    live = select(Registration).where(Registration.event_id == event.id, Registration.is_live)
    query = live.where(or_(Registration.id.in_(hosts), Registration.host_id.in_(hosts))).options(
        joinedload(Registration.ticket_type).selectinload(TicketType.sessions)
    )
    groups: dict[int, list[Registration]] = defaultdict(list)
    for registration in db.scalars(query.order_by(Registration.id)):
        groups[registration.host_id or registration.id].append(registration)
    return groups


def emails(db: Session, *, registration_id: int, kinds: Sequence[str], limit: int) -> Sequence[OutboxMessage]:
    """Return a registration's emails of these kinds, the oldest first; `kinds` are those about registrations."""
    conditions = OutboxMessage.kind.in_(kinds), OutboxMessage.subject == registration_id
    return db.scalars(select(OutboxMessage).where(*conditions).order_by(OutboxMessage.created_at).limit(limit)).all()


def scans(db: Session, *, event_id: int, ticket_id: str, limit: int) -> Sequence[Row[Any]]:
    """Return a ticket's scans at an event, those of a merged walk-in included: door, time and volunteer."""
    return db.execute(SCANS, {"event": event_id, "person": ticket_id, "limit": limit}).all()


def _held(event_id: int) -> Select[Registration]:
    return select(Registration).where(
        Registration.event_id == event_id, Registration.held, Registration.state == RegistrationState.UNCONFIRMED
    )


def _filters(wanted: Wanted, values: dict[str, Any]) -> list[str]:
    chosen = {name: value for name in FILTERS if (value := getattr(wanted, name))}
    values |= chosen
    tables = (COMING.get(wanted.came), WALK_INS.get(wanted.walk_ins))
    return [*(FILTERS[name] for name in chosen), *filter(None, tables)]


def _found(event_id: int, wanted: Wanted, values: dict[str, Any]) -> tuple[str, str]:
    """Return a separate step for the search and its name: a planner that estimates words would rather read everyone."""
    if not wanted.words:
        return "", "registration"
    matches = _ways(event_id, wanted)
    values |= matches
    conditions = [NAMED[name] for name in matches] or ["false"]
    of_event = f"SELECT {COLUMNS} FROM registration WHERE event_id = :event"  # noqa: S608 - constants
    selects = (f"{of_event} AND {condition}" for condition in conditions)
    return f"found AS MATERIALIZED ({' UNION '.join(selects)}),", "found"


def _ways(event_id: int, wanted: Wanted) -> dict[str, str]:
    words, matches = wanted.words.strip(), {}
    if "@" in words:
        return {"email": _begins(words.lower())} if wanted.contacts else {}
    if keys := beginnings(words):
        matches["words"] = " & ".join(_any_of(event_id, group) for group in keys)
    if wanted.contacts:
        matches |= _by_phone(words)
    if code := read_short_code(words):
        matches["code"] = code
    return matches


def _any_of(event_id: int, keys: Sequence[str]) -> str:
    return "(" + " | ".join(f"'{event_id}/{key}':*" for key in keys) + ")"


def _by_phone(words: str) -> dict[str, str]:
    """Match a number's end, and a whole number by its contact key: with 00992 or 8 916 it is the end of none."""
    digits = re.sub(r"[^0-9]", "", words)
    if len(digits) < SHORTEST_PHONE_END or re.search(r"[^0-9 ()+./-]", words):
        return {}
    return {"phone": f"{digits[::-1]}%", "number": f"{contact_key_of(words)[::-1]}%"}


def _begins(words: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", words) + "%"
