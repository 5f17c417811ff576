"""The phones that scan at the doors of an event."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, contains_eager, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from shared import clock, tokens
from shared.audit import audit
from shared.errors import Missing, Unidentified
from shared.models import Account, Device, DoorPass, Event, Shift

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


CONTACT_RECORDED_EVERY = timedelta(seconds=20)
"""Less than the half minute in which a phone reports that it is well, and far less than the time after which it counts
as offline.
"""

CLOCK_MOVED = 1_000


def of_token(db: Session, *, token: str) -> Device:
    """Return the phone that holds a token, with its pass, door and event, in one statement. Raises Unidentified.

    A revoked phone is returned too: the scans it still has are stored, though they do not count.
    """
    phone_row = db.scalars(_DEVICE, {"digest": tokens.digest(token)}).unique().one_or_none()
    if phone_row is None:
        raise Unidentified("device")
    if phone_row.door_pass:
        # The same event, which a phone that belongs to no session could not look up.
        set_committed_value(phone_row.door_pass.door, "event", phone_row.event)
    return phone_row


def get(db: Session, *, device_id: int, event_id: int) -> Device:
    """Return one phone that was paired with an event. Raises Missing for another event's."""
    paired = Device.door_pass_id.is_not(None)
    phone_row = db.scalars(
        select(Device).where(Device.id == device_id, Device.event_id == event_id, paired)
    ).one_or_none()
    if phone_row is None:
        raise Missing("phone")
    return phone_row


def of_event(db: Session, *, event_id: int, limit: int | None = None, offset: int = 0) -> Sequence[tuple[Device, str]]:
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


def count_by_pass(db: Session, *, event_id: int) -> dict[int, int]:
    """Count the phones on each door pass of an event, by the pass's id; passes without a phone are left out."""
    live = Device.event_id == event_id, Device.revoked_at.is_(None), Device.door_pass_id.is_not(None)
    counted = select(Device.door_pass_id, func.count()).where(*live).group_by(Device.door_pass_id)
    return {pass_id: count for pass_id, count in db.execute(counted) if pass_id is not None}


def find_or_create(db: Session, *, event_id: int, phone: UUID, since: datetime) -> Device:
    """Return the event's device for `phone`, locked: one statement, so that no one revokes it in between.

    `since` is the earliest time of its scans. A new one has no pass; if the same phone was revoked before, it takes
    over the count of uploaded scans, and no scan of the time until then.
    """
    of_phone = Device.event_id == event_id, Device.phone == phone
    handed_in = select(func.coalesce(func.max(Device.scans), 0)).where(*of_phone).scalar_subquery()
    revoked = select(func.max(Device.revoked_at)).where(*of_phone).scalar_subquery()
    from_then = func.greatest(since, revoked)
    new_device = insert(Device).values(event_id=event_id, phone=phone, stamps_from=from_then, scans=handed_in)
    earliest = func.least(Device.stamps_from, new_device.excluded.stamps_from)
    device = new_device.on_conflict_do_update(
        index_elements=["event_id", "phone"],
        index_where=Device.revoked_at.is_(None),
        set_={"stamps_from": earliest},
    )
    return db.scalars(device.returning(Device), execution_options={"populate_existing": True}).one()


def record_contact(
    db: Session, *, device: Device, waiting: int | None, clock_offset: int | None, version: str | None
) -> int:
    """Record a phone's contact and state; write nothing when the same was known a moment ago.

    Returns how many of its scans are stored; `device` may have been read a second ago.
    """
    now = clock.now()
    is_news = (
        now - device.seen_at >= CONTACT_RECORDED_EVERY
        or waiting not in {None, device.waiting}
        or version not in {None, device.version}
        or _has_moved(device.clock_offset, clock_offset)
    )
    of_phone = Device.id == device.id
    if not is_news:
        return db.scalars(select(Device.scans).where(of_phone)).one()
    reported = {"waiting": waiting, "clock_offset": clock_offset, "version": version}
    values = {name: value for name, value in reported.items() if value is not None}
    written = update(Device).where(of_phone).values(seen_at=now, **values).returning(Device.scans)
    return db.scalars(written, execution_options={"synchronize_session": False}).one()


def _has_moved(known: int | None, reported: int | None) -> bool:
    """Return whether a clock's offset has changed; the travel time of answers alone moves it by less than a second."""
    if reported is None:
        return False
    return known is None or abs(reported - known) >= CLOCK_MOVED


def revoke(db: Session, *, device: Device, by: Account, renew_pass: bool = False) -> None:
    """Revoke a phone: its later uploads go to quarantine, and it cannot pair again unless it is allowed to.

    Its pass pairs other phones, and this one under a UUID that it draws anew, until the pass is renewed.
    A phone that is revoked already stays as it is.
    """
    device.revoked_at = device.revoked_at or clock.now()
    if renew_pass and device.door_pass is not None:
        device.door_pass.version += 1
    _note(db, by, "phone.revoked_and_pass_renewed" if renew_pass else "phone.revoked", device)


def allow(db: Session, *, device: Device, by: Account) -> None:
    """Allow a revoked phone to pair again. Its uploads of the meantime stay in quarantine."""
    of_phone = Device.event_id == device.event_id, Device.phone == device.phone, Device.revoked_at.is_not(None)
    db.execute(update(Device).where(*of_phone, Device.allowed_at.is_(None)).values(allowed_at=clock.now()))
    _note(db, by, "phone.allowed", device)


def _note(db: Session, by: Account, action: str, device: Device) -> None:
    audit.note(db, by=by, action=action, event=device.event, device_id=str(device.id))
