"""The import of a list of people from a file: first a preview of the result for each row, then exactly that.

The file travels in the confirmation's form, compressed, so nothing of it is stored before it is confirmed.
"""

import base64
import gzip
import io
import zlib
from collections.abc import Mapping

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.errors import DomainError, NotOpen
from shared.events import events
from shared.i18n import deferred, gettext
from shared.registrations import imports
from shared.registrations.imports import ChangedPlan, Plan
from web.access import ORGANIZER, Member
from web.bounds import Body
from web.forms import FormError
from web.forms.people_list import MOST_BYTES, MOST_ROWS, PeopleList, check_size, read
from web.pages import wording
from web.pages.form import Typed
from web.pages.organizer import event_of, no_store, open_conflicts
from web.pages.organizer.people import wording as people_wording
from web.routes import Routes

pages = Routes("organizer_imports", __name__, url_prefix="/organize/events/<int:event_id>/people/import")
pages.after_request(no_store)

FORM = Body(2 * MOST_BYTES)
"""More than a file may have: a file above its own limit gets an error at its field."""
MOST_ROWS_LISTED = 200
"""Rows of each result that are listed; the numbers count all."""
RESULTS: Mapping[imports.RowResult, str] = {
    imports.RowResult.NEW: deferred("list_import.state_new"),
    imports.RowResult.REGISTERED: deferred("list_import.state_registered"),
    imports.RowResult.DOUBLED: deferred("list_import.state_doubled"),
    imports.RowResult.NO_SEAT: deferred("list_import.state_no_seat"),
    imports.RowResult.INVALID: deferred("list_import.state_invalid"),
}
COLUMNS = {
    "name": deferred("common.field_name"),
    "email": deferred("common.field_email"),
    "phone": deferred("common.field_phone"),
    "language": deferred("common.field_language"),
    "ticket_type": deferred("list_import.ticket_type_column"),
}


def refused(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the form again, or the preview as it is now. Raises any error that concerns neither the file nor the
    event's state.
    """
    if isinstance(error, ChangedPlan):
        content = _packed()
        people_list = read(content, events.get(db, event_id=event_id), language=_language(by))
        return _show_plan(db, by, people_list, error.plan, content, is_changed=True)
    if isinstance(error, NotOpen):
        return _show_form(db, by, Typed())
    if isinstance(error, FormError):
        return _show_form(db, by, Typed(errors=error.errors))
    raise error


@pages.get("", access=ORGANIZER, endpoint="ask")
def ask(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the form, with an example of a file."""
    return _show_form(db, by, Typed())


@pages.post("", access=ORGANIZER, body=FORM, refused=refused, endpoint="look_ahead")
def plan_import(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return a preview of the result for each row; nothing is stored."""
    content = _read_upload()
    people_list = read(content, events.get(db, event_id=event_id), language=_language(by))
    plan = imports.plan_import(db, event=event_of(by), rows=people_list.rows)
    return _show_plan(db, by, people_list, plan, content)


@pages.post("/done", access=ORGANIZER, body=FORM, refused=refused)
def carry_out(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Register the people of the new rows; where the preview has changed since, register no one and show it again."""
    people_list = read(_packed(), events.get(db, event_id=event_id), language=_language(by))
    digest = request.form.get("digest", "")
    count = imports.import_people(db, event=event_of(by), rows=people_list.rows, digest=digest, by=by.account)
    return redirect(f"/organize/events/{event_id}/people/?said=imported&n={count}", 303)


def _language(by: Member) -> str:
    """Return the language of rows without one: the event's first, not the organizer's."""
    return event_of(by).languages[0]


def _read_upload() -> bytes:
    """Return the uploaded file. Raises FormError for one that is too large, before it is read."""
    check_size(request.content_length)
    file = request.files.get("file")
    return file.read(MOST_BYTES + 1) if file else b""


def _packed() -> bytes:
    """Return the file from the confirmation's form. Raises FormError for content that was not packed here."""
    try:
        packed = base64.b64decode(request.form.get("packed", ""), validate=True)
        return gzip.GzipFile(fileobj=io.BytesIO(packed)).read(MOST_BYTES + 1)
    except (ValueError, OSError, EOFError, zlib.error):
        raise FormError({"file": gettext("list_import.choose_again_error")}, {}) from None


def _show_form(db: Session, by: Member, typed: Typed) -> str:
    event = events.get(db, event_id=event_of(by).id)
    return render_template(
        "organizer/people/import.html",
        by=by,
        event=event,
        closed=people_wording.closed(event),
        typed=typed,
        most_rows=MOST_ROWS,
        open_conflicts=open_conflicts(db, by),
        wording=wording,
    )


def _show_plan(
    db: Session, by: Member, people_list: PeopleList, plan: Plan, content: bytes, *, is_changed: bool = False
) -> str:
    rows_of = {result: [fate.row for fate in plan.outcomes if fate.kind == result] for result in RESULTS}
    return render_template(
        "organizer/people/plan.html",
        by=by,
        event=events.get(db, event_id=event_of(by).id),
        plan=plan,
        results=[
            (result, gettext(RESULTS[result]), rows[:MOST_ROWS_LISTED], len(rows))
            for result, rows in rows_of.items()
            if rows
        ],
        new=plan.count(imports.RowResult.NEW),
        emails=plan.mailed,
        most_rows_listed=MOST_ROWS_LISTED,
        column=lambda name: gettext(COLUMNS[name]) if name in COLUMNS else name.removeprefix("answer."),
        ignored=people_list.ignored,
        is_changed=is_changed,
        packed=base64.b64encode(gzip.compress(content, mtime=0)).decode(),
        open_conflicts=open_conflicts(db, by),
        wording=wording,
    )
