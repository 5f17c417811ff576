"""People as a file, CSV or XLSX, streamed; and as a sheet to sign in on. Each is noted in the audit as it begins.

Column names of a CSV are the same in every language and version, so that a program can rely on them. Names, contacts
and answers are personal, and only there when they were asked for.
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
from shared.errors import DomainError
from shared.i18n import deferred, gettext, language, ngettext
from shared.models import Event
from shared.operations import audit
from shared.papers import sign_in_sheet, spreadsheet
from shared.papers.sign_in_sheet import Columns, Guest
from shared.papers.spreadsheet import Cell
from shared.queries import events, people, people_export
from shared.queries.roster import initials
from shared.wording import said
from web.access import ORGANIZER, Member
from web.forms import FormError, answers
from web.pages import wording
from web.pages.form import Typed
from web.pages.organizer import event_of, no_store, open_conflicts
from web.pages.organizer.people import workbook
from web.pages.organizer.people.listing import query, wanted_of
from web.routes import Routes
from web.streams import stream

pages = Routes("organizer_exports", __name__, url_prefix="/organize/events/<int:event_id>/people")
pages.after_request(no_store)

MOST_ON_PAPER = 5_000
NAMES, CONTACT, ANSWERS = "names", "contact", "answers"
PERSONAL = (NAMES, CONTACT, ANSWERS)
NAMING = {"name", "checked_in_by"}
"""The columns that hold somebody's name."""
ORGANIZATION, PHONE = "organization", "phone"
BESIDE: Mapping[str, str] = {
    ORGANIZATION: deferred("common.attendee_organization_label"),
    PHONE: deferred("common.phone_number"),
}
"""What a sheet may say beside a name; the organization is the answer to the ready question."""
PRINTED = {ORGANIZATION: ANSWERS, PHONE: CONTACT}
"""Which of the personal columns that is."""
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


def _kind(row: Row[Any], event: Event) -> Cell:
    return next((said(kind.title, event) for kind in event.ticket_types if kind.id == row.ticket_type_id), "")


def _sessions(row: Row[Any], event: Event) -> Cell:
    titles = {part.id: said(event.title_of(part), event) for part in event.sessions}
    return "; ".join(titles.get(number, str(number)) for number in row.sessions or ())


def _name(row: Row[Any], event: Event) -> Cell:
    return str(row.name)


COLUMNS: Mapping[str, Column] = {
    "registration_id": _as_it_is("id"),
    "short_code": _as_it_is("short_code"),
    "status": _as_it_is("state"),
    "name": _name,
    "ticket_type": _kind,
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
    """The page again with why there is no sheet. Raises whatever is not about that."""
    if isinstance(error, FormError):
        return _show(db, by, Typed(errors=error.errors))
    raise error


@pages.get("/export", access=ORGANIZER, endpoint="ask")
def ask(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """What the file shall hold; whom, says the address, as for the list."""
    return _show(db, by, Typed())


@pages.post("/export", access=ORGANIZER)
def export(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """The file."""
    event = events.get(db, event_id=event_id)
    personal = [name for name in PERSONAL if request.form.get(name)]
    kind = "xlsx" if request.form.get("format") == "xlsx" else "csv"
    audit.note(db, by=by.account, action="people.exported", event=event, format=kind, personal=personal)
    chosen = columns(event, personal)
    statement, values = people_export.statement(event.id, wanted_of(by))
    name = f"{event.slug}-people-{clock.now().astimezone(ZoneInfo(event.zone)):%Y-%m-%d}.{kind}"
    made = partial(MADE[kind], event, chosen)
    return stream(statement, values, made, mimetype=TYPES[kind], filename=name)


@pages.post("/sheet", access=ORGANIZER, refused=refused)
def sheet(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Names by alphabet with a box for each, as PDF; of private events initials. Raises FormError for too many."""
    event = events.get(db, event_id=event_id)
    found = people.listed(db, event_id=event_id, wanted=wanted_of(by), limit=MOST_ON_PAPER + 1)
    if len(found) > MOST_ON_PAPER:
        sentence = ngettext(
            "export.too_long_error",
            MOST_ON_PAPER,
        )
        raise FormError({"sheet": sentence}, {})
    beside = beside_of(event, request.form.get("beside", ""))
    guests = _guests(event, found, beside)
    personal = [PRINTED[beside]] if beside else []
    audit.note(
        db, by=by.account, action="people.sign_in_sheet_created", event=event, count=len(guests), personal=personal
    )
    content = sign_in_sheet.pdf(
        title=said(event.title, event),
        when=wording.when(event, year=True),
        page_of=gettext("export.page_of", page="%(page)s", pages="%(pages)s"),
        guests=guests,
        language=language(),
        columns=Columns(
            gettext(BESIDE[beside]) if beside else "",
            gettext("export.signature_column") if request.form.get("signature") else "",
        ),
        has_empty=event.walk_ins,
    )
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{event.slug}-sign-in.pdf"'
    return answer


def _show(db: Session, by: Member, typed: Typed) -> str:
    return render_template(
        "organizer/people/export.html",
        by=by,
        event=events.get(db, event_id=event_of(by).id),
        typed=typed,
        query=query(),
        beside={name: gettext(words) for name, words in _possible(events.get(db, event_id=event_of(by).id)).items()},
        count=people_export.count(db, event_id=event_of(by).id, wanted=wanted_of(by)),
        open_conflicts=open_conflicts(db, by),
        wording=wording,
    )


def beside_of(event: Event, asked: str) -> str:
    """What a sheet says beside a name, of BESIDE; empty where that is not asked for, or not to be shown."""
    return asked if asked in _possible(event) else ""


def _possible(event: Event) -> dict[str, str]:
    """What a sheet of an event can say beside a name: nothing where names themselves are hidden."""
    if event.hides_names:
        return {}
    is_asked = any(question.key == ORGANIZATION for question in event.questions)
    return {name: words for name, words in BESIDE.items() if is_asked or name != ORGANIZATION}


def _guests(event: Event, found: Iterable[Row[Any]], beside: str) -> list[Guest]:
    """Who has a place. Whoever waits for one is told so at the door, and walk-ins are inside already."""
    kinds = {kind.id: said(kind.title, event) for kind in event.ticket_types} if len(event.ticket_types) > 1 else {}
    return [
        Guest(
            initials(one.name) if event.hides_names else one.name,
            _in_two(one.short_code or ""),
            _beside(one, beside) if beside else kinds.get(one.ticket_type_id, ""),
        )
        for one in found
        if one.state == "confirmed" and not one.walk_in
    ]


def _beside(one: Row[Any], beside: str) -> str:
    return str((one.phone if beside == PHONE else one.answers.get(ORGANIZATION)) or "")


def _in_two(code: str) -> str:
    return f"{code[:4]}-{code[4:]}" if code else ""


def columns(event: Event, personal: Sequence[str]) -> dict[str, Column]:
    """The columns of a file by name, with those of the personal ones that are asked for."""
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


MADE = {"csv": _csv, "xlsx": workbook.chunks}
TYPES = {"csv": spreadsheet.CSV_TYPE, "xlsx": spreadsheet.XLSX_TYPE}
