"""What lets phones scan at a door: make a pass, give out a new link, end it; revoke one phone, or allow it again."""

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.operations import doors as operations
from shared.queries import doors
from web.access import ORGANIZER, Member
from web.forms.doors import read_pass
from web.pages.organizer import event_of, no_store
from web.pages.organizer.doors.page import done, refused
from web.routes import Routes

pages = Routes("organizer_passes", __name__, url_prefix="/organize/events/<int:event_id>/doors")
pages.after_request(no_store)


@pages.post("/<int:door_id>/passes", access=ORGANIZER, refused=refused)
def make(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Make a new pass for a door; earlier ones stay good."""
    door = doors.door(db, door_id=door_id, event_id=event_id)
    given = read_pass(request.form, request.form.getlist("sessions"), event_of(by))
    operations.create_pass(db, door=door, phones=given.phones, sessions=given.sessions, expires_at=given.expires_at)
    return done(db, by, "made", f"door-{door_id}")


@pages.post("/passes/<int:pass_id>/renew", access=ORGANIZER)
def renew(db: Session, by: Member, event_id: int, pass_id: int) -> ResponseReturnValue:
    """Give out a new link in place of the old one."""
    door_pass = doors.door_pass(db, pass_id=pass_id, event_id=event_id)
    operations.renew_pass(db, door_pass=door_pass)
    return done(db, by, "renewed", f"door-{door_pass.door_id}")


@pages.post("/passes/<int:pass_id>/end", access=ORGANIZER)
def end(db: Session, by: Member, event_id: int, pass_id: int) -> ResponseReturnValue:
    """End a pass, and with it what its phones may do."""
    door_pass = doors.door_pass(db, pass_id=pass_id, event_id=event_id)
    operations.revoke_pass(db, door_pass=door_pass)
    return done(db, by, "ended", f"door-{door_pass.door_id}")


@pages.post("/phones/<int:device_id>/revoke", access=ORGANIZER)
def revoke(db: Session, by: Member, event_id: int, device_id: int) -> ResponseReturnValue:
    """Revoke one phone, and where that is ticked renew the pass that it has; once is enough."""
    phone = doors.phone(db, device_id=device_id, event_id=event_id)
    renew_pass = request.form.get("renew") == "1" and phone.revoked_at is None
    if phone.revoked_at is None:
        operations.revoke_phone(db, device=phone, renew_pass=renew_pass)
    return done(db, by, "revoked_and_renewed" if renew_pass else "revoked", "phones")


@pages.post("/phones/<int:device_id>/allow", access=ORGANIZER)
def allow(db: Session, by: Member, event_id: int, device_id: int) -> ResponseReturnValue:
    """Allow a revoked phone to pair again."""
    operations.allow_phone(db, device=doors.phone(db, device_id=device_id, event_id=event_id))
    return done(db, by, "allowed", "phones")
