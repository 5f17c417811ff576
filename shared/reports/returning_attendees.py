"""Returning attendees, matched by a mark: the HMAC-SHA-256 (RFC 2104) of their contact.

Its key is derived from a salt of the organization. PostgreSQL computes the marks from two pads of that key, so that no
contact leaves the database to be compared."""

from secrets import token_bytes

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from shared import clock
from shared.audit import audit
from shared.database import lock_row
from shared.models import Account, Event, Organization, Visit

BLOCK = 64
"""The block size of SHA-256 in bytes."""

MARK = "sha256(CAST(:outer AS bytea) || sha256(CAST(:inner AS bytea) || convert_to(contact_key, 'UTF8')))"
"""The mark of a registration's contact; `:inner` and `:outer` are pads()."""

KEPT = "interval '3 years'"


RETURNING = text(f"""
    SELECT ticket_id FROM registration
    WHERE event_id = :event AND contact_key IS NOT NULL AND {MARK} IN (
        SELECT mark FROM visit
        WHERE organization_id = :organization AND event_id <> :event AND at < :before
          AND at > CAST(:now AS timestamptz) - {KEPT})
""")  # noqa: S608 - constants


def pads(salt: bytes) -> dict[str, bytes]:
    """Return the key's two pads, as RFC 2104 defines them."""
    key = HKDF(SHA256(), 32, None, b"turnout returning").derive(salt).ljust(BLOCK, b"\0")
    return {"inner": bytes(byte ^ 0x36 for byte in key), "outer": bytes(byte ^ 0x5C for byte in key)}


def returning(db: Session, *, event: Event) -> frozenset[str] | None:
    """Return the ticket ids of attendees who came to an earlier event of the organization, at most 3 years ago.

    None where they may not be matched: a private event reveals no one's past, and an organization can turn this off.
    """
    salt = event.organization.salt
    if event.private or salt is None:
        return None
    now = clock.now()
    values = {"event": event.id, "organization": event.organization_id, "before": event.starts_at or now, "now": now}
    return frozenset(db.scalars(RETURNING, values | pads(salt)))


SALT_BYTES = 16


RECORD_VISITS = text(f"""
    WITH came AS (
        SELECT DISTINCT {MARK} AS mark
        FROM registration JOIN admission ON admission.person = registration.ticket_id
        WHERE registration.event_id = :event AND contact_key IS NOT NULL
          AND admission.event_id = :event AND admission.first IS NOT NULL
    ), gone AS (
        DELETE FROM visit WHERE event_id = :event AND mark NOT IN (SELECT mark FROM came)
    )
    INSERT INTO visit (event_id, mark, organization_id, at)
    SELECT :event, mark, :organization, :at FROM came ON CONFLICT DO NOTHING
""")  # noqa: S608 - constants


def record_visits(db: Session, *, event: Event) -> None:
    """Store a mark of everyone who was checked in and left a contact, and delete all others.

    A private event has none.
    """
    # Locked: otherwise all marks could be deleted while these are written, and these would stay.
    salt = lock_row(db, Organization, event.organization_id).salt
    if event.private or salt is None:
        db.execute(delete(Visit).where(Visit.event_id == event.id))
        return
    about = {"event": event.id, "organization": event.organization_id, "at": event.starts_at or clock.now()}
    db.execute(RECORD_VISITS, about | pads(salt))


def delete_all(db: Session, *, organization: Organization, by: Account) -> None:
    """Stop recognizing returning attendees: delete the marks, and with the salt the meaning of any copy of them."""
    lock_row(db, Organization, organization.id).salt = None
    db.execute(delete(Visit).where(Visit.organization_id == organization.id))
    audit.note(db, by=by, action="returning_attendees.deleted", organization_id=organization.id)


def enable(db: Session, *, organization: Organization, by: Account) -> None:
    """Recognize returning attendees from the next report on, unless that is so already."""
    if lock_row(db, Organization, organization.id).salt is None:
        organization.salt = token_bytes(SALT_BYTES)
        audit.note(db, by=by, action="returning_attendees.enabled", organization_id=organization.id)


def delete_old(db: Session) -> int:
    """Delete the marks of events more than 3 years ago; return how many."""
    old = text(f"at <= CAST(:now AS timestamptz) - {KEPT}").bindparams(now=clock.now())
    return len(db.scalars(delete(Visit).where(old).returning(Visit.event_id)).all())
