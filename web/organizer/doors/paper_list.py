"""Check-ins from a paper list, entered afterwards: attendees are chosen from the list or by their short codes."""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import links
from shared.door import doors, paper_list
from shared.errors import DomainError, Invalid, Missing
from shared.i18n import gettext, normalize
from shared.models import Event, EventSession
from web.access import ORGANIZER, Member
from web.forms import FormError
from web.forms.typed import Typed
from web.organizer.doors import texts as door_wording
from web.organizer.doors.form import read_paper, refuse_unknown
from web.organizer.routes import OrganizerRoutes, event_of
from web.paging import page_number

pages = OrganizerRoutes("organizer_paper", __name__, url_prefix="/organize/events/<int:event_id>/doors")

PAGE = 200
SEARCH_LIMIT = 100


def refused(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the list with the error at its field. Raises an error that is not about a field."""
    if isinstance(error, FormError):
        return _show(db, by, Typed(error.values, error.errors))
    if isinstance(error, Invalid):
        sentence = gettext("doors.paper_gone_error")
        return _show(db, by, Typed({}, {"person": sentence}))
    raise error


@pages.get("/paper", access=ORGANIZER)
def page(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Show the attendees not yet checked in to the session that `?session=` names; `?q=` searches, `?page=` turns."""
    return _show(db, by, Typed())


@pages.post("/paper", access=ORGANIZER, refused=refused)
def check_in(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Check in everyone who was chosen; where one line is wrong, no one."""
    session = _session(event_of(by))
    ticks = read_paper(request.form, request.form.getlist("person"))
    door = doors.door(db, door_id=ticks.door, event_id=event_id)
    tickets = paper_list.by_short_code(db, event_id=event_id, codes=ticks.codes)
    refuse_unknown(request.form, ticks.codes, tickets)
    persons = {*ticks.persons, *tickets.values()}
    count = paper_list.check_in(db, door=door, session_id=session.id, persons=persons, by=by.account)
    return redirect(f"{links.organizer('paper_list', event_id=event_id)}?session={session.id}&ticked={count}", 303)


def _show(db: Session, by: Member, typed: Typed) -> str:
    event, search_words, number = event_of(by), _search_words(), page_number()
    session = _session(event)
    attendees = paper_list.not_checked_in(
        db, event_id=event.id, session_id=session.id, words=search_words, limit=PAGE + 1, offset=(number - 1) * PAGE
    )
    context: dict[str, Any] = {
        "doors": doors.of_event(db, event_id=event.id),
        "people": attendees[:PAGE],
        "has_more": len(attendees) > PAGE,
        "ticked": set(request.form.getlist("person")),
        "done": request.args.get("ticked", None, int),
    }
    return render_template(
        "organizer/doors/paper_list.html",
        event=event,
        session=session,
        search_words=search_words,
        number=number,
        typed=typed,
        door_wording=door_wording,
        **context,
    )


def _search_words() -> str:
    return normalize(request.args.get("q", "")[:SEARCH_LIMIT])


def _session(event: Event) -> EventSession:
    """Return the session that the address names, or the first. Raises Missing for a session of another event."""
    session_id = request.args.get("session", str(event.sessions[0].id))
    session = next((session for session in event.sessions if str(session.id) == session_id), None)
    if session is None:
        raise Missing("session")
    return session
