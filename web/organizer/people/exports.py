"""Attendees as a streamed file, CSV or XLSX, and as a printed sign-in sheet.

Column names of a CSV are the same in every language and version, so that a program can rely on them. Names, contacts
and answers are personal data, included only on request.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row
from sqlalchemy.orm import Session

from shared import clock
from shared.door.roster import initials
from shared.errors import DomainError
from shared.events import events
from shared.i18n import deferred, gettext, language, ngettext
from shared.models import Event
from shared.papers import sign_in_sheet, spreadsheet
from shared.papers.sign_in_sheet import Columns, Guest
from shared.papers.spreadsheet import Cell
from shared.registrations import people_export
from shared.wording import said
from web import wording
from web.access import ORGANIZER, Member
from web.forms import answers
from web.forms.typed import Typed
from web.organizer.people import workbook
from web.organizer.people.listing import query, wanted_of
from web.organizer.routes import OrganizerRoutes, event_of
from web.streams import stream

pages = OrganizerRoutes("organizer_exports", __name__, url_prefix="/organize/events/<int:event_id>/people")

NAMES, CONTACT, ANSWERS = "names", "contact", "answers"
PERSONAL = (NAMES, CONTACT, ANSWERS)
NAMING = {"name", "checked_in_by"}
"""The columns that hold a person's name."""
ORGANIZATION, PHONE = "organization", "phone"
EXTRA_COLUMNS: Mapping[str, str] = {
    ORGANIZATION: deferred("common.attendee_organization_label"),
    PHONE: deferred("common.phone_number"),
}
"""The possible column beside the name on a sheet; the organization is the answer to the ready-made question."""
PERSONAL_OF = {ORGANIZATION: ANSWERS, PHONE: CONTACT}
"""The personal data in each of them, for the audit."""
Column = Callable[[Row[Any], Event], Cell]


def _moment(name: str) -> Column:
    def column(row: Row[Any], event: Event) -> Cell:
        moment = getattr(row, name)
        return moment.astimezone(ZoneInfo(event.zone)) if moment else None

    return column


def _stamp(name: str) -> Column:
    def column(row: Row[Any], event: Event) -> Cell:
        stamp = getattr(row, name)
        return clock.from_milliseconds(stamp).astimezone(ZoneInfo(event.zone)) if stamp else None

    return column


def _as_it_is(name: str) -> Column:
    def column(row: Row[Any], event: Event) -> Cell:
        value: Cell = getattr(row, name)
        return value

    return column


def _ticket_type(row: Row[Any], event: Event) -> Cell:
    return next((said(each.title, event) for each in event.ticket_types if each.id == row.ticket_type_id), "")


def _sessions(row: Row[Any], event: Event) -> Cell:
    titles = {session.id: said(event.title_of(session), event) for session in event.sessions}
    return "; ".join(titles.get(session_id, str(session_id)) for session_id in row.sessions or ())


def _name(row: Row[Any], event: Event) -> Cell:
    return str(row.name)


COLUMNS: Mapping[str, Column] = {
    "registration_id": _as_it_is("id"),
    "short_code": _as_it_is("short_code"),
    "status": _as_it_is("state"),
    "name": _name,
    "ticket_type": _ticket_type,
    "language": _as_it_is("language"),
    "registered_at": _moment("created_at"),
    "source": _as_it_is("source"),
    "confirmed_at": _moment("confirmed_at"),
    "waitlisted_at": _moment("waited_at"),
    "cancelled_at": _moment("cancelled_at"),
    "cancelled_by": _as_it_is("cancelled_by"),
    "walk_in": _as_it_is("walk_in"),
    "came_with": _as_it_is("host_id"),
    "first_in_at": _stamp("first_at"),
    "last_out_at": _stamp("left_at"),
    "door": lambda row, event: said(row.door, event) if row.door else "",
    "checked_in_by": _as_it_is("volunteer"),
    "sessions": _sessions,
    "consent_version": _as_it_is("consent"),
    "mail_status": _as_it_is("status"),
    "zone": lambda row, event: event.zone,
}
CONTACTS: Mapping[str, Column] = {"email": _as_it_is("email"), "phone": _as_it_is("phone")}


def refused(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the page with the reason why there is no sheet. Raises any error that does not concern it."""
    if error.reason != "list_too_long":
        raise error
    return _show(db, by, Typed(errors={"sheet": ngettext("export.too_long_error", people_export.MOST_ON_SHEET)}))


@pages.get("/export", access=ORGANIZER, endpoint="ask")
def ask(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the form for the file's contents; the address holds the filters, as for the list."""
    return _show(db, by, Typed())


@pages.post("/export", access=ORGANIZER)
def export(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the file, streamed."""
    event = events.get(db, event_id=event_id)
    personal = [name for name in PERSONAL if request.form.get(name)]
    file_format = "xlsx" if request.form.get("format") == "xlsx" else "csv"
    statement, values = people_export.export(
        db, event=event, wanted=wanted_of(by), file_format=file_format, personal=personal, by=by.account
    )
    name = f"{event.slug}-people-{clock.now().astimezone(ZoneInfo(event.zone)):%Y-%m-%d}.{file_format}"
    write = partial(WRITERS[file_format], event, columns(event, personal))
    return stream(statement, values, write, mimetype=TYPES[file_format], filename=name)


@pages.post("/sheet", access=ORGANIZER, refused=refused)
def sheet(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return a PDF with the names in alphabetical order and a box for each; of private events only the initials.
    Raises Invalid for too many.
    """
    event = events.get(db, event_id=event_id)
    extra = extra_column(event, request.form.get("beside", ""))
    personal = [PERSONAL_OF[extra]] if extra else []
    rows = people_export.sign_in_sheet(db, event=event, wanted=wanted_of(by), personal=personal, by=by.account)
    content = sign_in_sheet.pdf(
        title=said(event.title, event),
        when=wording.when(event, year=True),
        page_of=gettext("export.page_of", page="%(page)s", pages="%(pages)s"),
        guests=_sheet_rows(event, rows, extra),
        language=language(),
        columns=Columns(
            gettext(EXTRA_COLUMNS[extra]) if extra else "",
            gettext("export.signature_column") if request.form.get("signature") else "",
        ),
        has_empty=event.walk_ins,
    )
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{event.slug}-sign-in.pdf"'
    return answer


def _show(db: Session, by: Member, typed: Typed) -> str:
    event = events.get(db, event_id=event_of(by).id)
    return render_template(
        "organizer/people/export.html",
        event=event,
        typed=typed,
        query=query(),
        extra_columns={name: gettext(label) for name, label in _extra_columns(event).items()},
        count=people_export.count(db, event_id=event.id, wanted=wanted_of(by)),
    )


def extra_column(event: Event, name: str) -> str:
    """Return the column beside the name on a sheet, of EXTRA_COLUMNS; empty where none is requested or possible."""
    return name if name in _extra_columns(event) else ""


def _extra_columns(event: Event) -> dict[str, str]:
    """Return the possible columns beside the name on an event's sheet: none where names themselves are hidden."""
    if event.hides_names:
        return {}
    is_asked = any(question.key == ORGANIZATION for question in event.questions)
    return {name: label for name, label in EXTRA_COLUMNS.items() if is_asked or name != ORGANIZATION}


def _sheet_rows(event: Event, rows: Iterable[Row[Any]], extra: str) -> list[Guest]:
    titles = {each.id: said(each.title, event) for each in event.ticket_types} if len(event.ticket_types) > 1 else {}
    return [
        Guest(
            initials(row.name) if event.hides_names else row.name,
            _format_code(row.short_code or ""),
            _extra_cell(row, extra) if extra else titles.get(row.ticket_type_id, ""),
        )
        for row in rows
    ]


def _extra_cell(row: Row[Any], extra: str) -> str:
    return str((row.phone if extra == PHONE else row.answers.get(ORGANIZATION)) or "")


def _format_code(code: str) -> str:
    return f"{code[:4]}-{code[4:]}" if code else ""


def columns(event: Event, personal: Sequence[str]) -> dict[str, Column]:
    """Return the columns of a file by name, with the requested personal ones."""
    chosen = {name: column for name, column in COLUMNS.items() if NAMES in personal or name not in NAMING}
    if CONTACT in personal:
        chosen |= CONTACTS
    if ANSWERS in personal:
        chosen |= {f"answers.{question.key}": partial(_answer, question) for question in event.questions}
    return chosen


def _answer(question: Any, row: Row[Any], event: Event) -> Cell:
    return answers.written(question, row.answers.get(question.key))


def _csv(event: Event, columns: Mapping[str, Column], rows: Iterable[Row[Any]]) -> Iterator[bytes]:
    cells = ([column(row, event) for column in columns.values()] for row in rows)
    return spreadsheet.csv_chunks(list(columns), cells)


WRITERS = {"csv": _csv, "xlsx": workbook.chunks}
TYPES = {"csv": spreadsheet.CSV_TYPE, "xlsx": spreadsheet.XLSX_TYPE}
