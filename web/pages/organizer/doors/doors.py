"""The page, its changing parts, and the doors themselves: add, rename, close, reopen, and how they decide."""

from hashlib import sha256

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.i18n import language
from shared.operations import doors as operations
from shared.queries import doors
from web.access import ORGANIZER, Member
from web.forms.doors import read_name, read_rules
from web.pages.organizer import event_of, no_store
from web.pages.organizer.doors.page import changing, done, refused, show
from web.routes import Routes

pages = Routes("organizer_doors", __name__, url_prefix="/organize/events/<int:event_id>/doors")
pages.after_request(no_store)


@pages.get("/", access=ORGANIZER)
def page(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Everything about the doors of an event; `?page=`, `?phones=` and `?pairs=` turn its lists."""
    return show(db, by)


@pages.get("/changing.json", access=ORGANIZER)
def changing_json(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """The parts of the page that change by themselves; 304 while they are the same."""
    html = changing(db, by)
    # Of the words themselves: "2 minutes ago" changes though nothing has happened.
    tag = sha256(f"{language()} {html}".encode()).hexdigest()[:24]
    is_known = request.if_none_match.contains_weak(tag)
    answer = Response(status=304) if is_known else jsonify(html=html)
    answer.set_etag(tag, weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@pages.post("/", access=ORGANIZER, refused=refused)
def add(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Add a door."""
    event = event_of(by)
    door = operations.add(db, event=event, name=read_name(request.form, event.languages))
    return done(db, by, "added", f"door-{door.id}")


@pages.post("/<int:door_id>/name", access=ORGANIZER, refused=refused)
def rename(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Call a door something else."""
    door = doors.door(db, door_id=door_id, event_id=event_id)
    operations.rename(db, door=door, name=read_name(request.form, event_of(by).languages, door.name))
    return done(db, by, "renamed", f"door-{door_id}")


@pages.post("/<int:door_id>/close", access=ORGANIZER)
def close(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Close a door."""
    operations.close(db, door=doors.door(db, door_id=door_id, event_id=event_id))
    return done(db, by, "closed", f"door-{door_id}")


@pages.post("/<int:door_id>/reopen", access=ORGANIZER)
def reopen(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Open a closed door again."""
    operations.reopen(db, door=doors.door(db, door_id=door_id, event_id=event_id))
    return done(db, by, "reopened", f"door-{door_id}")


@pages.post("/rules", access=ORGANIZER, refused=refused)
def rules(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Change how the doors decide."""
    operations.set_rules(db, event=event_of(by), rules=read_rules(request.form))
    return done(db, by, "rules", "rules")
