"""The attendees of a session whom no phone checked in: they may be checked in on paper."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shared.i18n import beginnings
from shared.models import Admission, Registration, RegistrationState, TicketTypeSession


def not_checked_in(
    db: Session, *, event_id: int, session_id: int, words: str = "", limit: int, offset: int = 0
) -> Sequence[Registration]:
    """Return the attendees with a seat in a session who were never checked in, by name.

    `words`: beginnings of its parts.
    """
    was_let_in = (
        select(Admission.person)
        .where(Admission.session_id == session_id, Admission.person == Registration.ticket_id)
        .where(Admission.first.is_not(None))
    )
    admits = TicketTypeSession.admits(Registration.ticket_type_id, session_id)
    registered = (
        Registration.event_id == event_id,
        Registration.state == RegistrationState.CONFIRMED,
        Registration.walk_in.is_(False),
    )
    # A key has only letters, digits and spaces, so nothing in it is special to LIKE.
    name = func.concat(" ", Registration.name_key)
    has_words = [or_(*(name.like(f"% {key}%") for key in keys)) for keys in beginnings(words)]
    query = select(Registration).where(*registered, admits, ~was_let_in.exists(), *has_words)
    return db.scalars(query.order_by(Registration.name_order, Registration.id).limit(limit).offset(offset)).all()


def by_short_code(db: Session, *, event_id: int, codes: Collection[str]) -> dict[str, str]:
    """Return an event's ticket ids by short code; unknown codes are left out."""
    conditions = Registration.event_id == event_id, Registration.short_code.in_(codes)
    rows = db.execute(select(Registration.short_code, Registration.ticket_id).where(*conditions))
    return {str(code): ticket_id for code, ticket_id in rows}
