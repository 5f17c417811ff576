"""The preview of an event's page in each language, also of a draft; for members only."""

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.config import LANGUAGES
from shared.i18n import set_language
from shared.models import EventState
from web.access import VIEWER, Member
from web.pages.organizer import no_store
from web.pages.organizer.editor.page import load_event
from web.pages.public import event_page
from web.routes import Routes

pages = Routes("organizer_preview", __name__, url_prefix="/organize/events/<int:event_id>/preview")
pages.after_request(no_store)


@pages.get("/<lang>", access=VIEWER)
def preview(db: Session, by: Member, event_id: int, lang: str) -> ResponseReturnValue:
    """Show the event's page in one language, as visitors see it."""
    event = load_event(db, by)
    set_language(lang)
    if event.state == EventState.DRAFT:
        # Shown as if published: expunged first, so that the state never reaches the database.
        db.expunge(event)
        event.state = EventState.PUBLISHED
    addresses = {code: f"/organize/events/{event_id}/preview/{code}" for code in LANGUAGES}
    return event_page(event, preview=addresses)
