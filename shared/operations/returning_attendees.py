"""Remembering that somebody was at an event, without remembering who; and forgetting it."""

from secrets import token_bytes

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from shared import clock
from shared.database import lock_row
from shared.models import Account, Event, Organization, Visit
from shared.operations import audit
from shared.queries.returning_attendees import KEPT, MARK, pads

SALT_BYTES = 16

REMEMBER = text(f"""
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


def remember(db: Session, *, event: Event) -> None:
    """Keep a mark of everybody who was let in and left a contact, and of nobody else; a private event keeps none."""
    # Held, so that nobody forgets everybody while these are written, and they stay.
    salt = lock_row(db, Organization, event.organization_id).salt
    if event.private or salt is None:
        db.execute(delete(Visit).where(Visit.event_id == event.id))
        return
    about = {"event": event.id, "organization": event.organization_id, "at": event.starts_at or clock.now()}
    db.execute(REMEMBER, about | pads(salt))


def forget(db: Session, *, organization: Organization, by: Account) -> None:
    """Recognise nobody any more: the marks go, and with the salt goes what any copy of them meant."""
    lock_row(db, Organization, organization.id).salt = None
    db.execute(delete(Visit).where(Visit.organization_id == organization.id))
    audit.note(db, by=by, action="returning_attendees.deleted", organization_id=organization.id)


def recognise(db: Session, *, organization: Organization, by: Account) -> None:
    """Recognise people from the next report on, if that does not happen already."""
    if lock_row(db, Organization, organization.id).salt is None:
        organization.salt = token_bytes(SALT_BYTES)
        audit.note(db, by=by, action="returning_attendees.enabled", organization_id=organization.id)


def forget_old(db: Session) -> int:
    """Delete the marks of events of more than 3 years ago; how many these were."""
    old = text(f"at <= CAST(:now AS timestamptz) - {KEPT}").bindparams(now=clock.now())
    return len(db.scalars(delete(Visit).where(old).returning(Visit.event_id)).all())
