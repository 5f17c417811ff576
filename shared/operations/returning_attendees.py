"""Marks of attendees, by which returning ones are counted without a record of who they are; and deleting them."""

from secrets import token_bytes

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from shared import clock
from shared.database import lock_row
from shared.models import Account, Event, Organization, Visit
from shared.operations import audit
from shared.queries.returning_attendees import KEPT, MARK, pads

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
