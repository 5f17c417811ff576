"""Conflicts: add a note that settles one, or delete the note."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.door import conflicts
from web.access import ORGANIZER, Member
from web.forms.doors import read_note
from web.pages.organizer import event_of, no_store
from web.pages.organizer.doors.page import done, refused
from web.routes import Routes

pages = Routes(
    "organizer_conflicts",
    __name__,
    url_prefix="/organize/events/<int:event_id>/doors/conflicts/<uuid:scan_id>/<uuid:rival_id>",
)
pages.after_request(no_store)


@pages.post("/note", access=ORGANIZER, refused=refused)
def settle(db: Session, by: Member, event_id: int, scan_id: UUID, rival_id: UUID) -> ResponseReturnValue:
    """Save a note on a conflict, which settles it."""
    note = read_note(request.form)
    conflicts.settle(db, event=event_of(by), scans=(scan_id, rival_id), note=note, by=by.account)
    return done(db, by, "settled", "conflicts")


@pages.post("/reopen", access=ORGANIZER)
def reopen(db: Session, by: Member, event_id: int, scan_id: UUID, rival_id: UUID) -> ResponseReturnValue:
    """Delete the note, which reopens the conflict."""
    conflicts.reopen(db, event=event_of(by), scans=(scan_id, rival_id))
    return done(db, by, "opened", "conflicts")
