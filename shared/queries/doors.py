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
"""What no phone is told of an event: with each scan it would be read from JSON again."""


_EVENT = joinedload(Device.event)
# Made once: with each scan, making it would cost as much as asking. What a pass names is asked for only where the list
# is read: rows of sessions times sessions would cost more.
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
    """The phone that holds a token, with its pass, door and event, in one statement. Raises Unidentified.

    A revoked phone is found too: what it still has to hand in is kept, though it does not count.
    """
    one = db.scalars(_DEVICE, {"digest": tokens.digest(token)}).unique().one_or_none()
    if one is None:
        raise Unidentified("device")
    return one


def of_event(db: Session, *, event_id: int) -> Sequence[Door]:
    """The doors of an event, in their order."""
    return db.scalars(select(Door).where(Door.event_id == event_id).order_by(Door.position, Door.id)).all()


def door(db: Session, *, door_id: int, event_id: int) -> Door:
    """One door of an event. Raises Missing for another event's."""
    one = db.scalars(select(Door).where(Door.id == door_id, Door.event_id == event_id)).one_or_none()
    if one is None:
        raise Missing("door")
    return one


def door_pass(db: Session, *, pass_id: int, event_id: int) -> DoorPass:
    """One pass of an event's doors. Raises Missing for another event's."""
    found = select(DoorPass).join(Door).where(DoorPass.id == pass_id, Door.event_id == event_id)
    one = db.scalars(found.options(contains_eager(DoorPass.door))).one_or_none()
    if one is None:
        raise Missing("door_pass")
    return one


def passes(db: Session, *, event_id: int) -> Sequence[DoorPass]:
    """The passes of an event's open doors, the newest first."""
    open_doors = select(DoorPass).join(Door).where(Door.event_id == event_id, Door.closed_at.is_(None))
    whole = (joinedload(DoorPass.door).joinedload(Door.event), selectinload(DoorPass.named_sessions))
    return db.scalars(open_doors.options(*whole).order_by(DoorPass.id.desc())).all()


def phone(db: Session, *, device_id: int, event_id: int) -> Device:
    """One phone that was paired with an event. Raises Missing for another event's."""
    paired = Device.door_pass_id.is_not(None)
    one = db.scalars(select(Device).where(Device.id == device_id, Device.event_id == event_id, paired)).one_or_none()
    if one is None:
        raise Missing("phone")
    return one


def places_taken(db: Session, *, event_id: int) -> dict[int, int]:
    """How many phones each pass of an event holds now, by the pass's id; those without any are left out."""
    live = Device.event_id == event_id, Device.revoked_at.is_(None), Device.door_pass_id.is_not(None)
    counted = select(Device.door_pass_id, func.count()).where(*live).group_by(Device.door_pass_id)
    return {pass_id: count for pass_id, count in db.execute(counted) if pass_id is not None}


def phones(db: Session, *, event_id: int, limit: int | None = None, offset: int = 0) -> Sequence[tuple[Device, str]]:
    """The phones of an event and who holds each now: those heard from last first, revoked ones at the end."""
    last = select(Shift.name).where(Shift.device_id == Device.id).order_by(Shift.since.desc()).limit(1)
    found = (
        select(Device, func.coalesce(last.scalar_subquery(), ""))
        .join(Device.door_pass)
        .where(Device.event_id == event_id)
        .order_by(Device.revoked_at.is_not(None), Device.seen_at.desc(), Device.id)
    )
    whole = contains_eager(Device.door_pass).joinedload(DoorPass.door)
    rows = db.execute(found.options(whole).limit(limit).offset(offset))
    return [(one, volunteer) for one, volunteer in rows]
