"""The parts that are lists: sessions, kinds of seat, speakers, partners, questions. Each row is a form of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import DomainError, Missing
from shared.models import Event, Question
from shared.operations import editing, programme, timetable
from shared.operations.programme import KINDS, Row
from web.access import ORGANIZER, Member
from web.forms import events as forms
from web.forms import fields, questions
from web.forms.fields import Field
from web.pages import edit_conflicts
from web.pages.organizer import no_store
from web.pages.organizer.editor.page import back, render, whole
from web.pages.organizer.form import Form, Refusal, form_of
from web.routes import Routes

pages = Routes("organizer_rows", __name__, url_prefix="/organize/events/<int:event_id>/edit/rows/<kind>")
pages.after_request(no_store)

NEW = "new"
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its form."""

    row: Row
    form: Form
    tell: Form


def refused(
    db: Session, by: Member, event_id: int, kind: str, error: DomainError, row_id: int | None = None
) -> ResponseReturnValue:
    """The list again, with what was typed and what is wrong at the row."""
    return show(db, by, kind, Refusal(_at(row_id), error))


@pages.post("/", access=ORGANIZER, refused=refused)
def add(db: Session, by: Member, event_id: int, kind: str) -> ResponseReturnValue:
    """Add a row."""
    event = _locked(db, event_id, kind)
    before, tell, values = event.sequence, _tell() != NOBODY, _read(event, kind, None)
    row = programme.add(db, event=event, by=by.account, kind=kind, values=values, tell=tell)
    return back(event_id, kind, "part_told" if tell and event.sequence > before else "added", _at(row.id))


@pages.post("/<int:row_id>", access=ORGANIZER, refused=refused)
def save(db: Session, by: Member, event_id: int, kind: str, row_id: int) -> ResponseReturnValue:
    """Save one row."""
    event = _locked(db, event_id, kind)
    row = programme.find(event, kind=kind, row_id=row_id)
    values = _read(event, kind, row)
    edit_conflicts.check(_shown(event, kind, row))
    before, tell = event.sequence, _tell() != NOBODY
    programme.change(db, event=event, by=by.account, kind=kind, row=row, values=values, tell=tell)
    return back(event_id, kind, "part_told" if tell and event.sequence > before else "saved", _at(row_id))


@pages.post("/<int:row_id>/remove", access=ORGANIZER, refused=refused)
def remove(db: Session, by: Member, event_id: int, kind: str, row_id: int) -> ResponseReturnValue:
    """Remove a row, unless people or scans hang on it."""
    event = _locked(db, event_id, kind)
    row = programme.find(event, kind=kind, row_id=row_id)
    programme.remove(db, event=event, by=by.account, kind=kind, row=row)
    return back(event_id, kind, "removed")


@pages.post("/<int:row_id>/up", access=ORGANIZER, refused=refused)
def move_up(db: Session, by: Member, event_id: int, kind: str, row_id: int) -> ResponseReturnValue:
    """Put a row before the one above it."""
    event = _locked(db, event_id, kind)
    row = programme.find(event, kind=kind, row_id=row_id)
    programme.move_up(db, event=event, by=by.account, kind=kind, row=row)
    return back(event_id, kind, "saved", _at(row_id))


def show(db: Session, by: Member, kind: str, refusal: Refusal | None = None, **more: Any) -> str:
    """A list with the form of each row, and an empty one."""
    if kind not in KINDS:
        raise Missing("part")
    event = whole(db, by)
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
        tell_field=forms.TELL_OF_PART if kind == "sessions" and _has_readers(event) else None,
        refused_at=refusal.at if refusal else "",
        overlapping=timetable.overlapping(event) if kind == "sessions" else [],
        meeting=timetable.room_conflicts(event) if kind == "sessions" else [],
        options=questions.Options(event.languages),
        new_options=questions.new_options(),
        ready_field=questions.READY_KEY,
        **more,
    )


def _locked(db: Session, event_id: int, kind: str) -> Event:
    if kind not in KINDS:
        raise Missing("part")
    return editing.lock(db, event_id=event_id)


def _at(row_id: int | None) -> str:
    return f"row-{row_id}" if row_id else NEW


def _form(event: Event, kind: str, row: Row | None, refusal: Refusal | None) -> Form:
    at, listed = _at(row.id if row else None), forms.row_fields(kind, event)
    shown = _shown(event, kind, row) if row else _empty(event, kind, listed)
    typed = None
    if refusal and refusal.is_of(at) and kind == "questions":
        typed = questions.typed_question(request.form, event, row if isinstance(row, Question) else None)
    return form_of(at, listed, event, shown, refusal, typed)


def _forms(event: Event, kind: str, row: Row, refusal: Refusal | None) -> tuple[Form, Form]:
    return _form(event, kind, row, refusal), _tell_form(event, _at(row.id), refusal)


def _tell_form(event: Event, at: str, refusal: Refusal | None) -> Form:
    chosen = _tell() if refusal and refusal.is_of(at) else ""
    return form_of(f"{at}-tell", (), event, {"tell": chosen or "everybody"})


def _tell() -> str:
    return request.form.get("tell", "")


def _has_readers(event: Event) -> bool:
    """Whether somebody may have the event in a calendar, and it is still to come."""
    return event.state == "published" and not event.is_over(clock.now())


def _shown(event: Event, kind: str, row: Row) -> dict[str, str]:
    shown = fields.show(forms.row_fields(kind, event), row, forms.setting(event))
    return shown | (questions.shown_options(row, event) if isinstance(row, Question) else {})


def _empty(event: Event, kind: str, listed: Sequence[Field]) -> dict[str, str]:
    """What the form for one more row begins with: what is probably meant."""
    begin: Mapping[str, Any] = {
        "sessions": fields.show(forms.SPAN, event, forms.setting(event)),
        "ticket_types": {"sessions": "\n".join(str(part.id) for part in event.sessions)},
        "questions": {"kind": "short"},
    }
    return dict(begin.get(kind, {}))


def _read(event: Event, kind: str, row: Row | None) -> dict[str, Any]:
    if kind == "questions":
        return questions.read_question(request.form, event, row if isinstance(row, Question) else None)
    values = fields.read(forms.row_fields(kind, event), request.form, forms.setting(event), row)
    if kind == "sessions":
        return forms.read_session(values)
    return values | {"sessions": [int(number) for number in values["sessions"]]} if kind == "ticket_types" else values
