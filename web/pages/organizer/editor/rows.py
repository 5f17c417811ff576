"""The sections that are lists: sessions, ticket types, speakers, partners, questions. Each row is a form of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import DomainError, Missing
from shared.events import editing, programme, timetable
from shared.events.programme import KINDS, Row
from shared.models import Event, EventState, Question, QuestionKind
from web.access import ORGANIZER, Member
from web.forms import events as forms
from web.forms import fields, questions
from web.pages import edit_conflicts
from web.pages.organizer import no_store
from web.pages.organizer.editor.page import back, load_event, render
from web.pages.organizer.form import Form, Refusal, form_of
from web.routes import Routes

pages = Routes("organizer_rows", __name__, url_prefix="/organize/events/<int:event_id>/edit/rows/<kind>")
pages.after_request(no_store)

NEW = "new"
NO_ONE = "nobody"


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its form and, for a session, the choice whether to notify attendees."""

    row: Row
    form: Form
    tell: Form


def refused(
    db: Session, by: Member, event_id: int, kind: str, error: DomainError, row_id: int | None = None
) -> ResponseReturnValue:
    """Return the list with the typed values and their errors at the row."""
    return show(db, by, kind, Refusal(_form_id(row_id), error))


@pages.post("/", access=ORGANIZER, refused=refused)
def add(db: Session, by: Member, event_id: int, kind: str) -> ResponseReturnValue:
    """Add a row."""
    event = _lock(db, event_id, kind)
    sequence, tell, values = event.sequence, _tell() != NO_ONE, _read_row(event, kind, None)
    row = programme.add(db, event=event, by=by.account, kind=kind, values=values, tell=tell)
    return back(event_id, kind, "part_told" if tell and event.sequence > sequence else "added", _form_id(row.id))


@pages.post("/<int:row_id>", access=ORGANIZER, refused=refused)
def save(db: Session, by: Member, event_id: int, kind: str, row_id: int) -> ResponseReturnValue:
    """Save one row."""
    event = _lock(db, event_id, kind)
    row = programme.find(event, kind=kind, row_id=row_id)
    values = _read_row(event, kind, row)
    edit_conflicts.check(_values(event, kind, row))
    sequence, tell = event.sequence, _tell() != NO_ONE
    programme.change(db, event=event, by=by.account, kind=kind, row=row, values=values, tell=tell)
    return back(event_id, kind, "part_told" if tell and event.sequence > sequence else "saved", _form_id(row_id))


@pages.post("/<int:row_id>/remove", access=ORGANIZER, refused=refused)
def remove(db: Session, by: Member, event_id: int, kind: str, row_id: int) -> ResponseReturnValue:
    """Remove a row, unless registrations, scans or other rows refer to it."""
    event = _lock(db, event_id, kind)
    row = programme.find(event, kind=kind, row_id=row_id)
    programme.remove(db, event=event, by=by.account, kind=kind, row=row)
    return back(event_id, kind, "removed")


@pages.post("/<int:row_id>/up", access=ORGANIZER, refused=refused)
def move_up(db: Session, by: Member, event_id: int, kind: str, row_id: int) -> ResponseReturnValue:
    """Move a row one up."""
    event = _lock(db, event_id, kind)
    row = programme.find(event, kind=kind, row_id=row_id)
    programme.move_up(db, event=event, by=by.account, kind=kind, row=row)
    return back(event_id, kind, "saved", _form_id(row_id))


def show(db: Session, by: Member, kind: str, refusal: Refusal | None = None, **more: Any) -> str:
    """Return a list with a form for each row and an empty form for a new one."""
    if kind not in KINDS:
        raise Missing("part")
    event = load_event(db, by)
    return render(
        db,
        by,
        "rows",
        here=kind,
        refusal=refusal,
        event=event,
        lines=[Line(row, *_forms(event, kind, row, refusal)) for row in programme.rows(event, kind)],
        new=_form(event, kind, None, refusal),
        new_tell=_tell_form(event, NEW, refusal),
        tell_field=forms.NOTIFY_OF_SESSION if kind == "sessions" and _may_be_in_calendars(event) else None,
        refused_at=refusal.at if refusal else "",
        overlapping=timetable.overlapping(event) if kind == "sessions" else [],
        same_room=timetable.room_conflicts(event) if kind == "sessions" else [],
        options=questions.Options(event.languages),
        new_options=questions.new_options(),
        ready_field=questions.READY_KEY,
        **more,
    )


def _lock(db: Session, event_id: int, kind: str) -> Event:
    if kind not in KINDS:
        raise Missing("part")
    return editing.lock(db, event_id=event_id)


def _form_id(row_id: int | None) -> str:
    return f"row-{row_id}" if row_id else NEW


def _form(event: Event, kind: str, row: Row | None, refusal: Refusal | None) -> Form:
    at, row_fields = _form_id(row.id if row else None), forms.row_fields(kind, event)
    values = _values(event, kind, row) if row else _default_values(event, kind)
    typed = None
    if refusal and refusal.is_of(at) and kind == "questions":
        typed = questions.typed_question(request.form, event, row if isinstance(row, Question) else None)
    return form_of(at, row_fields, event, values, refusal, typed)


def _forms(event: Event, kind: str, row: Row, refusal: Refusal | None) -> tuple[Form, Form]:
    return _form(event, kind, row, refusal), _tell_form(event, _form_id(row.id), refusal)


def _tell_form(event: Event, at: str, refusal: Refusal | None) -> Form:
    chosen = _tell() if refusal and refusal.is_of(at) else ""
    return form_of(f"{at}-tell", (), event, {"tell": chosen or "everybody"})


def _tell() -> str:
    return request.form.get("tell", "")


def _may_be_in_calendars(event: Event) -> bool:
    """Return whether calendars may hold the event: it is published and not over."""
    return event.state == EventState.PUBLISHED and not event.is_over(clock.now())


def _values(event: Event, kind: str, row: Row) -> dict[str, str]:
    values = fields.show(forms.row_fields(kind, event), row, forms.setting(event))
    return values | (questions.shown_options(row, event) if isinstance(row, Question) else {})


def _default_values(event: Event, kind: str) -> dict[str, str]:
    """Return the values that the form for a new row begins with: the likely ones."""
    defaults: Mapping[str, Any] = {
        "sessions": fields.show(forms.SPAN, event, forms.setting(event)),
        "ticket_types": {"sessions": "\n".join(str(session.id) for session in event.sessions)},
        "questions": {"kind": QuestionKind.SHORT},
    }
    return dict(defaults.get(kind, {}))


def _read_row(event: Event, kind: str, row: Row | None) -> dict[str, Any]:
    if kind == "questions":
        return questions.read_question(request.form, event, row if isinstance(row, Question) else None)
    values = fields.read(forms.row_fields(kind, event), request.form, forms.setting(event), row)
    if kind == "sessions":
        return forms.read_session(values)
    if kind == "ticket_types":
        return values | {"sessions": [int(session_id) for session_id in values["sessions"]]}
    return values
