"""Attendees without an email address, each with the ticket for the organizer to send."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.events import events
from shared.registrations import people
from web.access import ORGANIZER, Member
from web.pages import wording
from web.pages.organizer import event_of, handout, no_store, open_conflicts
from web.pages.organizer.people import wording as people_wording
from web.pages.paging import page_number
from web.routes import Routes

pages = Routes("organizer_without_email", __name__, url_prefix="/organize/events/<int:event_id>/people/without-email")
pages.after_request(no_store)

PAGE = 50


@pages.get("", access=ORGANIZER, endpoint="page")
def page(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the list of them by name, 50 at a time; `?page=` is the number of the page."""
    event, number = events.get(db, event_id=event_id), page_number()
    is_due = handout.is_due(event)
    parties = people.without_email(db, event=event, limit=PAGE + 1, offset=(number - 1) * PAGE) if is_due else []
    return render_template(
        "organizer/people/without_email.html",
        by=by,
        event=event_of(by),
        people=[(party[0], handout.of_party(party, event, phone=party[0].phone)) for party in parties[:PAGE]],
        has_more=len(parties) > PAGE,
        number=number,
        open_conflicts=open_conflicts(db, by),
        wording=wording,
        people_wording=people_wording,
    )
