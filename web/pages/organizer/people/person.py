"""One attendee: their details, their history, and check-in by hand."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.audit import activity
from shared.door import doors, manual_check_in
from shared.errors import Conflicting, DomainError, Missing
from shared.events import channels, events
from shared.i18n import gettext
from shared.models import Event, QuestionKind, Registration, RegistrationState, Role
from shared.registrations import organizer_registrations, people
from web.access import ORGANIZER, VIEWER, Member
from web.forms import answers
from web.forms.people import read_id
from web.pages import form, wording
from web.pages.organizer import event_of, handout, no_store, open_conflicts
from web.pages.organizer.handout import Handout
from web.pages.organizer.people import wording as people_wording
from web.pages.organizer.people.listing import may_see_contacts
from web.routes import Routes

pages = Routes("organizer_person", __name__, url_prefix="/organize/events/<int:event_id>/people/<int:person_id>")
pages.after_request(no_store)

LONGEST_HISTORY = 200
"""Emails, scans and actions, of each."""
RESULTS = {"added", "edited", "admitted", "inside", "undone"}


def refused(db: Session, by: Member, event_id: int, person_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the page with the reason for the refusal. Raises any error that does not concern the attendee's state."""
    if isinstance(error, Conflicting):
        return _show(db, by, person_id, refusal=gettext("people.check_in_cancelled_error"))
    raise error


@pages.get("/", access=VIEWER)
def page(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Return an attendee's page."""
    return _show(db, by, person_id)


@pages.post("/admit", access=ORGANIZER, refused=refused)
def admit(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Check an attendee in now. Raises Missing for a door or a session of another event."""
    registration = people.person(db, event_id=event_id, person_id=person_id)
    door = doors.door(db, door_id=read_id(request.form.get("door", "")) or 0, event_id=event_id)
    session_id = read_id(request.form.get("session", "")) or 0
    if session_id not in {session.id for session in event_of(by).sessions}:
        raise Missing("session")
    is_new = manual_check_in.check_in(db, registration=registration, session_id=session_id, door=door, by=by.account)
    return redirect(f"{address(event_id, person_id)}?said={'admitted' if is_new else 'inside'}", 303)


@pages.post("/undo", access=ORGANIZER)
def undo(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Undo a scan that was a mistake; a second time changes nothing."""
    registration = people.person(db, event_id=event_id, person_id=person_id)
    with suppress(Conflicting):
        manual_check_in.undo(db, registration=registration, scan_id=_read_scan(), by=by.account)
    return redirect(f"{address(event_id, person_id)}?said=undone", 303)


def _read_scan() -> UUID:
    try:
        return UUID(request.form.get("scan", ""))
    except ValueError:
        raise Missing("scan") from None


def address(event_id: int, person_id: int) -> str:
    """Return the address of an attendee's page."""
    return f"/organize/events/{event_id}/people/{person_id}/"


def _show(db: Session, by: Member, person_id: int, *, refusal: str = "") -> str:
    event = events.get(db, event_id=event_of(by).id)
    registration = people.person(db, event_id=event.id, person_id=person_id)
    party = people.party(db, registration=registration)
    result = request.args.get("said", "")
    return render_template(
        "organizer/people/person.html",
        by=by,
        event=event,
        registration=registration,
        refusal=refusal,
        result=result if result in RESULTS else "",
        answers=_answers(registration, event) if may_see_contacts(by) else [],
        may_see_contacts=may_see_contacts(by),
        doors=doors.of_event(db, event_id=event.id) if by.may(Role.ORGANIZER) else [],
        open_conflicts=open_conflicts(db, by),
        wording=wording,
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
