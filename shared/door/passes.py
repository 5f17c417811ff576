"""Door passes: what pairs phones with a door."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from shared import clock, tokens
from shared.audit import audit
from shared.door import phones
from shared.errors import Invalid, Missing, Unidentified
from shared.models import Account, Device, Door, DoorPass, DoorPassSession, Shift


def pairing_secret(door_pass: DoorPass, secret: bytes) -> str:
    """Return the secret that pairs a phone with a pass; `secret` is the installation's newest."""
    return tokens.make(secret, "pairing", id=door_pass.id, version=door_pass.version)


def create(
    db: Session,
    *,
    door: Door,
    by: Account,
    phones: int = 5,
    sessions: Collection[int] = (),
    expires_at: datetime | None = None,
) -> DoorPass:
    """Create a pass that pairs up to `phones` phones (1 to 100) with a door.

    For some sessions or, without any named, for all. It ends at `expires_at`, else a day after the event. Raises
    Invalid for a session of another event.
    """
    if not set(sessions) <= {session.id for session in door.event.sessions}:
        raise Invalid("sessions", "unknown_session")
    door_pass = DoorPass(door_id=door.id, phones=phones, expires_at=expires_at)
    db.add(door_pass)
    db.flush()
    for session_id in sorted(sessions):
        db.add(DoorPassSession(door_pass_id=door_pass.id, session_id=session_id, event_id=door.event_id))
    audit.note(db, by=by, action="door_pass.created", event=door.event, door_id=str(door.id))
    return door_pass


def renew(db: Session, *, door_pass: DoorPass, by: Account) -> None:
    """Revoke every earlier link and picture of a pass; its phones stay paired."""
    door_pass.version += 1
    _note(db, by, "door_pass.renewed", door_pass)


def revoke(db: Session, *, door_pass: DoorPass, by: Account) -> None:
    """End a pass now: it pairs no phone, and its phones wipe their names. Their scans are still accepted."""
    door_pass.version += 1
    door_pass.expires_at = clock.now()
    _note(db, by, "door_pass.revoked", door_pass)


def _note(db: Session, by: Account, action: str, door_pass: DoorPass) -> None:
    audit.note(db, by=by, action=action, event=door_pass.door.event, pass_id=str(door_pass.id))


def read(db: Session, *, pass_id: int, version: int) -> DoorPass:
    """Return the pass with which a phone would be paired; nothing of it is used up.

    Raises Unidentified for a pass that is revoked or over, or whose door is closed.
    """
    return _good(db, _pass(pass_id), version)


def pair(db: Session, *, pass_id: int, version: int, phone: UUID, volunteer: str) -> tuple[Device, str]:
    """Pair a phone; the same phone again, also through another pass of the event, is the same device with a new token,
    which is shown this once.

    Raises Unidentified for a pass that is revoked or over, whose door is closed, or all of whose phones are taken, and
    for a phone that was revoked and not allowed since.
    """
    door_pass = _lock(db, pass_id, version)
    device = phones.find_or_create(db, event_id=door_pass.door.event_id, phone=phone, since=door_pass.created_at)
    # Only now that its row is locked: no one can revoke it in between.
    if _is_barred(db, device):
        raise Unidentified("device_revoked")
    if device.door_pass_id != pass_id and _count(db, pass_id) >= door_pass.phones:
        raise Unidentified("pass_used_up")
    token = tokens.draw()
    device.door_pass, device.token_hash = door_pass, tokens.digest(token)
    device.seen_at = clock.now()
    db.flush()
    db.merge(Shift(device_id=device.id, since=clock.milliseconds(clock.now()), name=volunteer))
    db.flush()
    return device, token


def _lock(db: Session, pass_id: int, version: int) -> DoorPass:
    """Lock the pass, so that two phones cannot both take its last pairing."""
    return _good(db, _pass(pass_id).with_for_update(of=DoorPass), version)


def _pass(pass_id: int) -> Select[DoorPass]:
    return select(DoorPass).where(DoorPass.id == pass_id).options(joinedload(DoorPass.door).joinedload(Door.event))


def _good(db: Session, statement: Select[DoorPass], version: int) -> DoorPass:
    door_pass = db.scalars(statement).unique().one_or_none()
    if door_pass is None or door_pass.version != version or door_pass.door.closed_at is not None:
        raise Unidentified("pass")
    if door_pass.ends_at <= clock.now():
        raise Unidentified("pass_expired")
    return door_pass


def _is_barred(db: Session, device: Device) -> bool:
    same_phone = Device.event_id == device.event_id, Device.phone == device.phone
    barred = select(Device.id).where(*same_phone, Device.revoked_at.is_not(None), Device.allowed_at.is_(None))
    return db.scalar(barred.limit(1)) is not None


def _count(db: Session, pass_id: int) -> int:
    live = select(func.count()).select_from(Device).where(Device.door_pass_id == pass_id, Device.revoked_at.is_(None))
    return db.scalar(live) or 0


def get(db: Session, *, pass_id: int, event_id: int) -> DoorPass:
    """Return one door pass of an event. Raises Missing for another event's."""
    query = select(DoorPass).join(Door).where(DoorPass.id == pass_id, Door.event_id == event_id)
    pass_row = db.scalars(query.options(contains_eager(DoorPass.door))).one_or_none()
    if pass_row is None:
        raise Missing("door_pass")
    return pass_row


def of_event(db: Session, *, event_id: int) -> Sequence[DoorPass]:
    """Return the door passes of an event's open doors, the newest first."""
    open_doors = select(DoorPass).join(Door).where(Door.event_id == event_id, Door.closed_at.is_(None))
    with_details = (joinedload(DoorPass.door).joinedload(Door.event), selectinload(DoorPass.named_sessions))
    return db.scalars(open_doors.options(*with_details).order_by(DoorPass.id.desc())).all()
