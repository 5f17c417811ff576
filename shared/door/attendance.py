"""Recording the scans that phones upload."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, cast, select, text
from sqlalchemy.orm import Session

from shared import clock
from shared.door import first_scans, phones
from shared.door.admissions import WRITE_ADMISSIONS, admission_rows, fact_of
from shared.door.batches import Batch, Intake, ScanClaim, WalkIn, prepare_batch
from shared.door.fold import fold
from shared.i18n import search_key
from shared.models import Device, RegistrationState, Scan, TicketType
from shared.registrations.new_registration import add_registrations
from shared.scans import InvalidReason, ScanKind, ScanResult

LARGEST_BATCH = 500


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one scan; an invalid one has a reason."""

    id: UUID
    result: ScanResult
    reason: InvalidReason | None = None


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The answers, in order. `resend` asks for everything again, since the ledger holds less than was acknowledged.

    `quarantined` is how many scans, walk-ins and shifts went to quarantine.
    """

    results: list[Result]
    resend: bool
    quarantined: int = 0


# A person who was merged into a ticket is locked under it, and a walk-in's row is locked, so that no merge happens
# meanwhile. Rows are locked in the order of their keys, before the ledger is read: no batch can fold past another.
LOCK_KEYS = text("""
    WITH shifts AS (
        INSERT INTO shift (device_id, since, name)
        SELECT :device, since, name FROM jsonb_to_recordset(:shifts) AS shift (since bigint, name text)
        ON CONFLICT DO NOTHING
    ), walk_ins AS (
        SELECT ticket_id, merged_into, merged_into IS NOT NULL AS registered FROM registration
        WHERE event_id = :event AND walk_in AND ticket_id = ANY(CAST(:persons AS text[]))
        FOR SHARE
    ), people AS (
        SELECT * FROM walk_ins
        UNION ALL
        SELECT ticket_id, NULL, true FROM registration
        WHERE event_id = :event AND NOT walk_in AND ticket_id = ANY(CAST(:persons AS text[]))
    ), locked AS (
        INSERT INTO admission (person, session_id, event_id, registered)
        SELECT DISTINCT coalesce(people.merged_into, key.person) AS person, key.session, :event,
               registered IS TRUE
        FROM unnest(CAST(:persons AS text[]), CAST(:sessions AS bigint[])) AS key (person, session)
        LEFT JOIN people ON people.ticket_id = key.person
        ORDER BY 1, 2
        ON CONFLICT (person, session_id) DO UPDATE SET registered = admission.registered OR excluded.registered
    )
    SELECT ticket_id, merged_into FROM people
""")

# Rows inserted here are not in this statement's own snapshot: the union adds them. `root` is the ticket for which a
# scan counts, when the ledger was asked for it.
STORE_SCANS = text("""
    WITH fresh AS (
        INSERT INTO scan (id, event_id, session_id, person, kind, at, device_id, door_id, undoes, reason, doubtful,
                          standing, digest, received_at)
        SELECT scan.id, :event, session_id, person, kind, at, :device,
               coalesce(door.id, :door, (SELECT min(id) FROM door WHERE event_id = :event)),
               undoes, reason, doubtful, standing, decode(digest, 'hex'), :now
        FROM jsonb_to_recordset(:scans)
             AS scan (id uuid, session_id bigint, person text, kind text, at bigint, undoes uuid, reason text,
                      doubtful boolean, standing boolean, digest text, door bigint)
        LEFT JOIN door ON door.event_id = :event AND door.id = scan.door
        ON CONFLICT (id) DO NOTHING
        RETURNING id, session_id, person, kind, at, device_id, undoes, standing, digest
    )
    SELECT *, true AS fresh, NULL AS root FROM fresh
    UNION ALL
    SELECT told.id, session_id, person, kind, at, device_id, undoes, standing, digest, false, NULL
    FROM unnest(CAST(:ids AS uuid[])) AS told (id) JOIN scan USING (id)
    UNION ALL
    SELECT scan.id, scan.session_id, scan.person, kind, at, device_id, undoes, standing, digest, false, key.person
    FROM unnest(CAST(:persons AS text[]), CAST(:sessions AS bigint[])) AS key (person, session_id)
    CROSS JOIN LATERAL (
        SELECT key.person AS id
        UNION ALL
        SELECT ticket_id FROM registration WHERE event_id = :event AND merged_into = key.person
    ) AS same
    JOIN scan ON scan.person = same.id AND scan.session_id = key.session_id
""")

STORE_ADMISSIONS = text(
    f"WITH folded AS ({WRITE_ADMISSIONS})"  # noqa: S608 - two constants
    """
    UPDATE device SET seen_at = :now, scans = scans + :fresh, waiting = coalesce(:waiting, waiting),
                      clock_offset = coalesce(:clock_offset, clock_offset), version = coalesce(:version, version)
    WHERE id = :device
    RETURNING scans - :fresh
    """
)


def record(db: Session, *, device: Device, batch: Batch) -> BatchResult:
    """Record a phone's batch: each scan is stored or answered on its own, and the admissions are folded anew.

    Three statements, for one scan as for 500, one more when a scan is undone and two for walk-ins; one for an idle
    batch. Scans stamped after the device was revoked are stored and do not count, unless an organizer accepted them.
    """
    if batch.is_idle:
        stored = phones.record_contact(
            db, device=device, waiting=batch.waiting, clock_offset=batch.clock_offset, version=batch.version
        )
        return BatchResult([], resend=stored < batch.handed_in)
    intake = prepare_batch(device, batch, clock.now())
    _refuse_foreign_undos(db, device, intake)
    registered = _lock_keys(db, device, batch, intake)
    merged = {person: ticket for person, ticket in registered.items() if ticket}
    ledger = _store_scans(db, device, intake, merged)
    merged |= {row.person: row.root for row in ledger.values() if row.root not in {None, row.person}}
    folded = fold([fact_of(row) for row in ledger.values()], merged)
    fresh = sum(row.fresh for row in ledger.values())
    keys = {(merged.get(person, person), session) for person, session in intake.touched()}
    before = _store_admissions(db, device, batch, fresh, admission_rows(keys, merged, folded))
    conflicting = {scan.id for pair in folded.conflicts for scan in pair}
    results = [
        _answer(claim, position, intake, ledger, conflicting, registered) for position, claim in enumerate(batch.scans)
    ]
    return BatchResult(results, resend=before < batch.handed_in)


def record_at_once(db: Session, *, device: Device, batch: Batch) -> BatchResult | None:
    """Record a batch in one statement if nothing in it is unusual; None, and nothing is written, where record() has to
    look closer.

    `device` may have been read a second ago. Raises IntegrityError for a scan that is stored at the same moment.
    """
    if device.revoked_at is not None or not first_scans.are_usual(batch):
        return None
    if batch.is_idle:
        return record(db, device=device, batch=batch)
    now = clock.now()
    intake = prepare_batch(device, batch, now)
    before = first_scans.record(db, device=device, batch=batch, intake=intake, now=now)
    if before is None:
        return None
    return BatchResult([Result(claim.id, ScanResult.ACCEPTED) for claim in batch.scans], before < batch.handed_in)


def record_all(db: Session, *, device: Device, batch: Batch) -> list[Result]:
    """Record a batch of any length as several of the largest size; walk-ins and shifts go with the first."""
    first, rest = batch.scans[:LARGEST_BATCH], batch.scans[LARGEST_BATCH:]
    results = record(db, device=device, batch=replace(batch, scans=first)).results
    for start in range(0, len(rest), LARGEST_BATCH):
        scans = rest[start : start + LARGEST_BATCH]
        results += record(db, device=device, batch=Batch(scans=scans, is_accepted=batch.is_accepted)).results
    return results


def _refuse_foreign_undos(db: Session, device: Device, intake: Intake) -> None:
    """Let no undo of another phone's scan count.

    An organizer's counts: a device without a pass is theirs.
    """
    undos = [row for row in intake.rows.values() if row["undoes"]]
    if not undos or device.door_pass_id is None:
        return
    # The id of a scan that is not stored yet is known only to the phone that made it.
    targets = Scan.id.in_([row["undoes"] for row in undos]), Device.phone != device.phone
    foreign = db.scalars(select(cast(Scan.id, Text)).join(Device, Device.id == Scan.device_id).where(*targets)).all()
    for row in undos:
        row["standing"] = row["standing"] and row["undoes"] not in foreign


def _lock_keys(db: Session, device: Device, batch: Batch, intake: Intake) -> dict[str, str | None]:
    """Lock the admissions of a batch; return the registered persons, each with the ticket into which it was merged."""
    keys = intake.touched()
    # A revoked phone adds only walk-ins whom it checked in before.
    checked_in = {row["person"] for row in intake.rows.values() if row["standing"]}
    counts = device.revoked_at is None or batch.is_accepted
    accepted = [walk_in for walk_in in batch.walk_ins if counts or str(walk_in.id) in checked_in]
    if accepted:
        _add_walk_ins(db, device, accepted)
    values = {
        "event": device.event_id,
        "device": device.id,
        "shifts": json.dumps([{"name": name, "since": since} for name, since in batch.shifts]),
        "persons": [person for person, _ in keys],
        "sessions": [session for _, session in keys],
    }
    return {row.ticket_id: row.merged_into for row in db.execute(LOCK_KEYS, values)}


def _add_walk_ins(db: Session, device: Device, walk_ins: Sequence[WalkIn]) -> None:
    """Insert the walk-ins that are not known yet, of the event's first ticket type if theirs is not the event's."""
    of_event = select(TicketType.id).where(TicketType.event_id == device.event_id).order_by(TicketType.id)
    ticket_type_ids = db.scalars(of_event).all()
    people = [
        {
            "ticket_id": str(walk_in.id),
            "name": walk_in.name,
            "name_key": search_key(walk_in.name),
            "language": walk_in.language,
            "ticket_type_id": walk_in.ticket_type_id
            if walk_in.ticket_type_id in ticket_type_ids
            else ticket_type_ids[0],
        }
        for walk_in in walk_ins
    ]
    confirmed = {"state": RegistrationState.CONFIRMED, "confirmed_at": clock.now()}
    common = {"event_id": device.event_id, "device_id": device.id, "walk_in": True, **confirmed}
    add_registrations(db, common, people, leaves_out_known=True)


def _store_scans(db: Session, device: Device, intake: Intake, merged: Mapping[str, str]) -> dict[UUID, Row[Any]]:
    """Store new scans; return them with everything that the ledger holds about the same persons and sessions."""
    keys = sorted({(merged.get(person, person), session) for person, session in intake.touched()})
    values = {
        "event": device.event_id,
        "device": device.id,
        "now": clock.now(),
        "door": device.door_pass.door_id if device.door_pass else None,
        "scans": json.dumps(list(intake.rows.values())),
        "ids": list(intake.rows),
        "persons": [person for person, _ in keys],
        "sessions": [session for _, session in keys],
    }
    return {row.id: row for row in db.execute(STORE_SCANS, values)}


def _store_admissions(db: Session, device: Device, batch: Batch, fresh: int, admissions: list[dict[str, Any]]) -> int:
    """Write the folded admissions; return how many scans of this phone the ledger held before."""
    values = {
        "admissions": json.dumps(admissions),
        "device": device.id,
        "now": clock.now(),
        "fresh": fresh,
        "waiting": batch.waiting,
        "clock_offset": batch.clock_offset,
        "version": batch.version,
    }
    scans_before: int = db.execute(STORE_ADMISSIONS, values).scalar_one()
    return scans_before


def _answer(
    claim: ScanClaim,
    position: int,
    intake: Intake,
    ledger: Mapping[UUID, Row[Any]],
    conflicting: set[str],
    registered: Mapping[str, str | None],
) -> Result:
    if position in intake.refused:
        return Result(claim.id, ScanResult.INVALID, intake.refused[position])
    row = ledger.get(claim.id)
    if row is None:
        # Stored by a concurrent request; it is about no person, so there was no lock to wait for.
        return Result(claim.id, ScanResult.REPLAY)
    if row.digest.hex() != intake.digests[position]:
        return Result(claim.id, ScanResult.INVALID, InvalidReason.ANOTHER_SCAN)
    if claim.kind != ScanKind.REFUSED and not row.standing:
        return Result(claim.id, ScanResult.REVOKED)
    if str(claim.id) in conflicting:
        # Both phones of a conflict learn of it, also the one whose scan turns out to be earlier.
        return Result(claim.id, ScanResult.CONFLICT)
    if not row.fresh:
        return Result(claim.id, ScanResult.REPLAY)
    if row.person and row.person not in registered and row.person not in intake.genuine:
        return Result(claim.id, ScanResult.UNKNOWN)
    return Result(claim.id, ScanResult.ACCEPTED)
