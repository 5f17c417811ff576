"""Everything that a phone at a door needs to decide alone: tickets, the scans of all doors, keys and rules."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from shared import clock
from shared.database import Texts
from shared.door.roster_cursor import COLUMNS, EVERY_REVISION, ReadPoint
from shared.models import (
    Device,
    DoorPass,
    Event,
    EventSession,
    Registration,
    RegistrationState,
    Scan,
    TicketKey,
    TicketType,
    TicketTypeSession,
)
from shared.scans import ScanKind

# Columns, since a phone that pairs late receives everything: as objects 300,000 scans would take half a gigabyte.
PERSON = (
    Registration.ticket_id,
    Registration.name,
    Registration.phone,
    Registration.ticket_type_id,
    Registration.state,
    Registration.short_code,
    Registration.walk_in,
)
SCANNED = (
    Scan.id,
    Scan.person,
    Scan.session_id,
    Scan.kind,
    Scan.at,
    Scan.device_id,
    Scan.door_id,
    Scan.standing,
    Scan.undoes,
    Scan.doubtful,
)
KEYS_AROUND = timedelta(days=90)


Milliseconds = Annotated[int, Field(description="Milliseconds since 1970.")]
TicketId = Annotated[str, Field(description="A ticket's 16 hexadecimal digits, or a walk-in's UUID.")]


class Period(TypedDict):
    """A titled period: an event, or one of its sessions."""

    id: int
    title: Texts
    starts_at: Milliseconds | None
    ends_at: Milliseconds | None


class SessionFacts(Period):
    """A session, the opening of its doors, and the most people inside; null: no one is too early, no limit is known."""

    opens_at: Milliseconds | None
    capacity: int | None


class KeyFacts(TypedDict):
    """The Ed25519 key (base64url) that signs an event's tickets. The title of another private event is empty."""

    number: int
    public: str
    event: int
    title: Texts


class Rules(TypedDict):
    """The rules of an event's doors. The pass ends at `expires_at`: the phone then deletes the names."""

    admit_unlisted: bool
    initials: bool
    held_until: Milliseconds | None
    reentry: bool
    walk_ins: bool
    expires_at: Milliseconds


class RosterEntry(TypedDict):
    """A registration. Without sessions it admits to any of the door's; `hint` distinguishes people of one name."""

    id: TicketId
    name: str
    type: Texts | None
    status: RegistrationState
    sessions: list[int]
    short: str | None
    walk_in: NotRequired[bool]
    hint: NotRequired[str]


class RosterScan(TypedDict):
    """A scan of any phone of the event. One that does not stand counts for nothing."""

    id: str
    person: TicketId
    session: int
    kind: Literal[ScanKind.IN, ScanKind.OUT, ScanKind.UNDO]
    at: Milliseconds
    device: int
    door: int
    standing: bool
    undoes: NotRequired[str]
    doubtful: NotRequired[bool]


@dataclass(frozen=True, slots=True)
class RosterTicketType:
    """A ticket type as a door sees it: its title, its seats, and its sessions."""

    id: int
    title: dict[str, str]
    capacity: int | None
    sessions: list[int]


@dataclass(frozen=True, slots=True)
class Roster:
    """The changes since a cursor; the next cursor misses nothing that was written before and committed after.

    `whole`: this is everything, and replaces the phone's copy.
    """

    cursor: str
    whole: bool
    entries: list[RosterEntry]
    scans: list[RosterScan]
    merged: dict[str, str]


def changes(db: Session, *, device: Device, since: str | None) -> Roster:
    """Return all changes since the cursor, in five statements; everything without a cursor, or after a restore."""
    event = device.event
    read_point = ReadPoint.of(*db.execute(select(*COLUMNS)).one())
    revisions = read_point.revisions_since(since)
    return Roster(
        cursor=read_point.cursor,
        whole=revisions == EVERY_REVISION,
        entries=_entries(db, event, ticket_types(db, event=event), revisions),
        scans=_scans(db, event.id, revisions),
        merged=_merged(db, event.id),
    )


def keys(db: Session, *, event: Event) -> list[KeyFacts]:
    """Return keys and titles of the organization's events around this one, so that the door can name another event's
    ticket.
    """
    now = clock.now()
    is_near = func.coalesce(Event.starts_at, now).between(now - KEYS_AROUND, now + KEYS_AROUND)
    query = (
        select(TicketKey.number, TicketKey.public, Event.id, Event.title, Event.private)
        .join(Event, TicketKey.event_id == Event.id)
        .where(Event.organization_id == event.organization_id, is_near | (Event.id == event.id))
        .order_by(TicketKey.number)
    )
    return [
        {
            "number": number,
            "public": base64.urlsafe_b64encode(public).decode().rstrip("="),
            "event": event_id,
            "title": {} if private and event_id != event.id else title,
        }
        for number, public, event_id, title, private in db.execute(query)
    ]


def rules(door_pass: DoorPass) -> Rules:
    """Return the rules of an event's doors for the phones of a pass. Moments are milliseconds since 1970."""
    event = door_pass.door.event
    held_until = event.starts_at + timedelta(minutes=event.held_minutes) if event.starts_at else None
    return {
        "admit_unlisted": event.admit_unlisted,
        "initials": event.hides_names,
        "held_until": _stamp(held_until),
        "reentry": event.reentry,
        "walk_ins": event.walk_ins,
        "expires_at": clock.milliseconds(door_pass.ends_at),
    }


def sessions(door_pass: DoorPass, ticket_types: Sequence[RosterTicketType]) -> list[SessionFacts]:
    """Return the sessions of a door pass: the time of each, the opening of its doors, and its capacity."""
    return [_session(session, ticket_types, door_pass.door.event) for session in door_pass.sessions]


def ticket_types(db: Session, *, event: Event) -> Sequence[RosterTicketType]:
    """Return the ticket types of an event, in one statement."""
    admits = TicketTypeSession.ticket_type_id == TicketType.id
    query = (
        select(TicketType.id, TicketType.title, TicketType.capacity, func.array_agg(TicketTypeSession.session_id))
        .outerjoin(TicketTypeSession, admits)
        .where(TicketType.event_id == event.id)
        .group_by(TicketType.id)
        .order_by(TicketType.position, TicketType.id)
    )
    rows = db.execute(query)
    return [
        RosterTicketType(number, title, capacity, sorted(filter(None, session_ids)))
        for number, title, capacity, session_ids in rows
    ]


def moments(subject: Event | EventSession) -> Period:
    """Return the title and the time of an event or a session."""
    return {
        "id": subject.id,
        "title": subject.title,
        "starts_at": _stamp(subject.starts_at),
        "ends_at": _stamp(subject.ends_at),
    }


def _session(session: EventSession, ticket_types: Sequence[RosterTicketType], event: Event) -> SessionFacts:
    return {
        **moments(session),
        "title": event.title_of(session),
        "opens_at": _stamp(event.doors_open_at(session)),
        "capacity": _capacity(session, ticket_types, event),
    }


def _capacity(session: EventSession, ticket_types: Sequence[RosterTicketType], event: Event) -> int | None:
    """Return the seats of a session: those of the tickets that admit to it, at most the event's own. None: no limit."""
    admitting = [
        ticket_type.capacity
        for ticket_type in ticket_types
        if not ticket_type.sessions or session.id in ticket_type.sessions
    ]
    limits = [event.capacity, None if None in admitting else sum(filter(None, admitting))]
    return min((limit for limit in limits if limit is not None), default=None)


def _stamp(moment: datetime | None) -> int | None:
    return None if moment is None else clock.milliseconds(moment)


def _entries(
    db: Session, event: Event, ticket_types: Sequence[RosterTicketType], revisions: range
) -> list[RosterEntry]:
    of_event = Registration.event_id == event.id
    alike = func.count().filter(Registration.is_live).over(partition_by=Registration.name_key)
    # All bearers of a name come together: a person who was alone with it may need a hint by now.
    has_changed = (Registration.revision >= revisions.start, Registration.revision < revisions.stop)
    names = select(Registration.name_key).where(of_event, *has_changed)
    query = select(*PERSON, alike.label("alike")).where(of_event, Registration.name_key.in_(names))
    of_type = {ticket_type.id: ticket_type for ticket_type in ticket_types}
    return [_entry(registration, event, of_type) for registration in db.execute(query.order_by(Registration.id))]


def _entry(registration: Row[*tuple[Any, ...]], event: Event, ticket_types: dict[int, RosterTicketType]) -> RosterEntry:
    ticket_type = ticket_types[registration.ticket_type_id]
    entry: RosterEntry = {
        "id": registration.ticket_id,
        "name": initials(registration.name) if event.hides_names else registration.name,
        "type": ticket_type.title if len(ticket_types) > 1 else None,
        "status": registration.state,
        "sessions": ticket_type.sessions,
        "short": registration.short_code,
    }
    if registration.walk_in:
        # Any session of the door: a walk-in chose no ticket that could be for another one.
        entry["walk_in"], entry["sessions"] = True, []
    if registration.alike > 1 and registration.phone:
        # Two people with one name are distinguished by the end of their phone numbers, and by nothing more.
        entry["hint"] = registration.phone[-2:]
    return entry


def initials(name: str) -> str:
    """Return a name as doors show it where attendance is confidential: "A. R."."""
    return " ".join(f"{word[0]}." for word in name.split())


def _scans(db: Session, event_id: int, revisions: range) -> list[RosterScan]:
    has_changed = (Scan.revision >= revisions.start, Scan.revision < revisions.stop)
    query = select(*SCANNED).where(Scan.event_id == event_id, *has_changed, Scan.kind != ScanKind.REFUSED)
    return [_scan(scan) for scan in db.execute(query.order_by(Scan.at, Scan.id))]


def _scan(scan: Row[*tuple[Any, ...]]) -> RosterScan:
    wire: RosterScan = {
        "id": str(scan.id),
        "person": scan.person,
        "session": scan.session_id,
        "kind": scan.kind,
        "at": scan.at,
        "device": scan.device_id,
        "door": scan.door_id,
        "standing": scan.standing,
    }
    if scan.undoes:
        wire["undoes"] = str(scan.undoes)
    if scan.doubtful:
        wire["doubtful"] = True
    return wire


def _merged(db: Session, event_id: int) -> dict[str, str]:
    merged = select(Registration.ticket_id, Registration.merged_into).where(
        Registration.event_id == event_id, Registration.merged_into.is_not(None)
    )
    return {walk_in: str(ticket) for walk_in, ticket in db.execute(merged)}
