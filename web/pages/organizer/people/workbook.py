"""Attendees as a workbook for people to read: headings and values in words, the name first. Programs read the CSV."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Row

from shared.i18n import deferred, gettext
from shared.models import CancelledBy, Event, Question
from shared.papers import spreadsheet
from shared.papers.spreadsheet import Cell
from shared.registrations.people_export import TicketEmail
from shared.wording import said
from web.forms import answers
from web.pages.organizer.people.wording import SOURCES, STATES
from web.templating import LANGUAGE_NAMES

HEADINGS: Mapping[str, tuple[str, int]] = {
    "name": (deferred("common.name_column"), 30),
    "email": (deferred("common.email_label"), 28),
    "phone": (deferred("common.phone_number"), 17),
    "status": (deferred("people.status_label"), 20),
    "ticket_type": (deferred("common.ticket_type"), 20),
    "short_code": (deferred("common.short_code"), 12),
    "first_in_at": (deferred("people.first_check_in_column"), 20),
    "last_out_at": (deferred("people.last_exit_column"), 20),
    "door": (deferred("common.door_label"), 18),
    "checked_in_by": (deferred("people.checked_in_by_column"), 20),
    "sessions": (deferred("people.sessions_attended_column"), 24),
    "walk_in": (deferred("people.walk_in_column"), 14),
    "language": (deferred("common.language_label"), 12),
    "source": (deferred("people.source_label"), 18),
    "registered_at": (deferred("people.registered_at_column"), 20),
    "confirmed_at": (deferred("people.confirmed_at_column"), 20),
    "waitlisted_at": (deferred("people.waiting_since_column"), 20),
    "cancelled_at": (deferred("people.cancelled_at_column"), 20),
    "cancelled_by": (deferred("people.cancelled_by_column"), 20),
    "mail_status": (deferred("people.ticket_email_column"), 16),
    "registration_id": (deferred("people.registration_number_column"), 14),
    "came_with": (deferred("people.guest_of_column"), 14),
    "consent_version": (deferred("people.consent_version_column"), 14),
    "zone": (deferred("common.time_zone"), 18),
}
"""Each column's heading and its width in characters, in the order of the workbook; answers come after them."""
WIDTH_OF_ANSWERS = 32
WORDS: Mapping[str, Mapping[Any, str]] = {
    "status": STATES,
    "language": LANGUAGE_NAMES,
    "source": SOURCES,
    "cancelled_by": {
        CancelledBy.SELF: deferred("people.by_attendee"),
        CancelledBy.ORGANIZER: deferred("people.by_organizer"),
        CancelledBy.LAPSED: deferred("people.by_no_one"),
    },
    "mail_status": {
        TicketEmail.ACCEPTED: deferred("people.ticket_sent"),
        TicketEmail.WAITING: deferred("people.ticket_queued"),
        TicketEmail.FAILED: deferred("people.ticket_failed"),
        TicketEmail.NOT_SENT: deferred("people.ticket_skipped"),
    },
}
"""Words for values that are our own codes; a name that a person chose stays as it is."""


def chunks(
    event: Event, columns: Mapping[str, Callable[[Row[Any], Event], Cell]], rows: Iterable[Row[Any]]
) -> Iterator[bytes]:
    """Return the workbook piece by piece, in the current language."""
    questions = {f"answers.{question.key}": question for question in event.questions}
    names = [*(name for name in HEADINGS if name in columns), *(name for name in questions if name in columns)]
    headings = [
        (said(questions[name].label, event), WIDTH_OF_ANSWERS)
        if name in questions
        else (gettext(HEADINGS[name][0]), HEADINGS[name][1])
        for name in names
    ]
    cells = ([_cell(name, questions.get(name), columns[name], row, event) for name in names] for row in rows)
    return spreadsheet.xlsx_chunks(
        [title for title, _ in headings],
        cells,
        sheet=gettext("common.attendees"),
        widths=[width for _, width in headings],
    )


def _cell(
    name: str, question: Question | None, column: Callable[[Row[Any], Event], Cell], row: Row[Any], event: Event
) -> Cell:
    if question:
        return _answer(question, row.answers.get(question.key), event)
    value = column(row, event)
    if isinstance(value, bool):
        return _yes_or_no(value)
    return gettext(WORDS[name][value]) if isinstance(value, str) and value in WORDS.get(name, {}) else value


def _answer(question: Question, answer: Any, event: Event) -> str:
    if isinstance(answer, bool):
        return _yes_or_no(answer)
    options = {str(option["key"]): said(option["label"], event) for option in question.options}
    return ", ".join(options.get(line, line) for line in answers.written(question, answer).split("\n"))


def _yes_or_no(value: bool) -> str:
    return gettext("common.yes_value") if value else gettext("common.no_value")
