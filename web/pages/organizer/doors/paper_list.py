"""A list on paper, brought in afterwards: people are ticked one by one or by their short codes."""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.errors import DomainError, Invalid, Missing
from shared.i18n import gettext, normalize
from shared.models import Event, EventSession
from shared.operations import audit
from shared.operations import paper_list as operations
from shared.queries import doors, paper_list
from web.access import ORGANIZER, Member
from web.forms import FormError
from web.forms.doors import read_paper, refuse_unknown
from web.pages import wording
from web.pages.form import Typed
from web.pages.organizer import event_of, no_store, open_conflicts
from web.pages.organizer.doors import wording as door_wording
from web.pages.paging import page_number
from web.routes import Routes

pages = Routes("organizer_paper", __name__, url_prefix="/organize/events/<int:event_id>/doors")
pages.after_request(no_store)

PAGE = 200
LONGEST_SEARCH = 100


def refused(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """The list again with the fault at its field. Raises whatever is not about a field."""
    if isinstance(error, FormError):
        return _show(db, by, Typed(error.values, error.errors))
    if isinstance(error, Invalid):
        sentence = gettext("doors.paper_gone_error")
        return _show(db, by, Typed({}, {"person": sentence}))
    raise error


@pages.get("/paper", access=ORGANIZER)
def page(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Who is not inside, of the session that `?session=` names; `?q=` searches, `?page=` turns the list."""
    return _show(db, by, Typed())


@pages.post("/paper", access=ORGANIZER, refused=refused)
def tick(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Let in everybody who was ticked, or, where one line is wrong, nobody."""
    part = _session(event_of(by))
    given = read_paper(request.form, request.form.getlist("person"))
    door = doors.door(db, door_id=given.door, event_id=event_id)
    known = paper_list.by_short_code(db, event_id=event_id, codes=given.codes)
    refuse_unknown(request.form, given.codes, known)
    count = operations.check_in(db, door=door, session_id=part.id, persons={*given.persons, *known.values()})
    audit.note(db, by=by.account, action="paper_list.checked_in", event=event_of(by), session_id=part.id, count=count)
    return redirect(f"/organize/events/{event_id}/doors/paper?session={part.id}&ticked={count}", 303)


def _show(db: Session, by: Member, typed: Typed) -> str:
    event, words, number = event_of(by), _words(), page_number()
    part = _session(event)
    found = paper_list.not_checked_in(
        db, event_id=event.id, session_id=part.id, words=words, limit=PAGE + 1, offset=(number - 1) * PAGE
    )
    context: dict[str, Any] = {
        "doors": doors.of_event(db, event_id=event.id),
        "people": found[:PAGE],
        "has_more": len(found) > PAGE,
        "ticked": set(request.form.getlist("person")),
        "done": request.args.get("ticked", None, int),
        "open_conflicts": open_conflicts(db, by),
    }
    return render_template(
        "organizer/doors_paper.html",
        by=by,
        event=event,
        part=part,
        words_sought=words,
        number=number,
        typed=typed,
        wording=wording,
        door_wording=door_wording,
        **context,
    )


def _words() -> str:
    return normalize(request.args.get("q", "")[:LONGEST_SEARCH])


def _session(event: Event) -> EventSession:
    """The session that the address names, else the first. Raises Missing for another event's."""
    named = request.args.get("session", str(event.sessions[0].id))
    part = next((part for part in event.sessions if str(part.id) == named), None)
    if part is None:
        raise Missing("session")
    return part
