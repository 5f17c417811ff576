"""The statement of scans that check people in for the first time: stored with their admissions in one round trip."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.door.batches import Batch, Intake
from shared.models import Device
from shared.scans import ScanKind

# Each scan with a person has an admission's row for its key, also one that checked no one in. So where the row is
# missing, the fold has this one scan, and the admission can be written without asking what else is in the ledger.
#
# All or nothing: one scan that is not usual, or a revoked phone, leaves everything as it was. A row that someone else
# commits meanwhile breaks a primary key, and the whole statement with it: PostgreSQL then logs an error, for two phones
# that scan one ticket within the same few milliseconds. The admissions are written first and in the order of their
# keys, as in attendance.py, so no two batches wait for each other in a circle.
#
# The list and the admissions are looked up by subqueries, which PostgreSQL never turns into a join of whole tables.
RECORD = text("""
    WITH sent AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:scans AS jsonb))
                      AS scan (id uuid, session_id bigint, person text, at bigint, reason text, doubtful boolean,
                               digest text, door bigint)
    ), phone AS MATERIALIZED (
        SELECT FROM device WHERE id = :device AND revoked_at IS NULL AND :count = (
            SELECT count(*) FROM sent
            WHERE (SELECT event_id = :event AND NOT walk_in FROM registration WHERE ticket_id = sent.person)
              AND (SELECT true FROM admission WHERE person = sent.person AND session_id = sent.session_id) IS NULL
        )
    ), admitted AS (
        INSERT INTO admission (person, session_id, event_id, registered, first, first_at, inside, entries)
        SELECT person, session_id, :event, true, sent.id, at, sent.id, 1 FROM phone, sent ORDER BY person, session_id
        RETURNING 1
    ), stored AS (
        INSERT INTO scan (id, event_id, session_id, person, kind, at, device_id, door_id, reason, doubtful, digest,
                          received_at)
        SELECT sent.id, :event, session_id, person, 'in', at, :device, coalesce(door.id, :door), reason, doubtful,
               decode(digest, 'hex'), :now
        FROM phone, sent LEFT JOIN door ON door.event_id = :event AND door.id = sent.door
    )
    UPDATE device SET seen_at = :now, scans = scans + :count, waiting = coalesce(:waiting, waiting),
                      clock_offset = coalesce(:clock_offset, clock_offset), version = coalesce(:version, version)
    WHERE id = :device AND (SELECT count(*) FROM admitted) = :count
    RETURNING scans - :count
""")


def are_usual(batch: Batch) -> bool:
    """Return whether the batch only checks people in, and names no walk-in or volunteer."""
    return not (batch.walk_ins or batch.shifts) and all(claim.kind == ScanKind.IN for claim in batch.scans)


def record(db: Session, *, device: Device, batch: Batch, intake: Intake, now: datetime) -> int | None:
    """Store the scans of a usual batch if each of them is the first of its ticket for its session.

    Returns how many scans of the phone were stored before; None, and nothing is written, where attendance.record() has
    to look closer. Raises IntegrityError for a scan that another request stored at the same moment.
    """
    count = len(batch.scans)
    if len(intake.touched()) < count or device.door_pass is None:
        return None
    values: dict[str, Any] = {
        "event": device.event_id,
        "device": device.id,
        "door": device.door_pass.door_id,
        "now": now,
        "count": count,
        "scans": json.dumps(list(intake.rows.values())),
        "waiting": batch.waiting,
        "clock_offset": batch.clock_offset,
        "version": batch.version,
    }
    return db.execute(RECORD, values).scalar_one_or_none()
