"""What a phone at a door needs to decide alone: who has a ticket, what all doors scanned, keys and rules."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, contains_eager, joinedload

from shared import clock, tokens
from shared.errors import Missing, Unidentified
from shared.models import (
    Device,
    Door,
    DoorPass,
    Event,
    Registration,
    Scan,
    TicketKey,
    TicketType,
    TicketTypeSession,
)

KEYS_AROUND = timedelta(days=90)
LONGEST_CURSOR = 19

Kind = tuple[dict[str, str] | None, list[int]]
"""A ticket type as a door sees it: its title, where that says something, and the sessions it admits to."""


@dataclass(frozen=True, slots=True)
class Roster:
    """What changed since a cursor; the next cursor misses nothing that was written before and committed after."""

    cursor: str
    entries: list[dict[str, Any]]
    scans: list[dict[str, Any]]
    merged: dict[str, str]


def device(db: Session, *, token: str) -> Device:
    """The phone that holds a token, with its door and event, in one statement. Raises Unidentified.

    A revoked phone is found too: what it still has to hand in is kept, though it does not count.
    """
    event = joinedload(Device.door_pass).joinedload(DoorPass.door).joinedload(Door.event)
    whole = (event.joinedload(Event.sessions), event.joinedload(Event.keys))
    found = select(Device).where(Device.token_hash == tokens.digest(token)).options(*whole)
    one = db.scalars(found).unique().one_or_none()
    if one is None:
        raise Unidentified("device")
    return one


def of_event(db: Session, *, event_id: int) -> Sequence[Door]:
    """The doors of an event, in their order."""
    return db.scalars(select(Door).where(Door.event_id == event_id).order_by(Door.position, Door.id)).all()


def door(db: Session, *, door_id: int, event_id: int) -> Door:
    """One door of an event. Raises Missing for another event's."""
    one = db.get(Door, door_id)
    if one is None or one.event_id != event_id:
        raise Missing("door")
    return one


def passes(db: Session, *, event_id: int) -> Sequence[DoorPass]:
    """The passes of an event's open doors, the newest first."""
    open_doors = select(DoorPass).join(Door).where(Door.event_id == event_id, Door.closed_at.is_(None))
    return db.scalars(open_doors.options(joinedload(DoorPass.door)).order_by(DoorPass.id.desc())).all()


def phones(db: Session, *, event_id: int) -> Sequence[Device]:
    """The phones that scan at an event's doors, the one heard from last first; revoked ones are left out."""
    paired = select(Device).join(Device.door_pass).join(DoorPass.door)
    found = paired.where(Door.event_id == event_id, Device.revoked_at.is_(None)).order_by(Device.seen_at.desc())
    return db.scalars(found.options(contains_eager(Device.door_pass))).all()


def roster(db: Session, *, device: Device, since: str | None) -> Roster:
    """Everybody and everything that changed since the cursor, in five statements; all of it without one.

    The cursor is the oldest transaction still open at the read, so that a row numbered before and committed after it is
    seen by the next poll; a phone may see a row twice, which its fold does not mind. A cursor from the future (a
    database restored from a backup) counts as none.
    """
    event = device.door_pass.door.event
    cursor = int(db.execute(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")).scalar_one())
    known = int(since) if since and since.isdecimal() and len(since) < LONGEST_CURSOR else 0
    after = known if known <= cursor else 0
    return Roster(
        cursor=str(cursor),
        entries=_entries(db, event, after),
        scans=_scans(db, event.id, after),
        merged=_merged(db, event.id),
    )


def keys(db: Session, *, event: Event) -> list[dict[str, Any]]:
    """Keys and titles of the organization's events around this one, so that another event's ticket is recognised."""
    now = clock.now()
    near = func.coalesce(Event.starts_at, now).between(now - KEYS_AROUND, now + KEYS_AROUND)
    found = (
        select(TicketKey.number, TicketKey.public, Event.id, Event.title, Event.private)
        .join(Event, TicketKey.event_id == Event.id)
        .where(Event.organization_id == event.organization_id, near | (Event.id == event.id))
        .order_by(TicketKey.number)
    )
    return [
        {
            "number": number,
            "public": base64.urlsafe_b64encode(public).decode().rstrip("="),
            "event": event_id,
            "title": {} if private and event_id != event.id else title,
        }
        for number, public, event_id, title, private in db.execute(found)
    ]


def rules(event: Event) -> dict[str, Any]:
    """How this event's doors decide. `held_until` is milliseconds since 1970."""
    held = event.starts_at + timedelta(minutes=event.held_minutes) if event.starts_at else None
    return {
        "admit_unlisted": event.admit_unlisted,
        "initials": event.private,
        "held_until": clock.milliseconds(held) if held else None,
    }


def _entries(db: Session, event: Event, after: int) -> list[dict[str, Any]]:
    kinds = _kinds(db, event.id)
    alike = func.count().over(partition_by=Registration.name_key).label("alike")
    everybody = (
        select(Registration.id, alike)
        .where(Registration.event_id == event.id, Registration.state != "cancelled")
        .subquery()
    )
    changed = (
        select(Registration, everybody.c.alike)
        .outerjoin(everybody, everybody.c.id == Registration.id)
        .where(Registration.event_id == event.id, Registration.revision >= after)
        .order_by(Registration.id)
    )
    return [_entry(one, event, kinds, bool(count and count > 1)) for one, count in db.execute(changed)]


def _kinds(db: Session, event_id: int) -> dict[int, Kind]:
    """The ticket types of an event; a title only where there are several to tell apart."""
    admits = TicketTypeSession.ticket_type_id == TicketType.id
    found = (
        select(TicketType.id, TicketType.title, func.array_agg(TicketTypeSession.session_id))
        .outerjoin(TicketTypeSession, admits)
        .where(TicketType.event_id == event_id)
        .group_by(TicketType.id)
    )
    rows = db.execute(found).all()
    return {kind: (title if len(rows) > 1 else None, sorted(filter(None, sessions))) for kind, title, sessions in rows}


def _entry(one: Registration, event: Event, kinds: dict[int, Kind], is_shared: bool) -> dict[str, Any]:
    title, sessions = kinds[one.ticket_type_id]
    entry = {
        "id": one.ticket_id,
        "name": _initials(one.name) if event.private else one.name,
        "type": title,
        "status": one.state,
        "sessions": sessions,
        "short": one.short_code,
    }
    # Two people with one name are told apart by the end of their phone numbers, and by nothing more.
    return entry | {"hint": one.phone[-2:]} if is_shared and one.phone else entry


def _initials(name: str) -> str:
    return " ".join(f"{word[0]}." for word in name.split())


def _scans(db: Session, event_id: int, after: int) -> list[dict[str, Any]]:
    found = (
        select(Scan, DoorPass.door_id)
        .join(Device, Device.id == Scan.device_id)
        .join(DoorPass, DoorPass.id == Device.door_pass_id)
        .where(Scan.event_id == event_id, Scan.revision >= after, Scan.kind != "refused")
        .order_by(Scan.at, Scan.id)
    )
    return [_scan(scan, door_id) for scan, door_id in db.execute(found)]


def _scan(scan: Scan, door_id: int) -> dict[str, Any]:
    told = {
        "id": str(scan.id),
        "person": scan.person,
        "session": scan.session_id,
        "kind": scan.kind,
        "at": scan.at,
        "device": scan.device_id,
        "door": door_id,
        "standing": scan.standing,
    }
    return told | {"undoes": str(scan.undoes)} if scan.undoes else told


def _merged(db: Session, event_id: int) -> dict[str, str]:
    merged = select(Registration.ticket_id, Registration.merged_into).where(
        Registration.event_id == event_id, Registration.merged_into.is_not(None)
    )
    return {walk_in: str(ticket) for walk_in, ticket in db.execute(merged)}
