"""Quarantine: uploads of a phone that are not trusted are put aside, and count once an organizer accepts them.

A stolen phone can stamp its scans at will, so all uploads of a revoked one are put aside, and so are walk-ins that come
faster than anyone types names. The phone gets `revoked` for such a scan: stored, and not counted."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, contains_eager

from shared import clock
from shared.audit import audit
from shared.door import attendance, batches, phones
from shared.door.attendance import BatchResult, Result
from shared.door.batches import Batch, Intake, ScanClaim, WalkIn
from shared.errors import Refused, Unidentified
from shared.models import Account, Device, DoorPass, Quarantined, Registration, Scan, Shift
from shared.models.door import PASS_LASTS_WITHOUT_END
from shared.scans import InvalidReason, ScanKind, ScanResult

MOST = 5_000
"""Scans, walk-ins and shifts that one phone may have in quarantine: about 3 MB."""

ACCEPTED_FOR = timedelta(days=14)
"""How long after the end of its event a revoked phone may still upload."""

MINUTE, HOUR, EVER = 60_000, 3_600_000, 2**62

WALK_INS = {MINUTE: 30, HOUR: 600, EVER: 2_000}
"""How many walk-ins one phone may add in spans of so many milliseconds. Counted by its own stamps, since a phone
without a network uploads a whole evening at once.
"""


def receive(db: Session, *, device: Device, batch: Batch, is_limited: bool = True) -> BatchResult:
    """Record a phone's upload over the network: record what is trusted, put the rest aside.

    Raises Unidentified for a revoked phone whose time is over or whose quarantine was deleted, and for one whose
    quarantine is full; Refused for another phone's walk-ins when it is full.
    """
    if device.revoked_at is not None:
        return _receive_revoked(db, device, batch)
    if not (batch.walk_ins and is_limited):
        return attendance.record(db, device=device, batch=batch)
    _take_turn(db, device)
    excess = _excess(db, device, batch)
    if not excess:
        return attendance.record(db, device=device, batch=batch)
    return _receive_excess(db, device, batch, excess)


def accept_all(db: Session, *, device: Device, by: Account) -> Counter[str]:
    """Record a phone's quarantine as if a trusted phone uploaded it; return how many scans got which answer."""
    _take_turn(db, device)
    of_kind = _take_out(db, device)
    scans = sorted(map(_claim, of_kind["scan"]), key=lambda scan: scan.person or scan.code or "")
    # They were acknowledged to the phone as stored, and counted then.
    _count_scans(db, device, -len(scans))
    batch = Batch(
        scans=scans,
        walk_ins=[WalkIn(**{**item, "id": UUID(item["id"])}) for item in of_kind["walk_in"]],
        shifts=[(item["name"], item["since"]) for item in of_kind["shift"]],
        is_accepted=True,
    )
    answers: Counter[str] = Counter(item.result for item in attendance.record_all(db, device=device, batch=batch))
    counts: dict[str, Any] = dict(answers)
    audit.note(db, by=by, action="quarantine.accepted", event=device.event, device_id=str(device.id), **counts)
    return answers


def delete_all(db: Session, *, device: Device, by: Account) -> dict[str, int]:
    """Delete a phone's quarantine; return how many rows of each kind. A revoked phone can upload nothing more."""
    _take_turn(db, device)
    deleted = {kind: len(contents) for kind, contents in _take_out(db, device).items()}
    if device.revoked_at is not None:
        device.closed_at = clock.now()
    counts: dict[str, Any] = {"scans": deleted["scan"], "walk_ins": deleted["walk_in"]}
    audit.note(db, by=by, action="quarantine.deleted", event=device.event, device_id=str(device.id), **counts)
    return deleted


def _receive_revoked(db: Session, device: Device, batch: Batch) -> BatchResult:
    if device.closed_at is not None or _last_moment(device) <= clock.now():
        raise Unidentified("device_revoked")
    if batch.is_idle:
        return attendance.record(db, device=device, batch=batch)
    _take_turn(db, device)
    stored = db.scalars(select(Device.scans).where(Device.id == device.id)).one()
    intake = batches.prepare_batch(device, batch, clock.now())
    known = _known(db, intake)
    new = [scan for position, scan in enumerate(batch.scans) if position not in intake.refused and scan.id not in known]
    added = _put_aside(db, device, replace(batch, scans=new), intake)
    phones.record_contact(
        db, device=device, waiting=batch.waiting, clock_offset=batch.clock_offset, version=batch.version
    )
    results = [_answer(scan, position, intake, known) for position, scan in enumerate(batch.scans)]
    return BatchResult(results, resend=stored < batch.handed_in, quarantined=added)


def _receive_excess(db: Session, device: Device, batch: Batch, excess: Collection[str]) -> BatchResult:
    """Record a batch without the walk-ins of `excess`; put those aside with the scans about them."""
    aside = Batch(
        scans=[scan for scan in batch.scans if scan.person in excess],
        walk_ins=[walk_in for walk_in in batch.walk_ins if str(walk_in.id) in excess],
    )
    rest = replace(
        batch,
        scans=[scan for scan in batch.scans if scan.person not in excess],
        walk_ins=[walk_in for walk_in in batch.walk_ins if str(walk_in.id) not in excess],
    )
    recorded = attendance.record(db, device=device, batch=rest)
    added = _put_aside(db, device, aside, batches.prepare_batch(device, aside, clock.now()))
    answers = iter(recorded.results)
    results = [Result(scan.id, ScanResult.REVOKED) if scan.person in excess else next(answers) for scan in batch.scans]
    return replace(recorded, results=results, quarantined=added)


def _take_turn(db: Session, device: Device) -> None:
    """Wait until no other batch of this phone is being counted."""
    # An advisory lock, not the phone's row: recording locks the row last, after the people of a batch.
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("turnout phone", device.id))))


def _last_moment(device: Device) -> datetime:
    assert device.revoked_at is not None
    return device.event.ends_at + ACCEPTED_FOR if device.event.ends_at else device.revoked_at + PASS_LASTS_WITHOUT_END


# Walk-ins ------------------------------------------------------------------------------------------------------------


def _excess(db: Session, device: Device, batch: Batch) -> set[str]:
    """Return the ids of the new walk-ins of a batch beyond the number that a phone may add."""
    before = {row.ticket_id: row.at for row in db.execute(_walk_ins_of(device))}
    counts = Counter(span for at in before.values() for span in _spans(at))
    excess = set[str]()
    for walk_in, at in _stamps(device, batch).items():
        spans = _spans(at)
        if walk_in in before:
            continue
        if any(counts[span] >= WALK_INS[span[0]] for span in spans):
            excess.add(walk_in)
        else:
            counts.update(spans)
    return excess


def _spans(at: int) -> list[tuple[int, int]]:
    """Return the minute, the hour and the whole into which a stamp falls: the length of each, and its number."""
    return [(length, at // length) for length in WALK_INS]


def _stamps(device: Device, batch: Batch) -> dict[str, int]:
    """Return when each walk-in of a batch entered, as it would be stored; now when no scan tells. In order."""
    now = clock.now()
    rows = batches.prepare_batch(device, batch, now).rows.values()
    arrivals = {row["person"]: row["at"] for row in rows if row["kind"] == ScanKind.IN}
    return {str(walk_in.id): arrivals.get(str(walk_in.id), clock.milliseconds(now)) for walk_in in batch.walk_ins}


def _walk_ins_of(device: Device) -> Select[str, int]:
    """Select the walk-ins that a phone added, and when they entered."""
    of_device = Registration.event_id == device.event_id, Registration.walk_in, Registration.device_id == device.id
    is_arrival = (Scan.person == Registration.ticket_id) & (Scan.device_id == device.id) & (Scan.kind == ScanKind.IN)
    created = cast(func.extract("epoch", Registration.created_at) * 1000, BigInteger)
    statement = select(Registration.ticket_id, func.coalesce(func.min(Scan.at), created).label("at")).outerjoin(
        Scan, is_arrival
    )
    return statement.where(*of_device).group_by(Registration.id)


# The table -----------------------------------------------------------------------------------------------------------


def _put_aside(db: Session, device: Device, batch: Batch, intake: Intake) -> int:
    """Add rows that are not in quarantine yet; return how many."""
    rows = [
        *(_row(device, "scan", scan.id, _content(scan, intake)) for scan in batch.scans if scan.id in intake.rows),
        *(_row(device, "walk_in", walk_in.id, asdict(walk_in) | {"id": str(walk_in.id)}) for walk_in in batch.walk_ins),
        *(_row(device, "shift", since, {"name": name, "since": since}) for name, since in batch.shifts),
    ]
    if not rows:
        return 0
    added = db.scalars(insert(Quarantined).on_conflict_do_nothing().returning(Quarantined.kind), rows).all()
    if (db.scalar(select(func.count()).where(Quarantined.device_id == device.id)) or 0) > MOST:
        raise Unidentified("device_revoked") if device.revoked_at else Refused("quarantine_full")
    _count_scans(db, device, added.count("scan"))
    return len(added)


def _count_scans(db: Session, device: Device, more: int) -> None:
    counted = update(Device).where(Device.id == device.id).values(scans=Device.scans + more)
    db.execute(counted, execution_options={"synchronize_session": False})


def _take_out(db: Session, device: Device) -> dict[str, list[dict[str, Any]]]:
    """Delete and return everything in a phone's quarantine, by kind."""
    deleted = delete(Quarantined).where(Quarantined.device_id == device.id)
    of_kind: dict[str, list[dict[str, Any]]] = {"scan": [], "walk_in": [], "shift": []}
    for row in db.execute(deleted.returning(Quarantined.kind, Quarantined.content)):
        of_kind[row.kind].append(row.content)
    return of_kind


def _row(device: Device, kind: str, key: UUID | int, content: dict[str, Any]) -> dict[str, Any]:
    return {"device_id": device.id, "kind": kind, "key": str(key), "content": content}


def _content(scan: ScanClaim, intake: Intake) -> dict[str, Any]:
    """Return a scan as it came, with the stamp with which it would have been stored then."""
    at = intake.rows[scan.id]["at"]
    return asdict(scan) | {"id": str(scan.id), "undoes": scan.undoes and str(scan.undoes), "at": at}


def _claim(content: Mapping[str, Any]) -> ScanClaim:
    undoes = content["undoes"] and UUID(content["undoes"])
    return ScanClaim(**{**content, "id": UUID(content["id"]), "undoes": undoes})


def _known(db: Session, intake: Intake) -> dict[UUID, Scan]:
    """Return scans that the ledger has already: a batch comes again when its answer was lost."""
    return {scan.id: scan for scan in db.scalars(select(Scan).where(Scan.id.in_(list(intake.rows))))}


def _answer(claim: ScanClaim, position: int, intake: Intake, known: Mapping[UUID, Scan]) -> Result:
    if position in intake.refused:
        return Result(claim.id, ScanResult.INVALID, intake.refused[position])
    scan = known.get(claim.id)
    if scan is None:
        return Result(claim.id, ScanResult.REVOKED)
    if scan.digest.hex() != intake.digests[position]:
        return Result(claim.id, ScanResult.INVALID, InvalidReason.ANOTHER_SCAN)
    return Result(claim.id, ScanResult.REPLAY if scan.standing or scan.kind == ScanKind.REFUSED else ScanResult.REVOKED)


@dataclass(frozen=True, slots=True)
class Quarantine:
    """One phone's quarantined scans. `first` and `last` are its own stamps in milliseconds, None without a scan."""

    device: Device
    volunteer: str
    scans: int
    walk_ins: int
    first: int | None
    last: int | None
    received_at: datetime


def of_event(db: Session, *, event_id: int) -> Sequence[Quarantine]:
    """Return an event's quarantines, the oldest first; in one statement."""
    at = Quarantined.content["at"].astext.cast(BigInteger)
    scans, walk_ins = (func.count().filter(Quarantined.kind == item) for item in ("scan", "walk_in"))
    summed = (
        select(
            Quarantined.device_id,
            scans.label("scans"),
            walk_ins.label("walk_ins"),
            func.min(at).label("first"),
            func.max(at).label("last"),
            func.max(Quarantined.received_at).label("received_at"),
        )
        .join(Device)
        .where(Device.event_id == event_id)
        .group_by(Quarantined.device_id)
        .subquery()
    )
    name = select(Shift.name).where(Shift.device_id == Device.id).order_by(Shift.since.desc()).limit(1)
    query = (
        select(
            Device,
            func.coalesce(name.scalar_subquery(), ""),
            summed.c.scans,
            summed.c.walk_ins,
            summed.c.first,
            summed.c.last,
            summed.c.received_at,
        )
        .join(summed, summed.c.device_id == Device.id)
        .join(Device.door_pass)
        .options(contains_eager(Device.door_pass).joinedload(DoorPass.door))
        .order_by(Device.id)
    )
    return [Quarantine(*row) for row in db.execute(query)]
