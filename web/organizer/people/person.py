"""One attendee: their details, their history, check-in by hand, and the form that adds or edits one."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import links
from shared.audit import activity
from shared.door import doors, manual_check_in
from shared.errors import Conflicting, DomainError, Missing
from shared.events import channels, events
from shared.i18n import deferred, gettext, language
from shared.models import Event, QuestionKind, Registration, RegistrationState, Role
from shared.registrations import organizer_registrations, people
from web.access import ORGANIZER, VIEWER, Member
from web.forms import answers
from web.forms.registration import all_typed
from web.forms.typed import Typed
from web.organizer import edit_conflicts
from web.organizer.people import handout
from web.organizer.people import texts as people_wording
from web.organizer.people.form import read_id, read_person, written
from web.organizer.people.handout import Handout
from web.organizer.people.listing import may_see_contacts
from web.organizer.routes import OrganizerRoutes, done, event_of
from web.visitor import registration_form as form
from web.visitor.registration_form import QuestionField

pages = OrganizerRoutes("organizer_person", __name__, url_prefix="/organize/events/<int:event_id>/people")

LONGEST_HISTORY = 200
"""Emails, scans and actions, of each."""
RESULTS = {"added", "edited", "admitted", "inside", "undone"}


def refused(db: Session, by: Member, event_id: int, person_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the page with the reason for the refusal. Raises any error that does not concern the attendee's state."""
    if isinstance(error, Conflicting):
        return _show(db, by, person_id, refusal=gettext("people.check_in_cancelled_error"))
    raise error


@pages.get("/<int:person_id>/", access=VIEWER)
def page(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Return an attendee's page."""
    return _show(db, by, person_id)


@pages.post("/<int:person_id>/admit", access=ORGANIZER, refused=refused)
def admit(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Check an attendee in now. Raises Missing for a door or a session of another event."""
    registration = people.person(db, event_id=event_id, person_id=person_id)
    door = doors.door(db, door_id=read_id(request.form.get("door", "")) or 0, event_id=event_id)
    session_id = read_id(request.form.get("session", "")) or 0
    if session_id not in {session.id for session in event_of(by).sessions}:
        raise Missing("session")
    is_new = manual_check_in.check_in(db, registration=registration, session_id=session_id, door=door, by=by.account)
    return done(address(event_id, person_id), "admitted" if is_new else "inside")


@pages.post("/<int:person_id>/undo", access=ORGANIZER)
def undo(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Undo a scan that was a mistake; a second time changes nothing."""
    registration = people.person(db, event_id=event_id, person_id=person_id)
    with suppress(Conflicting):
        manual_check_in.undo(db, registration=registration, scan_id=_read_scan(), by=by.account)
    return done(address(event_id, person_id), "undone")


def _read_scan() -> UUID:
    try:
        return UUID(request.form.get("scan", ""))
    except ValueError:
        raise Missing("scan") from None


def address(event_id: int, person_id: int) -> str:
    """Return the address of an attendee's page."""
    return links.organizer("person", event_id=event_id, person_id=person_id)


def _show(db: Session, by: Member, person_id: int, *, refusal: str = "") -> str:
    event = events.get(db, event_id=event_of(by).id)
    registration = people.person(db, event_id=event.id, person_id=person_id)
    party = people.party(db, registration=registration)
    result = request.args.get("said", "")
    return render_template(
        "organizer/people/person.html",
        event=event,
        registration=registration,
        refusal=refusal,
        result=result if result in RESULTS else "",
        answers=_answers(registration, event) if may_see_contacts(by) else [],
        may_see_contacts=may_see_contacts(by),
        doors=doors.of_event(db, event_id=event.id) if by.may(Role.ORGANIZER) else [],
        people_wording=people_wording,
        party=party,
        too_large=_too_large([registration, *party], event),
        handout=_handout(registration, party, event) if by.may(Role.ORGANIZER) else None,
        **_history(db, registration, event),
    )


def _handout(registration: Registration, party: Sequence[Registration], event: Event) -> Handout | None:
    """Return what an organizer can give to an attendee: a guest's own ticket, a host's together with the guests'."""
    if not registration.is_live or registration.walk_in or not handout.is_due(event):
        return None
    host = next((each for each in party if each.id == registration.host_id), registration)
    guests = [each for each in party if each.is_live] if registration.host_id is None else []
    return handout.of_party([registration, *guests], event, phone=registration.phone or host.phone)


def _too_large(party: Sequence[Registration], event: Event) -> str:
    """Return why the first of the party, on the waiting list, can never get a seat; empty where they can."""
    if party[0].state != RegistrationState.WAITING or organizer_registrations.closed(event):
        return ""
    waiting = sum(each.state == RegistrationState.WAITING for each in party)
    return people_wording.too_large(waiting, event, party[0].ticket_type)


def _history(db: Session, registration: Registration, event: Event) -> dict[str, Any]:
    kinds = tuple(people_wording.EMAILS)
    emails = people.emails(db, registration_id=registration.id, kinds=kinds, limit=LONGEST_HISTORY)
    scans = people.scans(db, event_id=registration.event_id, ticket_id=registration.ticket_id, limit=LONGEST_HISTORY)
    acts = activity.of_registration(db, registration_id=registration.id, limit=LONGEST_HISTORY)
    channel = channels.name_of(db, code=registration.source, event_id=event.id) if registration.source else None
    source = channel or people_wording.source(registration.source, {})
    names = activity.names(db, acts)
    return {
        "source": source,
        "history": people_wording.history(registration, event, emails, scans, acts, names=names, source=source),
    }


def _answers(registration: Registration, event: Event) -> list[tuple[Any, str]]:
    """Return the labels of the answered questions, and the answers as text."""
    fields = {field.field: field for field in form.question_fields(event)}
    rows = []
    for question in event.questions:
        field = fields[answers.field_of(question)]
        options = {key: str(label) for key, label in field.options}
        lines = answers.written(question, registration.answers.get(question.key)).split("\n")
        labels = (
            {"yes": gettext("common.yes"), "no": gettext("common.no")}
            if question.kind == QuestionKind.YES_NO
            else options
        )
        rows.append((field.label, ", ".join(labels.get(line, line) for line in lines)))
    return [(label, text) for label, text in rows if text]


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


def refused_entry(
    db: Session, by: Member, event_id: int, error: DomainError, person_id: int | None = None
) -> ResponseReturnValue:
    """Return the form again with its errors. Raises any error that does not concern it."""
    sent = {**all_typed(request.form, event_of(by).questions), "language": request.form.get("language", "")}
    return _show_form(db, by, Typed.of(error, sent, SENTENCES), person_id, error)


@pages.get("/new", access=ORGANIZER)
def ask(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the empty form."""
    return _show_form(db, by, Typed({"language": event_of(by).languages[0]}), None)


@pages.post("/new", access=ORGANIZER, refused=refused_entry)
def add(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Register a person."""
    event = event_of(by)
    person_id = organizer_registrations.add(db, event=event, person=read_person(request.form, event), by=by.account)
    return done(address(event_id, person_id), "added")


@pages.get("/<int:person_id>/edit", access=ORGANIZER)
def ask_change(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Return the form with the registration's present values."""
    registration = people.person(db, event_id=event_id, person_id=person_id)
    return _show_form(db, by, Typed(written(registration, event_of(by))), person_id)


@pages.post("/<int:person_id>/edit", access=ORGANIZER, refused=refused_entry)
def edit(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Edit a registration. Raises Stale where it was edited since the form was shown."""
    registration = people.person(db, event_id=event_id, person_id=person_id)
    organizer_registrations.lock_registration(db, registration=registration)
    person = read_person(request.form, event_of(by), ticket_type_id=registration.ticket_type_id)
    edit_conflicts.check(written(registration, event_of(by)))
    organizer_registrations.edit(db, registration=registration, person=person, by=by.account)
    return done(address(event_id, person_id), "edited")


def _show_form(db: Session, by: Member, typed: Typed, person_id: int | None, error: DomainError | None = None) -> str:
    event = events.get(db, event_id=event_of(by).id)
    registration = people.person(db, event_id=event.id, person_id=person_id) if person_id else None
    present = written(registration, event) if registration else {}
    return render_template(
        "organizer/people/entry.html",
        event=event,
        registration=registration,
        closed=people_wording.closed(event),
        typed=replace(typed, theirs=edit_conflicts.differences(present, typed.values, error)),
        stamp=edit_conflicts.stamp_again(present, error),
        is_stale=isinstance(error, edit_conflicts.Stale),
        questions=_questions(event, registration),
        format_answer=_format_answer,
        own_language=language(),
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
