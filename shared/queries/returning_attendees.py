"""Returning attendees, matched by a mark: the HMAC-SHA-256 (RFC 2104) of their contact.

Its key is derived from a salt of the organization. PostgreSQL computes the marks from two pads of that key, so that no
contact leaves the database to be compared.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event

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
