"""A list of people comes in as a file: first what would become of each row, then exactly that.

The file travels with the confirmation, packed into its form, so nothing of it is kept here before it is confirmed.
"""

import base64
import gzip
import io
import zlib

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.errors import DomainError, NotOpen
from shared.i18n import deferred, gettext
from shared.operations import imports as operations
from shared.operations.imports import ChangedPlan, Plan
from shared.queries import events
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
"""More than a file may have: that limit is told at its field."""
SHOWN = 200
"""Rows of each fate that are shown one by one; the counts are of all."""
FATES = {
    operations.NEW: deferred("list_import.state_new"),
    operations.REGISTERED: deferred("list_import.state_registered"),
    operations.DOUBLED: deferred("list_import.state_doubled"),
    operations.NO_SEAT: deferred("list_import.state_no_seat"),
    operations.INVALID: deferred("list_import.state_invalid"),
}
COLUMNS = {
    "name": deferred("common.field_name"),
    "email": deferred("common.field_email"),
    "phone": deferred("common.field_phone"),
    "language": deferred("common.field_language"),
    "ticket_type": deferred("list_import.ticket_type_column"),
}


def refused(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """The form again, or the rows as they are now. Raises whatever is not about the file or the event's state."""
    if isinstance(error, ChangedPlan):
        content = _packed()
        listed = read(content, events.get(db, event_id=event_id), language=_language(by))
        return _show_plan(db, by, listed, error.plan, content, is_changed=True)
    if isinstance(error, NotOpen):
        return _show_form(db, by, Typed())
    if isinstance(error, FormError):
        return _show_form(db, by, Typed(errors=error.errors))
    raise error


@pages.get("", access=ORGANIZER, endpoint="ask")
def ask(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """The form, with what a file looks like."""
    return _show_form(db, by, Typed())


@pages.post("", access=ORGANIZER, body=FORM, refused=refused, endpoint="look_ahead")
def look_ahead(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """What would become of each row; nothing is written."""
    content = _sent()
    listed = read(content, events.get(db, event_id=event_id), language=_language(by))
    plan = operations.plan_import(db, event=event_of(by), rows=listed.rows)
    return _show_plan(db, by, listed, plan, content)


@pages.post("/done", access=ORGANIZER, body=FORM, refused=refused)
def carry_out(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Register those who were called new, or say what changed meanwhile and register nobody."""
    listed = read(_packed(), events.get(db, event_id=event_id), language=_language(by))
    digest = request.form.get("digest", "")
    count = operations.import_people(db, event=event_of(by), rows=listed.rows, digest=digest, by=by.account)
    return redirect(f"/organize/events/{event_id}/people/?said=imported&n={count}", 303)


def _language(by: Member) -> str:
    """Of who names none: the event's first, whoever brings the list."""
    return event_of(by).languages[0]


def _sent() -> bytes:
    """The chosen file. Raises FormError for none and for one that is too large, before it is read."""
    check_size(request.content_length)
    file = request.files.get("file")
    return file.read(MOST_BYTES + 1) if file else b""


def _packed() -> bytes:
    """The file as the confirmation holds it. Raises FormError for what was not packed here."""
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
    db: Session, by: Member, listed: PeopleList, plan: Plan, content: bytes, *, is_changed: bool = False
) -> str:
    of_kind = {kind: [one.row for one in plan.outcomes if one.kind == kind] for kind in FATES}
    return render_template(
        "organizer/people/plan.html",
        by=by,
        event=events.get(db, event_id=event_of(by).id),
        plan=plan,
        fates=[(kind, gettext(FATES[kind]), rows[:SHOWN], len(rows)) for kind, rows in of_kind.items() if rows],
        new=plan.count(operations.NEW),
        mailed=plan.mailed,
        shown=SHOWN,
        column=lambda name: gettext(COLUMNS[name]) if name in COLUMNS else name.removeprefix("answer."),
        ignored=listed.ignored,
        is_changed=is_changed,
        packed=base64.b64encode(gzip.compress(content, mtime=0)).decode(),
        open_conflicts=open_conflicts(db, by),
        wording=wording,
    )
