"""The states of an event: publish or delete a draft, close and reopen registration, cancel."""

from flask import redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.audit import audit
from shared.events import announcements, drafts, editing
from shared.events.availability import availability
from shared.i18n import deferred, gettext
from web.access import ORGANIZER, Member
from web.forms import FormError, fields
from web.forms import events as forms
from web.pages.organizer import no_store
from web.pages.organizer.editor.page import back
from web.pages.organizer.editor.sections import refused_overview
from web.routes import Routes

NOT_CONFIRMED = deferred("editor.cancel_confirm_error")

pages = Routes("organizer_states", __name__, url_prefix="/organize/events/<int:event_id>/edit")
pages.after_request(no_store)


@pages.post("/publish", access=ORGANIZER, refused=refused_overview)
def publish(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Publish a draft."""
    drafts.publish(db, event=editing.lock(db, event_id=event_id), by=by.account)
    return back(event_id, "", "published")


@pages.post("/discard", access=ORGANIZER, refused=refused_overview)
def discard(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Delete a draft."""
    drafts.discard(db, event=editing.lock(db, event_id=event_id), by=by.account)
    return redirect("/organize/", 303)


@pages.post("/close", access=ORGANIZER, refused=refused_overview)
def close(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Close registration."""
    editing.close_registration(db, event=editing.lock(db, event_id=event_id), by=by.account)
    return back(event_id, "", "closed")


@pages.post("/open", access=ORGANIZER, refused=refused_overview)
def reopen(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Reopen registration."""
    event = editing.lock(db, event_id=event_id)
    editing.open_registration(db, event=event, by=by.account)
    # Registration may still wait for the period of a ticket type, so "opened" would be false.
    return back(event_id, "", "saved" if availability(event, clock.now()).waits_for_ticket_types else "opened")


@pages.post("/cancel", access=ORGANIZER, refused=refused_overview)
def cancel(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Cancel the event with every registration, and email everyone the reason."""
    event = editing.lock(db, event_id=event_id)
    setting = forms.setting(event)
    because = fields.read((forms.CANCELLATION_REASON,), request.form, setting)["because"]
    if "sure" not in request.form:
        raise FormError(
            {"sure": gettext(NOT_CONFIRMED)}, fields.typed((forms.CANCELLATION_REASON,), request.form, setting)
        )
    count = event.taken + event.waiting
    announcements.cancel(db, event=event, because=because)
    audit.note(db, by=by.account, action="event.cancelled", event=event, places=count)
    return back(event_id, "", "cancelled")
