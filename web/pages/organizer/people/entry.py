"""The form to add an attendee by hand, and to edit one."""

from collections.abc import Callable
from dataclasses import replace

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.errors import DomainError
from shared.events import events
from shared.i18n import deferred, gettext, language
from shared.models import Event, QuestionKind, Registration
from shared.registrations import organizer_registrations, people
from web.access import ORGANIZER, Member
from web.forms.people import read_person, written
from web.forms.registration import all_typed
from web.pages import edit_conflicts, form, wording
from web.pages.form import QuestionField, Typed
from web.pages.organizer import event_of, no_store, open_conflicts
from web.pages.organizer.people import wording as people_wording
from web.pages.organizer.people.person import address
from web.routes import Routes

pages = Routes("organizer_entry", __name__, url_prefix="/organize/events/<int:event_id>/people")
pages.after_request(no_store)

SENTENCES = {
    **dict.fromkeys(people_wording.CLOSED, ""),  # replaces the form
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
    """Return the form again with its errors. Raises any error that does not concern it."""
    sent = {**all_typed(request.form, event_of(by).questions), "language": request.form.get("language", "")}
    return _show(db, by, Typed.of(error, sent, SENTENCES), person_id, error)


@pages.get("/new", access=ORGANIZER)
def ask(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the empty form."""
    return _show(db, by, Typed({"language": event_of(by).languages[0]}), None)


@pages.post("/new", access=ORGANIZER, refused=refused)
def add(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Register a person."""
    event = event_of(by)
    person_id = organizer_registrations.add(db, event=event, person=read_person(request.form, event), by=by.account)
    return redirect(f"{address(event_id, person_id)}?said=added", 303)


@pages.get("/<int:person_id>/edit", access=ORGANIZER)
def ask_change(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Return the form with the registration's present values."""
    registration = people.person(db, event_id=event_id, person_id=person_id)
    return _show(db, by, Typed(written(registration, event_of(by))), person_id)


@pages.post("/<int:person_id>/edit", access=ORGANIZER, refused=refused)
def edit(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Edit a registration. Raises Stale where it was edited since the form was shown."""
    registration = people.person(db, event_id=event_id, person_id=person_id)
    organizer_registrations.lock_registration(db, registration=registration)
    person = read_person(request.form, event_of(by), ticket_type_id=registration.ticket_type_id)
    edit_conflicts.check(written(registration, event_of(by)))
    organizer_registrations.edit(db, registration=registration, person=person, by=by.account)
    return redirect(f"{address(event_id, person_id)}?said=edited", 303)


def _show(db: Session, by: Member, typed: Typed, person_id: int | None, error: DomainError | None = None) -> str:
    event = events.get(db, event_id=event_of(by).id)
    registration = people.person(db, event_id=event.id, person_id=person_id) if person_id else None
    present = written(registration, event) if registration else {}
    return render_template(
        "organizer/people/entry.html",
        by=by,
        event=event,
        registration=registration,
        closed=people_wording.closed(event),
        typed=replace(typed, theirs=edit_conflicts.differences(present, typed.values, error)),
        stamp=edit_conflicts.stamp_again(present, error),
        is_stale=isinstance(error, edit_conflicts.Stale),
        questions=_questions(event, registration),
        format_answer=_format_answer,
        own_language=language(),
        open_conflicts=open_conflicts(db, by),
        wording=wording,
    )


def _questions(event: Event, registration: Registration | None) -> list[QuestionField]:
    """Return the event's questions as fields, all optional for an organizer."""
    questions = event.questions
    if registration is not None:
        questions = [each for each in questions if each.ticket_type_id in (None, registration.ticket_type_id)]
    return [replace(field, required=False) for field in form.question_fields(event, questions)]


def _format_answer(question: QuestionField) -> Callable[[str], str]:
    """Return what turns an answer into text: options become their labels, the rest stays as it is."""
    yes_no = {"yes": gettext("common.yes"), "no": gettext("common.no")} if question.kind == QuestionKind.YES_NO else {}
    labels = yes_no | {key: str(label) for key, label in question.options}
    return lambda text: "\n".join(labels.get(line, line) for line in text.split("\n"))
