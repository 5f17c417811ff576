"""Pictures of an event: of its speakers and partners, and a photograph in place of the woven cover.

Each is a form of its own, so that an unusable picture loses nothing that was typed elsewhere.
"""

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.errors import DomainError, Missing
from shared.events import editing, pictures, programme
from shared.models import Partner, Speaker
from shared.pictures import UPLOAD_BYTES
from web.access import ORGANIZER, Member
from web.bounds import Body
from web.forms import FormError
from web.organizer.edit_form import Refusal, errors_of
from web.organizer.events.editor import back, render
from web.organizer.events.form import say
from web.organizer.events.rows import show
from web.organizer.routes import OrganizerRoutes

pages = OrganizerRoutes("organizer_pictures", __name__, url_prefix="/organize/events/<int:event_id>/edit")

FORM_OVERHEAD = 100_000
"""Most bytes of an upload beside the picture itself."""
FORM = Body(UPLOAD_BYTES + FORM_OVERHEAD)


def refused_cover(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the cover section with the reason why the picture cannot be used."""
    return render(db, by, "cover", here="cover", refusal=Refusal("cover", error), errors=errors_of(error))


def refused(db: Session, by: Member, event_id: int, kind: str, row_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the list with the reason, at its row, why the picture cannot be used."""
    return show(db, by, kind, Refusal(f"picture-{row_id}", error), picture_errors=errors_of(error))


@pages.post("/cover", access=ORGANIZER, body=FORM, refused=refused_cover)
def set_cover(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Replace the woven cover with a photograph."""
    sha256 = _store_picture(db)
    event = editing.lock(db, event_id=event_id)
    editing.revise(db, event=event, by=by.account, part="cover", values={"picture": sha256})
    return back(event_id, "cover", "saved")


@pages.post("/cover/woven", access=ORGANIZER)
def restore_woven_cover(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Restore the woven cover."""
    event = editing.lock(db, event_id=event_id)
    editing.revise(db, event=event, by=by.account, part="cover", values={"picture": None})
    return back(event_id, "cover", "saved")


@pages.post("/rows/<kind>/<int:row_id>/picture", access=ORGANIZER, body=FORM, refused=refused)
def picture(db: Session, by: Member, event_id: int, kind: str, row_id: int) -> ResponseReturnValue:
    """Save the picture of a speaker or partner."""
    sha256 = _store_picture(db)
    return _set(db, by, event_id, kind, row_id, sha256)


@pages.post("/rows/<kind>/<int:row_id>/picture/remove", access=ORGANIZER)
def remove_picture(db: Session, by: Member, event_id: int, kind: str, row_id: int) -> ResponseReturnValue:
    """Remove the picture of a speaker or partner."""
    return _set(db, by, event_id, kind, row_id, None)


def _set(db: Session, by: Member, event_id: int, kind: str, row_id: int, sha256: str | None) -> ResponseReturnValue:
    if kind not in {"speakers", "partners"}:
        raise Missing("picture")
    event = editing.lock(db, event_id=event_id)
    row = programme.find(event, kind=kind, row_id=row_id)
    assert isinstance(row, Speaker | Partner)
    programme.set_picture(db, event=event, by=by.account, row=row, sha256=sha256)
    return back(event_id, kind, "saved", f"row-{row_id}")


def _store_picture(db: Session) -> str:
    """Store the uploaded picture and return its digest.

    Raises FormError, before reading it, for an upload that is too large; Invalid for a file that is no picture.
    """
    if (request.content_length or 0) > FORM.size:
        raise FormError({"picture": say("picture_bytes")}, {})
    upload = request.files.get("picture")
    if upload is None or not upload.filename:
        raise FormError({"picture": say("picture_missing")}, {})
    return pictures.store(db, content=upload.read())
