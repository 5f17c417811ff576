"""Door passes and phones: create a pass, replace its link, revoke it; revoke one phone, or allow it again."""

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.door import doors, passes, phones
from web.access import ORGANIZER, Member
from web.forms.doors import read_pass
from web.pages.organizer import event_of, no_store
from web.pages.organizer.doors.page import done, refused
from web.routes import Routes

pages = Routes("organizer_passes", __name__, url_prefix="/organize/events/<int:event_id>/doors")
pages.after_request(no_store)


@pages.post("/<int:door_id>/passes", access=ORGANIZER, refused=refused)
def create(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Create a pass for a door; earlier passes stay valid."""
    door = doors.door(db, door_id=door_id, event_id=event_id)
    new_pass = read_pass(request.form, request.form.getlist("sessions"), event_of(by))
    passes.create(db, door=door, phones=new_pass.phones, sessions=new_pass.sessions, expires_at=new_pass.expires_at)
    return done(db, by, "made", f"door-{door_id}")


@pages.post("/passes/<int:pass_id>/renew", access=ORGANIZER)
def replace_link(db: Session, by: Member, event_id: int, pass_id: int) -> ResponseReturnValue:
    """Replace the link of a pass."""
    door_pass = passes.get(db, pass_id=pass_id, event_id=event_id)
    passes.renew(db, door_pass=door_pass)
    return done(db, by, "renewed", f"door-{door_pass.door_id}")


@pages.post("/passes/<int:pass_id>/end", access=ORGANIZER)
def revoke_pass(db: Session, by: Member, event_id: int, pass_id: int) -> ResponseReturnValue:
    """Revoke a pass, and with it the access of its phones."""
    door_pass = passes.get(db, pass_id=pass_id, event_id=event_id)
    passes.revoke(db, door_pass=door_pass)
    return done(db, by, "ended", f"door-{door_pass.door_id}")


@pages.post("/phones/<int:device_id>/revoke", access=ORGANIZER)
def revoke_phone(db: Session, by: Member, event_id: int, device_id: int) -> ResponseReturnValue:
    """Revoke one phone and, where asked, replace the link of its pass. A phone already revoked stays as it is."""
    phone = phones.get(db, device_id=device_id, event_id=event_id)
    is_revoked = phone.revoked_at is not None
    renew_pass = not is_revoked and request.form.get("renew") == "1"
    if not is_revoked:
        phones.revoke(db, device=phone, renew_pass=renew_pass)
    return done(db, by, "revoked_and_renewed" if renew_pass else "revoked", "phones")


@pages.post("/phones/<int:device_id>/allow", access=ORGANIZER)
def allow_phone(db: Session, by: Member, event_id: int, device_id: int) -> ResponseReturnValue:
    """Allow a revoked phone to pair again."""
    phones.allow(db, device=phones.get(db, device_id=device_id, event_id=event_id))
    return done(db, by, "allowed", "phones")
