"""Scans and walk-ins of a phone in quarantine: accept them, or delete them."""

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.door import phones, quarantine
from web.access import ORGANIZER, Member
from web.pages.organizer import no_store
from web.pages.organizer.doors.page import done
from web.routes import Routes

pages = Routes(
    "organizer_quarantine",
    __name__,
    url_prefix="/organize/events/<int:event_id>/doors/phones/<int:device_id>/quarantine",
)
pages.after_request(no_store)


@pages.post("/accept", access=ORGANIZER)
def accept(db: Session, by: Member, event_id: int, device_id: int) -> ResponseReturnValue:
    """Count everything in the phone's quarantine, as if an allowed phone had sent it."""
    phone = phones.get(db, device_id=device_id, event_id=event_id)
    answers = quarantine.accept_all(db, device=phone)
    return done(db, by, "quarantine_accepted", "phones", **answers)


@pages.post("/delete", access=ORGANIZER)
def delete(db: Session, by: Member, event_id: int, device_id: int) -> ResponseReturnValue:
    """Delete everything in the phone's quarantine for good."""
    phone = phones.get(db, device_id=device_id, event_id=event_id)
    deleted = quarantine.delete_all(db, device=phone)
    return done(db, by, "quarantine_deleted", "phones", scans=deleted["scan"], walk_ins=deleted["walk_in"])
