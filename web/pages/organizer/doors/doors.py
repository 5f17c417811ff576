"""The doors page and its live sections; adding, renaming, closing and reopening a door; the rules of the doors."""

from hashlib import sha256

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from shared.door import doors
from shared.i18n import language
from web.access import ORGANIZER, Member
from web.forms.doors import read_name, read_rules
from web.pages.organizer import event_of, no_store
from web.pages.organizer.doors.page import done, live_sections, refused, show
from web.routes import Routes

pages = Routes("organizer_doors", __name__, url_prefix="/organize/events/<int:event_id>/doors")
pages.after_request(no_store)


class LiveSections(TypedDict):
    """The sections of the doors page that update automatically, as HTML."""

    html: str


@pages.get("/", access=ORGANIZER)
def page(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Show the doors of an event; `?page=`, `?phones=` and `?pairs=` turn its lists."""
    return show(db, by)


@pages.get("/changing.json", access=ORGANIZER, answers={200: LiveSections, 304: None})
def live_sections_json(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the sections of the page that update automatically; 304 while they are unchanged."""
    html = live_sections(db, by)
    # A digest of the text itself: "2 minutes ago" changes though no row has.
    tag = sha256(f"{language()} {html}".encode()).hexdigest()[:24]
    is_unchanged = request.if_none_match.contains_weak(tag)
    sections: LiveSections = {"html": html}
    response = Response(status=304) if is_unchanged else jsonify(sections)
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@pages.post("/", access=ORGANIZER, refused=refused)
def add(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Add a door."""
    event = event_of(by)
    door = doors.add(db, event=event, name=read_name(request.form, event.languages))
    return done(db, by, "added", f"door-{door.id}")


@pages.post("/<int:door_id>/name", access=ORGANIZER, refused=refused)
def rename(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Rename a door."""
    door = doors.door(db, door_id=door_id, event_id=event_id)
    doors.rename(db, door=door, name=read_name(request.form, event_of(by).languages, door.name))
    return done(db, by, "renamed", f"door-{door_id}")


@pages.post("/<int:door_id>/close", access=ORGANIZER)
def close(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Close a door."""
    doors.close(db, door=doors.door(db, door_id=door_id, event_id=event_id))
    return done(db, by, "closed", f"door-{door_id}")


@pages.post("/<int:door_id>/reopen", access=ORGANIZER)
def reopen(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Reopen a closed door."""
    doors.reopen(db, door=doors.door(db, door_id=door_id, event_id=event_id))
    return done(db, by, "reopened", f"door-{door_id}")


@pages.post("/rules", access=ORGANIZER, refused=refused)
def rules(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Save the rules by which the doors admit."""
    doors.set_rules(db, event=event_of(by), rules=read_rules(request.form))
    return done(db, by, "rules", "rules")
