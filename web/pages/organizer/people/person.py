"""One person: what is known of them, their whole story, and letting them in by hand."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.errors import Conflicting, DomainError, Missing
from shared.i18n import gettext
from shared.models import Event, Registration
from shared.operations import manual_check_in, organizer_registrations
from shared.queries import audit, channels, doors, events, people
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

LONGEST_STORY = 200
SAID = {"added", "edited", "admitted", "inside", "undone"}


def refused(db: Session, by: Member, event_id: int, person_id: int, error: DomainError) -> ResponseReturnValue:
    """The page again with why not. Raises whatever is not about the person's state."""
    if isinstance(error, Conflicting):
        return _show(db, by, person_id, refusal=gettext("people.check_in_cancelled_error"))
    raise error


@pages.get("/", access=VIEWER)
def page(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Somebody's page."""
    return _show(db, by, person_id)


@pages.post("/admit", access=ORGANIZER, refused=refused)
def admit(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Let somebody in now. Raises Missing for a door of another event."""
    one = people.person(db, event_id=event_id, person_id=person_id)
    door = doors.door(db, door_id=read_id(request.form.get("door", "")) or 0, event_id=event_id)
    session_id = read_id(request.form.get("session", "")) or 0
    if session_id not in {part.id for part in event_of(by).sessions}:
        raise Missing("session")
    is_new = manual_check_in.admit(db, registration=one, session_id=session_id, door=door, by=by.account)
    return redirect(f"{address(event_id, person_id)}?said={'admitted' if is_new else 'inside'}", 303)


@pages.post("/undo", access=ORGANIZER)
def undo(db: Session, by: Member, event_id: int, person_id: int) -> ResponseReturnValue:
    """Take back a scan that was a mistake; what is taken back already stays so."""
    one = people.person(db, event_id=event_id, person_id=person_id)
    with suppress(Conflicting):
        manual_check_in.undo(db, registration=one, scan_id=_read_scan(), by=by.account)
    return redirect(f"{address(event_id, person_id)}?said=undone", 303)


def _read_scan() -> UUID:
    try:
        return UUID(request.form.get("scan", ""))
    except ValueError:
        raise Missing("scan") from None


def address(event_id: int, person_id: int) -> str:
    """Where somebody's page is."""
    return f"/organize/events/{event_id}/people/{person_id}/"


def _show(db: Session, by: Member, person_id: int, *, refusal: str = "") -> str:
    event = events.get(db, event_id=event_of(by).id)
    one = people.person(db, event_id=event.id, person_id=person_id)
    party = people.party(db, registration=one)
    said = request.args.get("said", "")
    return render_template(
        "organizer/people/person.html",
        by=by,
        event=event,
        one=one,
        refusal=refusal,
        said_now=said if said in SAID else "",
        answers=_answers(one, event) if may_see_contacts(by) else [],
        may_see_contacts=may_see_contacts(by),
        doors=doors.of_event(db, event_id=event.id) if by.may("organizer") else [],
        open_conflicts=open_conflicts(db, by),
        wording=wording,
        people_wording=people_wording,
        party=party,
        too_large=_too_large([one, *party], event),
        handout=_handout(one, party, event) if by.may("organizer") else None,
        **_story(db, one, event),
    )


def _handout(one: Registration, others: Sequence[Registration], event: Event) -> Handout | None:
    """What a person is given by hand; a guest only the own ticket, a host those of the guests too."""
    if not one.is_live or one.walk_in or not handout.is_due(event):
        return None
    host = next((each for each in others if each.id == one.host_id), one)
    guests = [each for each in others if each.is_live] if one.host_id is None else []
    return handout.of_party([one, *guests], event, phone=one.phone or host.phone)


def _too_large(party: Sequence[Registration], event: Event) -> str:
    """Why who waits will wait for ever, the first of the party; empty where they will not."""
    if party[0].state != "waiting" or organizer_registrations.closed(event):
        return ""
    waiting = sum(one.state == "waiting" for one in party)
    return people_wording.too_large(waiting, event, party[0].ticket_type)


def _story(db: Session, one: Registration, event: Event) -> dict[str, Any]:
    kinds = tuple(people_wording.MAILS)
    mails = people.emails(db, registration_id=one.id, kinds=kinds, limit=LONGEST_STORY)
    scans = people.scans(db, event_id=one.event_id, ticket_id=one.ticket_id, limit=LONGEST_STORY)
    acts = audit.of_registration(db, registration_id=one.id, limit=LONGEST_STORY)
    name = channels.name_of(db, code=one.source, event_id=event.id) if one.source else None
    came_by = name or people_wording.source(one.source, {})
    return {
        "came_by": came_by,
        "story": people_wording.story(one, event, mails, scans, acts, names=audit.names(db, acts), came_by=came_by),
    }


def _answers(one: Registration, event: Event) -> list[tuple[Any, str]]:
    """Questions that were answered, and the answers as they are read."""
    asked = form.asked(event)
    labels = {ask.field: ask for ask in asked}
    told = []
    for question in event.questions:
        ask = labels[answers.field_of(question)]
        options = {key: str(label) for key, label in ask.options}
        lines = answers.written(question, one.answers.get(question.key)).split("\n")
        spoken = {"yes": gettext("common.yes"), "no": gettext("common.no")} if question.kind == "yes_no" else options
        told.append((ask.label, ", ".join(spoken.get(line, line) for line in lines)))
    return [(label, text) for label, text in told if text]
