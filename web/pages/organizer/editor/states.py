"""What becomes of an event: published, closed and opened for registrations, cancelled."""

from flask import redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.i18n import deferred, gettext
from shared.operations import audit, drafts, editing, events
from shared.queries.availability import availability
from web.access import ORGANIZER, Member
from web.forms import FormError, fields
from web.forms import events as forms
from web.pages.organizer import no_store
from web.pages.organizer.editor.page import back
from web.pages.organizer.editor.sections import refused_overview
from web.routes import Routes

SURE = deferred("editor.cancel_confirm_error")

pages = Routes("organizer_states", __name__, url_prefix="/organize/events/<int:event_id>/edit")
pages.after_request(no_store)


@pages.post("/publish", access=ORGANIZER, refused=refused_overview)
def publish(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Show a draft to everybody."""
    drafts.publish(db, event=editing.lock(db, event_id=event_id), by=by.account)
    return back(event_id, "", "published")


@pages.post("/discard", access=ORGANIZER, refused=refused_overview)
def discard(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Delete a draft."""
    drafts.discard(db, event=editing.lock(db, event_id=event_id), by=by.account)
    return redirect("/organize/", 303)


@pages.post("/close", access=ORGANIZER, refused=refused_overview)
def close(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Take no more registrations."""
    editing.close_registration(db, event=editing.lock(db, event_id=event_id), by=by.account)
    return back(event_id, "", "closed")


@pages.post("/open", access=ORGANIZER, refused=refused_overview)
def reopen(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Take registrations again."""
    event = editing.lock(db, event_id=event_id)
    editing.open_registration(db, event=event, by=by.account)
    # Its kinds of ticket may have windows of their own.
    return back(event_id, "", "saved" if availability(event, clock.now()).waits_for_ticket_types else "opened")


@pages.post("/cancel", access=ORGANIZER, refused=refused_overview)
def cancel(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Cancel the event and every place in it, and tell everybody why."""
    event = editing.lock(db, event_id=event_id)
    because = fields.read((forms.CANCELLATION_REASON,), request.form, forms.setting(event))["because"]
    if "sure" not in request.form:
        raise FormError(
            {"sure": gettext(SURE)}, fields.typed((forms.CANCELLATION_REASON,), request.form, forms.setting(event))
        )
    told = event.taken + event.waiting
    events.cancel(db, event=event, because=because)
    audit.note(db, by=by.account, action="event.cancelled", event=event, places=told)
    return back(event_id, "", "cancelled")
