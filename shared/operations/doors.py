"""Doors, their passes, and the phones paired with them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from shared import clock, tokens
from shared.database import Texts
from shared.errors import Invalid, Unidentified
from shared.models import Device, Door, DoorPass, DoorPassSession, Event, Registration, Shift

CONTACT_RECORDED_EVERY = timedelta(seconds=20)
"""Less than the half minute in which a phone reports that it is well, and far less than the time after which it counts
as offline.
"""
CLOCK_MOVED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of an event's doors. Spans are minutes; `doors_open_minutes` None opens them at any time."""

    doors_open_minutes: int | None
    held_minutes: int
    admit_unlisted: bool
    walk_ins: bool
    reentry: bool
    initials: bool


def set_rules(db: Session, *, event: Event, rules: Rules) -> None:
    """Change the rules of an event's doors; phones learn of it at their next contact."""
    event.doors_open_minutes = rules.doors_open_minutes
    event.held_minutes = rules.held_minutes
    event.admit_unlisted = rules.admit_unlisted
    event.walk_ins = rules.walk_ins
    event.reentry = rules.reentry
    if event.initials != rules.initials:
        event.initials = rules.initials
        resend_names(db, event=event)
    db.flush()


def resend_names(db: Session, *, event: Event) -> None:
    """Send all names to phones anew, since they store the earlier ones."""
    # Any update gives each row a new revision.
    renumbered = update(Registration).where(Registration.event_id == event.id)
    db.execute(renumbered.values(revision=Registration.revision), execution_options={"synchronize_session": False})


def add(db: Session, *, event: Event, name: Texts) -> Door:
    """Add a door after the existing ones of the event."""
    last = select(func.coalesce(func.max(Door.position), -1) + 1).where(Door.event_id == event.id)
    door = Door(event_id=event.id, name=name, position=db.scalar(last) or 0)
    db.add(door)
    db.flush()
    return door


def rename(db: Session, *, door: Door, name: Texts) -> None:
    """Rename a door, on every phone and in every later report."""
    door.name = name
    db.flush()


def close(db: Session, *, door: Door) -> None:
    """Close a door: its passes pair no more phones."""
    door.closed_at = clock.now()
    db.flush()


def reopen(db: Session, *, door: Door) -> None:
    """Reopen a closed door, with its earlier passes."""
    door.closed_at = None
    db.flush()


def pairing_secret(door_pass: DoorPass, secret: bytes) -> str:
    """Return the secret that pairs a phone with a pass; `secret` is the installation's newest."""
    return tokens.make(secret, "pairing", id=door_pass.id, version=door_pass.version)


def create_pass(
    db: Session, *, door: Door, phones: int = 5, sessions: Collection[int] = (), expires_at: datetime | None = None
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
    db.flush()
    return door_pass


def renew_pass(db: Session, *, door_pass: DoorPass) -> None:
    """Revoke every earlier link and picture of a pass; its phones stay paired."""
    door_pass.version += 1
    db.flush()


def revoke_pass(db: Session, *, door_pass: DoorPass) -> None:
    """End a pass now: it pairs no phone, and its phones wipe their names. Their scans are still accepted."""
    door_pass.version += 1
    door_pass.expires_at = clock.now()
    db.flush()


def read_pass(db: Session, *, pass_id: int, version: int) -> DoorPass:
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
    device = find_or_create(db, event_id=door_pass.door.event_id, phone=phone, since=door_pass.created_at)
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


def record_contact(
    db: Session, *, device: Device, waiting: int | None, clock_offset: int | None, version: str | None
) -> None:
    """Record a phone's contact and state; write nothing when the same was known a moment ago."""
    now = clock.now()
    is_news = (
        now - device.seen_at >= CONTACT_RECORDED_EVERY
        or waiting not in {None, device.waiting}
        or version not in {None, device.version}
        or _has_moved(device.clock_offset, clock_offset)
    )
    if not is_news:
        return
    device.seen_at = now
    device.waiting = device.waiting if waiting is None else waiting
    device.clock_offset = device.clock_offset if clock_offset is None else clock_offset
    device.version = version or device.version
    db.flush()


def _has_moved(known: int | None, reported: int | None) -> bool:
    """Return whether a clock's offset has changed; the travel time of answers alone moves it by less than a second."""
    if reported is None:
        return False
    return known is None or abs(reported - known) >= CLOCK_MOVED


def revoke_phone(db: Session, *, device: Device, renew_pass: bool = False) -> None:
    """Revoke a phone: its later uploads go to quarantine, and it cannot pair again unless it is allowed to.

    Its pass pairs other phones, and this one under a UUID that it draws anew, until the pass is renewed.
    """
    device.revoked_at = clock.now()
    if renew_pass and device.door_pass is not None:
        device.door_pass.version += 1
    db.flush()


def allow_phone(db: Session, *, device: Device) -> None:
    """Allow a revoked phone to pair again. Its uploads of the meantime stay in quarantine."""
    of_phone = Device.event_id == device.event_id, Device.phone == device.phone, Device.revoked_at.is_not(None)
    db.execute(update(Device).where(*of_phone, Device.allowed_at.is_(None)).values(allowed_at=clock.now()))
    db.flush()


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
