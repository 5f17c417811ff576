"""The table of admissions, always equal to the fold of the scans."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from shared.door.fold import Entry, Fact, Folded, Key, fold
from shared.models import Registration, Scan

WRITE_ADMISSIONS = """
    UPDATE admission SET first = folded.first, first_at = folded.first_at, inside = folded.inside,
                         "left" = folded."left", entries = folded.entries, conflicts = folded.conflicts
    FROM jsonb_to_recordset(:admissions)
         AS folded (person text, session_id bigint, first uuid, first_at bigint, inside uuid, "left" uuid,
                    entries bigint, conflicts jsonb)
    WHERE admission.person = folded.person AND admission.session_id = folded.session_id
"""

LOCK = text("""
    INSERT INTO admission (person, session_id, event_id, registered)
    SELECT person, session, :event,
           EXISTS (SELECT FROM registration WHERE event_id = :event AND ticket_id = person AND NOT walk_in)
    FROM unnest(CAST(:persons AS text[]), CAST(:sessions AS bigint[])) AS key (person, session)
    ORDER BY 1, 2
    ON CONFLICT (person, session_id) DO UPDATE SET registered = admission.registered OR excluded.registered
""")


def refold(db: Session, *, event_id: int, persons: Collection[str]) -> None:
    """Add up the scans of some persons anew, after a change of whose scans they are.

    Their keys are locked before their scans are read, so that no concurrent batch is missed.
    """
    of_persons = Scan.event_id == event_id, Scan.person.in_(persons)
    sessions = db.scalars(select(Scan.session_id).where(*of_persons).distinct()).all()
    keys = sorted((person, session) for person in persons for session in sessions)
    columns = {"persons": [person for person, _ in keys], "sessions": [session for _, session in keys]}
    db.execute(LOCK, {"event": event_id, **columns})
    merged = _merged(db, event_id, persons)
    people = {*persons, *merged}
    scans = db.scalars(select(Scan).where(Scan.event_id == event_id, Scan.person.in_(people))).all()
    rows = admission_rows(keys, merged, fold(map(fact_of, scans), merged))
    db.execute(text(WRITE_ADMISSIONS), {"admissions": json.dumps(rows)})


def admission_rows(keys: Iterable[Key], merged: Mapping[str, str], folded: Folded) -> list[dict[str, Any]]:
    """Return the rows of some keys as WRITE_ADMISSIONS takes them; a key without an admission becomes an empty row."""
    return [_row(key, merged, folded) for key in sorted(keys)]


def fact_of(scan: Scan | Row[Any]) -> Fact:
    """Return a stored scan as the fold expects it."""
    undoes = str(scan.undoes) if scan.undoes else None
    return Fact(str(scan.id), scan.person, scan.session_id, scan.kind, scan.at, scan.device_id, undoes, scan.standing)


def _row(key: Key, merged: Mapping[str, str], folded: Folded) -> dict[str, Any]:
    entry: Entry | None = folded.admissions.get(key)
    person, session = key
    conflicts = [
        [earlier.id, scan.id]
        for earlier, scan in folded.conflicts
        if (merged.get(str(scan.person), scan.person), scan.session) == key
    ]
    return {
        "person": person,
        "session_id": session,
        "first": entry.first.id if entry else None,
        "first_at": entry.first.at if entry else None,
        "inside": entry.inside.id if entry and entry.inside else None,
        "left": entry.left.id if entry and entry.left else None,
        "entries": entry.entries if entry else 0,
        "conflicts": conflicts,
    }


def _merged(db: Session, event_id: int, persons: Collection[str]) -> dict[str, str]:
    involved = Registration.ticket_id.in_(persons) | Registration.merged_into.in_(persons)
    pairs = select(Registration.ticket_id, Registration.merged_into).where(
        Registration.event_id == event_id, Registration.merged_into.is_not(None), involved
    )
    return {walk_in: str(ticket) for walk_in, ticket in db.execute(pairs)}
