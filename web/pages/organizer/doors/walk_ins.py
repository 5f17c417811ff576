"""Walk-ins that look like a registered attendee: count both as one person, or as two again."""

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.door import walk_ins
from web.access import ORGANIZER, Member
from web.pages.organizer import event_of, no_store
from web.pages.organizer.doors.page import done
from web.routes import Routes

pages = Routes(
    "organizer_walk_ins", __name__, url_prefix="/organize/events/<int:event_id>/doors/walk-ins/<walk_in>/<ticket>"
)
pages.after_request(no_store)


@pages.post("/merge", access=ORGANIZER)
def merge(db: Session, by: Member, event_id: int, walk_in: str, ticket: str) -> ResponseReturnValue:
    """Count a walk-in and a registration as one person."""
    walk_ins.merge(db, event=event_of(by), walk_in=walk_in, ticket=ticket)
    return done(db, by, "merged", "walk-ins")


@pages.post("/separate", access=ORGANIZER)
def separate(db: Session, by: Member, event_id: int, walk_in: str, ticket: str) -> ResponseReturnValue:
    """Count a walk-in and a registration as two people again."""
    walk_ins.separate(db, event=event_of(by), walk_in=walk_in, ticket=ticket)
    return done(db, by, "separated", "walk-ins")
