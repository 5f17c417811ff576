"""The doors of an event, their passes, and the phones that scan there."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from shared import tokens
from shared.errors import Missing, Unidentified
from shared.models import Device, Door, DoorPass, Event, Shift

UNREAD_AT_THE_DOOR = (
    *(Event.summary, Event.description, Event.recap, Event.bring, Event.accessibility, Event.cancelled_because),
    *(Event.city, Event.venue, Event.address, Event.map_link, Event.contact, Event.search_key, Event.time_note),
)
"""Columns of an event that no phone receives: reading them would parse JSON again for each scan."""


_EVENT = joinedload(Device.event)
# Built once: for each scan, building it would cost as much as running it. The sessions of a pass are read only where
# the list is: rows of sessions times sessions would cost more.
_DEVICE = (
    select(Device)
    .where(Device.token_hash == bindparam("digest"))
    .options(
        joinedload(Device.door_pass).joinedload(DoorPass.door),
        *(_EVENT.defer(column) for column in UNREAD_AT_THE_DOOR),
        _EVENT.joinedload(Event.sessions),
        _EVENT.joinedload(Event.keys),
    )
)


def device(db: Session, *, token: str) -> Device:
    """Return the phone that holds a token, with its pass, door and event, in one statement. Raises Unidentified.

    A revoked phone is returned too: the scans it still has are stored, though they do not count.
    """
    phone_row = db.scalars(_DEVICE, {"digest": tokens.digest(token)}).unique().one_or_none()
    if phone_row is None:
        raise Unidentified("device")
    return phone_row


def of_event(db: Session, *, event_id: int) -> Sequence[Door]:
    """Return an event's doors in their order."""
    return db.scalars(select(Door).where(Door.event_id == event_id).order_by(Door.position, Door.id)).all()


def door(db: Session, *, door_id: int, event_id: int) -> Door:
    """Return one door of an event. Raises Missing for another event's."""
    door_row = db.scalars(select(Door).where(Door.id == door_id, Door.event_id == event_id)).one_or_none()
    if door_row is None:
        raise Missing("door")
    return door_row


def door_pass(db: Session, *, pass_id: int, event_id: int) -> DoorPass:
    """Return one door pass of an event. Raises Missing for another event's."""
    query = select(DoorPass).join(Door).where(DoorPass.id == pass_id, Door.event_id == event_id)
    pass_row = db.scalars(query.options(contains_eager(DoorPass.door))).one_or_none()
    if pass_row is None:
        raise Missing("door_pass")
    return pass_row


def passes(db: Session, *, event_id: int) -> Sequence[DoorPass]:
    """Return the door passes of an event's open doors, the newest first."""
    open_doors = select(DoorPass).join(Door).where(Door.event_id == event_id, Door.closed_at.is_(None))
    with_details = (joinedload(DoorPass.door).joinedload(Door.event), selectinload(DoorPass.named_sessions))
    return db.scalars(open_doors.options(*with_details).order_by(DoorPass.id.desc())).all()


def phone(db: Session, *, device_id: int, event_id: int) -> Device:
    """Return one phone that was paired with an event. Raises Missing for another event's."""
    paired = Device.door_pass_id.is_not(None)
    phone_row = db.scalars(
        select(Device).where(Device.id == device_id, Device.event_id == event_id, paired)
    ).one_or_none()
    if phone_row is None:
        raise Missing("phone")
    return phone_row


def phones_by_pass(db: Session, *, event_id: int) -> dict[int, int]:
    """Count the phones on each door pass of an event, by the pass's id; passes without a phone are left out."""
    live = Device.event_id == event_id, Device.revoked_at.is_(None), Device.door_pass_id.is_not(None)
    counted = select(Device.door_pass_id, func.count()).where(*live).group_by(Device.door_pass_id)
    return {pass_id: count for pass_id, count in db.execute(counted) if pass_id is not None}


def phones(db: Session, *, event_id: int, limit: int | None = None, offset: int = 0) -> Sequence[tuple[Device, str]]:
    """Return an event's phones, each with its present volunteer: the last heard from first, revoked ones at the end."""
    last = select(Shift.name).where(Shift.device_id == Device.id).order_by(Shift.since.desc()).limit(1)
    query = (
        select(Device, func.coalesce(last.scalar_subquery(), ""))
        .join(Device.door_pass)
        .where(Device.event_id == event_id)
        .order_by(Device.revoked_at.is_not(None), Device.seen_at.desc(), Device.id)
    )
    with_details = contains_eager(Device.door_pass).joinedload(DoorPass.door)
    rows = db.execute(query.options(with_details).limit(limit).offset(offset))
    return [(device, volunteer) for device, volunteer in rows]
