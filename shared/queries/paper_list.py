"""Who may have been ticked on a list on paper: the people of a session that no phone let in."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shared.i18n import beginnings
from shared.models import Admission, Registration, TicketTypeSession


def not_checked_in(
    db: Session, *, event_id: int, session_id: int, words: str = "", limit: int, offset: int = 0
) -> Sequence[Registration]:
    """People with a place in a session who were never let in, by name. `words`: how parts of it begin."""
    was_let_in = (
        select(Admission.person)
        .where(Admission.session_id == session_id, Admission.person == Registration.ticket_id)
        .where(Admission.first.is_not(None))
    )
    admits = TicketTypeSession.admits(Registration.ticket_type_id, session_id)
    mine = Registration.event_id == event_id, Registration.state == "confirmed", Registration.walk_in.is_(False)
    # A key holds letters, digits and spaces, so nothing in it means something to LIKE.
    name = func.concat(" ", Registration.name_key)
    named = [or_(*(name.like(f"% {key}%") for key in keys)) for keys in beginnings(words)]
    found = select(Registration).where(*mine, admits, ~was_let_in.exists(), *named)
    return db.scalars(found.order_by(Registration.name_order, Registration.id).limit(limit).offset(offset)).all()


def by_short_code(db: Session, *, event_id: int, codes: Collection[str]) -> dict[str, str]:
    """The ticket ids of an event that these short codes stand for; a code that nobody has is left out."""
    named = Registration.event_id == event_id, Registration.short_code.in_(codes)
    rows = db.execute(select(Registration.short_code, Registration.ticket_id).where(*named))
    return {str(code): ticket_id for code, ticket_id in rows}
