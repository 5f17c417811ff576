"""Door passes, and the phones that they pair."""

from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from shared import clock, tokens
from shared.errors import Unidentified
from shared.models import Device, Door, DoorPass, Event, Shift


def make_pass(db: Session, *, door_id: int, phones: int = 5) -> DoorPass:
    """Make what pairs up to `phones` phones (1 to 100) with a door, until it closes."""
    door_pass = DoorPass(door_id=door_id, phones=phones)
    db.add(door_pass)
    db.flush()
    return door_pass


def pair(db: Session, *, pass_id: int, version: int, phone: UUID, volunteer: str) -> tuple[Device, str]:
    """Pair a phone; pairing it again gives the same device a new token, which is shown this once.

    Raises Unidentified for a pass that is withdrawn, whose door is closed, or all of whose phones are taken.
    """
    door_pass = _lock(db, pass_id, version)
    device = db.scalars(_live_devices(pass_id).where(Device.phone == phone)).one_or_none()
    if device is None:
        if _count(db, pass_id) >= door_pass.phones:
            raise Unidentified("pass_used_up")
        device = Device(door_pass_id=pass_id, phone=phone, scans=_handed_in(db, phone, door_pass.door.event_id))
        db.add(device)
    token = tokens.draw()
    device.token_hash, device.seen_at = tokens.digest(token), clock.now()
    db.flush()
    db.merge(Shift(device_id=device.id, since=clock.milliseconds(clock.now()), name=volunteer))
    db.flush()
    device.door_pass = door_pass
    return device, token


def revoke(db: Session, *, device: Device) -> None:
    """Revoke a phone: what it stamps from now on is kept but does not count."""
    device.revoked_at = clock.now()
    db.flush()


def close(db: Session, *, door: Door) -> None:
    """Close a door: its passes pair no more phones."""
    door.closed_at = clock.now()
    db.flush()


def _lock(db: Session, pass_id: int, version: int) -> DoorPass:
    """Hold the pass, so that two phones cannot both take its last place."""
    event = joinedload(DoorPass.door).joinedload(Door.event)
    wanted = (
        select(DoorPass)
        .where(DoorPass.id == pass_id)
        .options(event.joinedload(Event.sessions), event.joinedload(Event.keys))
    )
    door_pass = db.scalars(wanted.with_for_update(of=DoorPass)).unique().one_or_none()
    if door_pass is None or door_pass.version != version or door_pass.door.closed_at is not None:
        raise Unidentified("pass")
    return door_pass


def _live_devices(pass_id: int) -> Select[Device]:
    return select(Device).where(Device.door_pass_id == pass_id, Device.revoked_at.is_(None))


def _count(db: Session, pass_id: int) -> int:
    return db.scalar(select(func.count()).select_from(_live_devices(pass_id).subquery())) or 0


def _handed_in(db: Session, phone: UUID, event_id: int) -> int:
    """What a phone handed in at other doors of the event: it counts that too when it says how much was acknowledged."""
    earlier = select(func.coalesce(func.sum(Device.scans), 0)).join(Device.door_pass).join(DoorPass.door)
    return int(db.scalar(earlier.where(Device.phone == phone, Door.event_id == event_id)) or 0)
