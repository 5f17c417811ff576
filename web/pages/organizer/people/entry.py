"""Adding a person by hand, and correcting one: the same form."""

from collections.abc import Callable
from dataclasses import replace

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.errors import DomainError
from shared.i18n import deferred, gettext, language
from shared.models import Event, Registration
from shared.operations import organizer_registrations
from shared.queries import events, people
from web.access import ORGANIZER, Member
from web.forms.people import read_person, written
from web.forms.registration import all_typed
from web.pages import edit_conflicts, form, wording
from web.pages.form import Asked, Typed
from web.pages.organizer import event_of, no_store, open_conflicts
from web.pages.organizer.people import wording as people_wording
from web.pages.organizer.people.person import address
from web.routes import Routes

pages = Routes("organizer_entry", __name__, url_prefix="/organize/events/<int:event_id>/people")
pages.after_request(no_store)

SENTENCES = {
    **dict.fromkeys(people_wording.CLOSED, ""),  # said in place of the form
    "event_full": deferred("people.event_full_error"),
    "kind_full": deferred("people.ticket_type_full_error"),
    "awaited": deferred("people.ticket_type_awaited_error"),
    "cancelled": deferred("people.edit_cancelled_error"),
    "already_registered": deferred("people.already_registered_error"),
    "email_needed": deferred("people.email_needed_error"),
    "unknown_ticket_type": deferred("common.choose_one_error"),
    edit_conflicts.Stale.reason: "",
}


def refused(
    db: Session, by: Member, event_id: int, error: DomainError, person_id: int | None = None
) -> ResponseReturnValue:
    """The form again with what is wrong. Raises whatever is not about it."""
    sent = {**all_typed(request.form, event_of(by).questions), "language": request.form.get("language", "")}
    return _show(db, by, Typed.of(error, sent, SENTENCES), person_id, error)


@pages.get("/new", access=ORGANIZER)
def ask(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """The empty form."""
    return _show(db, by, Typed({"language": event_of(by).languages[0]}), None)


@pages.post("/new", access=ORGANIZER, refused=refused)
def add(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Register somebody."""
    event = event_of(by)
    number = organizer_registrations.add(db, event=event, person=read_person(request.form, event), by=by.account)
    return redirect(f"{address(event_id, number)}?said=added", 303)


@pages.get("/<int:person_id>/edit", access=ORGANIZER)
def ask_change(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """The form with what is known."""
    one = people.person(db, event_id=event_id, person_id=person_id)
    return _show(db, by, Typed(written(one, event_of(by))), person_id)


@pages.post("/<int:person_id>/edit", access=ORGANIZER, refused=refused)
def edit(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Correct somebody, unless somebody else did meanwhile."""
    one = people.person(db, event_id=event_id, person_id=person_id)
    organizer_registrations.lock_registration(db, registration=one)
    typed = read_person(request.form, event_of(by), kind=one.ticket_type_id)
    edit_conflicts.check(written(one, event_of(by)))
    organizer_registrations.edit(db, registration=one, person=typed, by=by.account)
    return redirect(f"{address(event_id, person_id)}?said=edited", 303)


def _show(db: Session, by: Member, typed: Typed, person_id: int | None, error: DomainError | None = None) -> str:
    event = events.get(db, event_id=event_of(by).id)
    one = people.person(db, event_id=event.id, person_id=person_id) if person_id else None
    kept = written(one, event) if one else {}
    return render_template(
        "organizer/people/entry.html",
        by=by,
        event=event,
        one=one,
        closed=people_wording.closed(event),
        typed=replace(typed, theirs=edit_conflicts.differences(kept, typed.values, error)),
        stamp=edit_conflicts.stamp_again(kept, error),
        is_stale=isinstance(error, edit_conflicts.Stale),
        questions=_questions(event, one),
        said_of=_said_of,
        own_language=language(),
        open_conflicts=open_conflicts(db, by),
        wording=wording,
    )


def _questions(event: Event, one: Registration | None) -> list[Asked]:
    """As fields, none of which an organizer has to fill in."""
    asked = event.questions
    if one is not None:
        asked = [each for each in asked if each.ticket_type_id in (None, one.ticket_type_id)]
    return [replace(each, required=False) for each in form.asked(event, asked)]


def _said_of(ask: Asked) -> Callable[[str], str]:
    """How an answer is read: options by their labels, the rest as it is written."""
    spoken = {"yes": gettext("common.yes"), "no": gettext("common.no")} if ask.kind == "yes_no" else {}
    labels = spoken | {key: str(label) for key, label in ask.options}
    return lambda text: "\n".join(labels.get(line, line) for line in text.split("\n"))
