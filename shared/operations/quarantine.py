"""What a phone hands in that is not taken on its word: it is put aside, and counts once an organizer accepts it.

A stolen phone can stamp its scans as it likes, so all that a revoked one hands in is put aside, and so are walk-ins
that come faster than anyone types names. To the phone such a scan is `revoked`: stored, and not standing.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import Refused, Unidentified
from shared.models import Device, Quarantined, Registration, Scan
from shared.models.door import AT_MOST
from shared.operations import attendance, batches, doors
from shared.operations.attendance import Recorded, Result
from shared.operations.batches import Batch, Intake, ScanClaim, WalkIn

MOST = 5_000
"""Scans, walk-ins and shifts that one phone may have in quarantine: about 3 MB."""
TAKEN_FOR = timedelta(days=14)
"""How long after the end of its event a revoked phone may still hand in."""
MINUTE, HOUR, EVER = 60_000, 3_600_000, 2**62
WALK_INS = {MINUTE: 30, HOUR: 600, EVER: 2_000}
"""How many walk-ins one phone may add in spans of so many milliseconds. Counted by its own stamps, since a phone
without a network hands in a whole evening at once.
"""


def receive(db: Session, *, device: Device, batch: Batch, is_limited: bool = True) -> Recorded:
    """Take in what a phone hands in over the network: what it is trusted with is recorded, the rest put aside.

    Raises Unidentified for a revoked phone whose time is over or whose quarantine was deleted, and for one whose
    quarantine is full; Refused for walk-ins of any other phone that find it full.
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


def accept_all(db: Session, *, device: Device) -> Counter[str]:
    """Record what a phone has in quarantine as if a good phone handed it in; how many scans got which answer."""
    _take_turn(db, device)
    of_kind = _take_out(db, device)
    scans = sorted(map(_claim, of_kind["scan"]), key=lambda scan: scan.person or scan.code or "")
    # The phone was told that they are stored, and they were counted then.
    _count_scans(db, device, -len(scans))
    batch = Batch(
        scans=scans,
        walk_ins=[WalkIn(**{**one, "id": UUID(one["id"])}) for one in of_kind["walk_in"]],
        shifts=[(one["name"], one["since"]) for one in of_kind["shift"]],
        is_accepted=True,
    )
    return Counter(one.result for one in attendance.record_all(db, device=device, batch=batch))


def delete_all(db: Session, *, device: Device) -> dict[str, int]:
    """Delete what a phone has in quarantine; how much of each kind there was. A revoked one hands in nothing more."""
    _take_turn(db, device)
    deleted = {kind: len(contents) for kind, contents in _take_out(db, device).items()}
    if device.revoked_at is not None:
        device.closed_at = clock.now()
    db.flush()
    return deleted


def _receive_revoked(db: Session, device: Device, batch: Batch) -> Recorded:
    if device.closed_at is not None or _last_moment(device) <= clock.now():
        raise Unidentified("device_revoked")
    if batch.is_idle:
        return attendance.record(db, device=device, batch=batch)
    _take_turn(db, device)
    intake = batches.record_batch(device, batch, clock.now())
    known = _known(db, intake)
    new = [scan for place, scan in enumerate(batch.scans) if place not in intake.refused and scan.id not in known]
    added = _put_aside(db, device, replace(batch, scans=new), intake)
    doors.record_contact(
        db, device=device, waiting=batch.waiting, clock_offset=batch.clock_offset, version=batch.version
    )
    results = [_answer(scan, place, intake, known) for place, scan in enumerate(batch.scans)]
    return Recorded(results, resend=device.scans < batch.handed_in, quarantined=added)


def _receive_excess(db: Session, device: Device, batch: Batch, excess: Collection[str]) -> Recorded:
    """Record a batch without the walk-ins of `excess`, which are put aside with the scans about them."""
    aside = Batch(
        scans=[scan for scan in batch.scans if scan.person in excess],
        walk_ins=[one for one in batch.walk_ins if str(one.id) in excess],
    )
    rest = replace(
        batch,
        scans=[scan for scan in batch.scans if scan.person not in excess],
        walk_ins=[one for one in batch.walk_ins if str(one.id) not in excess],
    )
    recorded = attendance.record(db, device=device, batch=rest)
    added = _put_aside(db, device, aside, batches.record_batch(device, aside, clock.now()))
    answers = iter(recorded.results)
    results = [Result(scan.id, "revoked") if scan.person in excess else next(answers) for scan in batch.scans]
    return replace(recorded, results=results, quarantined=added)


def _take_turn(db: Session, device: Device) -> None:
    """Wait until no other batch of this phone is being counted."""
    # Not the phone's row: recording locks that last, after the people of a batch.
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("turnout phone", device.id))))


def _last_moment(device: Device) -> datetime:
    assert device.revoked_at is not None
    return device.event.ends_at + TAKEN_FOR if device.event.ends_at else device.revoked_at + AT_MOST


# Walk-ins ------------------------------------------------------------------------------------------------------------


def _excess(db: Session, device: Device, batch: Batch) -> set[str]:
    """The new walk-ins of a batch that are more than a phone may add, by their ids."""
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
    """The minute, the hour and the whole that a stamp falls into: how long it is, and which one."""
    return [(length, at // length) for length in WALK_INS]


def _stamps(device: Device, batch: Batch) -> dict[str, int]:
    """When each walk-in of a batch came in, as it would be stored; now where no scan says so. In order."""
    now = clock.now()
    rows = batches.record_batch(device, batch, now).rows.values()
    came = {row["person"]: row["at"] for row in rows if row["kind"] == "in"}
    return {str(one.id): came.get(str(one.id), clock.milliseconds(now)) for one in batch.walk_ins}


def _walk_ins_of(device: Device) -> Select[str, int]:
    """The walk-ins whom a phone added, and when they came in."""
    mine = Registration.event_id == device.event_id, Registration.walk_in, Registration.device_id == device.id
    came = (Scan.person == Registration.ticket_id) & (Scan.device_id == device.id) & (Scan.kind == "in")
    made = cast(func.extract("epoch", Registration.created_at) * 1000, BigInteger)
    stamped = select(Registration.ticket_id, func.coalesce(func.min(Scan.at), made).label("at")).outerjoin(Scan, came)
    return stamped.where(*mine).group_by(Registration.id)


# The table -----------------------------------------------------------------------------------------------------------


def _put_aside(db: Session, device: Device, batch: Batch, intake: Intake) -> int:
    """Add what is not in quarantine yet; how much that was."""
    rows = [
        *(_row(device, "scan", scan.id, _content(scan, intake)) for scan in batch.scans if scan.id in intake.rows),
        *(_row(device, "walk_in", one.id, asdict(one) | {"id": str(one.id)}) for one in batch.walk_ins),
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
    # What the phone is told to be stored is compared with the number before this batch, which `device` keeps.
    counted = update(Device).where(Device.id == device.id).values(scans=Device.scans + more)
    db.execute(counted, execution_options={"synchronize_session": False})


def _take_out(db: Session, device: Device) -> dict[str, list[dict[str, Any]]]:
    """Everything that a phone has in quarantine, by kind; it is there no more."""
    taken = delete(Quarantined).where(Quarantined.device_id == device.id)
    of_kind: dict[str, list[dict[str, Any]]] = {"scan": [], "walk_in": [], "shift": []}
    for row in db.execute(taken.returning(Quarantined.kind, Quarantined.content)):
        of_kind[row.kind].append(row.content)
    return of_kind


def _row(device: Device, kind: str, key: UUID | int, content: dict[str, Any]) -> dict[str, Any]:
    return {"device_id": device.id, "kind": kind, "key": str(key), "content": content}


def _content(scan: ScanClaim, intake: Intake) -> dict[str, Any]:
    """A scan as it came, with the stamp that it would have been stored with then."""
    at = intake.rows[scan.id]["at"]
    return asdict(scan) | {"id": str(scan.id), "undoes": scan.undoes and str(scan.undoes), "at": at}


def _claim(content: Mapping[str, Any]) -> ScanClaim:
    undoes = content["undoes"] and UUID(content["undoes"])
    return ScanClaim(**{**content, "id": UUID(content["id"]), "undoes": undoes})


def _known(db: Session, intake: Intake) -> dict[UUID, Scan]:
    """Scans that the ledger holds already: a batch comes again where its answer was lost."""
    return {scan.id: scan for scan in db.scalars(select(Scan).where(Scan.id.in_(list(intake.rows))))}


def _answer(claim: ScanClaim, place: int, intake: Intake, known: Mapping[UUID, Scan]) -> Result:
    if place in intake.refused:
        return Result(claim.id, "invalid", intake.refused[place])
    scan = known.get(claim.id)
    if scan is None:
        return Result(claim.id, "revoked")
    if scan.digest.hex() != intake.digests[place]:
        return Result(claim.id, "invalid", "another_scan")
    return Result(claim.id, "replay" if scan.standing or scan.kind == "refused" else "revoked")
