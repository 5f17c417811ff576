"""What phones hand in at once, and what of it can be stored: each scan is judged by itself, without the database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from shared import clock, tickets
from shared.fold import Key
from shared.models import Device, Event
from shared.models.attendance import KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanClaim:
    """A scan as a phone tells it. `at` is milliseconds since 1970 on its corrected clock."""

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
    """Somebody without a registration, named at the door; the id is the phone's."""

    id: UUID
    name: str
    language: str
    ticket_type_id: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a phone hands in at once. `handed_in` is how many of its scans it knows to be acknowledged before.

    `waiting`, `clock_offset` and `version` are how the phone stands: scans it still has, our clock less its own
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
        """Nothing happened: the phone says that it is well."""
        return not (self.scans or self.walk_ins or self.shifts)


@dataclass(slots=True)
class Intake:
    """A batch while it is taken in: what can be stored, by id, and what is refused for itself, by place."""

    rows: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    digests: dict[int, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    genuine: set[str] = field(default_factory=set)

    def touched(self) -> list[Key]:
        """The persons and sessions that the batch touches."""
        return sorted({(row["person"], row["session_id"]) for row in self.rows.values() if row["person"]})


def record_batch(device: Device, batch: Batch, now: datetime) -> Intake:
    """What of a batch can be stored, and as what; the rest is refused with its reason."""
    intake = Intake()
    claims, event, received = batch.scans, device.event, clock.milliseconds(now)
    revoked_at = None if batch.is_accepted else device.revoked_at
    for place, claim in enumerate(claims):
        person, genuine = _person(claim, event)
        refusal = _refusal(claim, event, person)
        if refusal:
            intake.refused[place] = refusal
            continue
        if genuine and person:
            intake.genuine.add(person)
        # What is ahead of receipt is cut to a moment of its own, so that it keeps its order.
        latest = claim.at if claim.at <= received else received - (len(claims) - 1 - place)
        # A clock at 1970 or 2099 wins nothing: no stamp is from before the phone's first pass, nor from after receipt.
        at = max(clock.milliseconds(device.stamps_from), latest)
        row = _row(claim, person, at, stands=revoked_at is None or at <= clock.milliseconds(revoked_at))
        intake.digests[place] = row["digest"]
        intake.rows.setdefault(claim.id, row)
    return intake


def _person(claim: ScanClaim, event: Event) -> tuple[str | None, bool]:
    """Who a scan is about, and whether a code proves it."""
    if claim.code is None:
        return claim.person, False
    code = tickets.read(claim.code)
    key = next((key for key in event.keys if code and key.number == code.key_number), None)
    if code is None or key is None or not tickets.verify(code, key.public):
        return None, False
    return code.ticket_id, True


def _refusal(claim: ScanClaim, event: Event, person: str | None) -> str | None:
    if claim.kind not in KINDS:
        return "unknown_kind"
    if claim.session not in {part.id for part in event.sessions}:
        return "unknown_session"
    if (claim.kind == "undo") != (claim.undoes is not None):
        return "undoes"
    if claim.kind != "refused" and person is None:
        return "not_a_ticket" if claim.code else "nobody"
    return None


def _row(claim: ScanClaim, person: str | None, at: int, *, stands: bool) -> dict[str, Any]:
    # The phone may come to doubt its clock between two attempts to send; that does not make it another scan.
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
        "standing": claim.kind != "refused" and stands,
        "digest": sha256("\0".join(content).encode()).hexdigest(),
        "door": claim.door,
    }
