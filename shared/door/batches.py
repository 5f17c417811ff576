"""The batches that phones upload, and which scans of them can be stored: each is judged on its own, without the
database.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from shared import clock, tickets
from shared.door.fold import Key
from shared.models import Device, Event
from shared.scans import InvalidReason, ScanKind

KINDS = frozenset(ScanKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanClaim:
    """A scan as a phone reports it. `at` is milliseconds since 1970 on its corrected clock."""

    id: UUID
    session: int
    kind: str
    at: int
    person: str | None = None
    code: str | None = None
    undoes: UUID | None = None
    reason: str | None = None
    doubtful: bool = False
    door: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkIn:
    """A person without a registration, named at the door; the id is the phone's."""

    id: UUID
    name: str
    language: str
    ticket_type_id: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """An upload of a phone. `handed_in` is how many of its scans it knows to be acknowledged before.

    `waiting`, `clock_offset` and `version` are the phone's state: scans still to upload, our clock less its own
    (milliseconds), its build. A batch that an organizer accepted counts though the phone was revoked.
    """

    scans: Sequence[ScanClaim]
    handed_in: int = 0
    shifts: Sequence[tuple[str, int]] = ()
    walk_ins: Sequence[WalkIn] = ()
    waiting: int | None = None
    clock_offset: int | None = None
    version: str | None = None
    is_accepted: bool = False

    @property
    def is_idle(self) -> bool:
        """Return whether it is empty: the phone only reports that it is well."""
        return not (self.scans or self.walk_ins or self.shifts)


@dataclass(slots=True)
class Intake:
    """A batch while it is processed: rows to store, by id, and reasons of refused scans, by position."""

    rows: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    digests: dict[int, str] = field(default_factory=dict)
    refused: dict[int, InvalidReason] = field(default_factory=dict)
    genuine: set[str] = field(default_factory=set)

    def touched(self) -> list[Key]:
        """Return the persons and sessions that the batch touches."""
        return sorted({(row["person"], row["session_id"]) for row in self.rows.values() if row["person"]})


def prepare_batch(device: Device, batch: Batch, now: datetime) -> Intake:
    """Return which scans of a batch can be stored, and as which rows; the rest is refused with its reason."""
    intake = Intake()
    claims, event, received = batch.scans, device.event, clock.milliseconds(now)
    revoked_at = None if batch.is_accepted else device.revoked_at
    sessions = {session.id for session in event.sessions}
    for position, claim in enumerate(claims):
        person, genuine = _person(claim, event)
        refusal = _refusal(claim, sessions, person)
        if refusal:
            intake.refused[position] = refusal
            continue
        if genuine and person:
            intake.genuine.add(person)
        # A stamp ahead of receipt is cut to a moment of its own, so that the order stays.
        latest = claim.at if claim.at <= received else received - (len(claims) - 1 - position)
        # A clock at 1970 or 2099 gains nothing: no stamp is earlier than the phone's first pass or later than receipt.
        at = max(clock.milliseconds(device.stamps_from), latest)
        row = _row(claim, person, at, stands=revoked_at is None or at <= clock.milliseconds(revoked_at))
        intake.digests[position] = row["digest"]
        intake.rows.setdefault(claim.id, row)
    return intake


def _person(claim: ScanClaim, event: Event) -> tuple[str | None, bool]:
    """Return the person whom a scan is about, and whether a code proves it."""
    if claim.code is None:
        return claim.person, False
    code = tickets.read(claim.code)
    key = next((key for key in event.keys if code and key.number == code.key_number), None)
    if code is None or key is None or not tickets.verify(code, key.public):
        return None, False
    return code.ticket_id, True


def _refusal(claim: ScanClaim, sessions: Collection[int], person: str | None) -> InvalidReason | None:
    if claim.kind not in KINDS:
        return InvalidReason.UNKNOWN_KIND
    if claim.session not in sessions:
        return InvalidReason.UNKNOWN_SESSION
    if (claim.kind == ScanKind.UNDO) != (claim.undoes is not None):
        return InvalidReason.UNDOES
    if claim.kind != ScanKind.REFUSED and person is None:
        return InvalidReason.NOT_A_TICKET if claim.code else InvalidReason.NOBODY
    return None


def _row(claim: ScanClaim, person: str | None, at: int, *, stands: bool) -> dict[str, Any]:
    # A phone may begin to doubt its clock between two attempts to send; the scan stays the same.
    content = [str(claim.undoes), claim.kind, str(claim.session), str(person), str(claim.reason)]
    return {
        "id": str(claim.id),
        "session_id": claim.session,
        "person": person,
        "kind": claim.kind,
        "at": at,
        "undoes": str(claim.undoes) if claim.undoes else None,
        "reason": claim.reason,
        "doubtful": claim.doubtful,
        "standing": claim.kind != ScanKind.REFUSED and stands,
        "digest": sha256("\0".join(content).encode()).hexdigest(),
        "door": claim.door,
    }
