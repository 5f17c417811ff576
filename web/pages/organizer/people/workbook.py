"""People as a workbook that people read: headings and values in words, the name first. A program reads the CSV."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Row

from shared.i18n import deferred, gettext
from shared.models import Event, Question
from shared.papers import spreadsheet
from shared.papers.spreadsheet import Cell
from shared.wording import said
from web.forms import answers
from web.pages.organizer.people.wording import SOURCES, STATES
from web.templating import LANGUAGE_NAMES

HEADINGS: Mapping[str, tuple[str, int]] = {
    "name": (deferred("Name"), 30),
    "email": (deferred("Email"), 28),
    "phone": (deferred("Phone"), 17),
    "status": (deferred("State"), 20),
    "ticket_type": (deferred("Ticket type"), 20),
    "short_code": (deferred("Short code"), 12),
    "first_in_at": (deferred("First checked in"), 20),
    "last_out_at": (deferred("Last went out"), 20),
    "door": (deferred("Door"), 18),
    "checked_in_by": (deferred("Checked in by"), 20),
    "sessions": (deferred("Sessions attended"), 24),
    "walk_in": (deferred("Without a registration"), 14),
    "language": (deferred("Language"), 12),
    "source": (deferred("Source"), 18),
    "registered_at": (deferred("Registered"), 20),
    "confirmed_at": (deferred("Confirmed"), 20),
    "waitlisted_at": (deferred("On the waiting list since"), 20),
    "cancelled_at": (deferred("Cancelled"), 20),
    "cancelled_by": (deferred("Cancelled by"), 20),
    "mail_status": (deferred("Email with the ticket"), 16),
    "registration_id": (deferred("Number of the registration"), 14),
    "came_with": (deferred("Guest of the registration"), 14),
    "consent_version": (deferred("Consent, version"), 14),
    "zone": (deferred("Time zone"), 18),
}
"""What a column is called and how many characters wide it is, in the order of the workbook; answers come after them."""
WIDTH_OF_ANSWERS = 32
WORDS: Mapping[str, Mapping[str, str]] = {
    "status": STATES,
    "language": LANGUAGE_NAMES,
    "source": SOURCES,
    "cancelled_by": {
        "self": deferred("the attendee"),
        "organizer": deferred("an organizer"),
        "lapsed": deferred("no one: not confirmed in time"),
    },
    "mail_status": {
        "accepted": deferred("sent"),
        "waiting": deferred("queued"),
        "failed": deferred("failed"),
        "not sent": deferred("skipped"),
    },
}
"""What a value is called where it is a word of ours; a name that somebody gave stays as it is."""


def chunks(
    event: Event, columns: Mapping[str, Callable[[Row[Any], Event], Cell]], rows: Iterable[Row[Any]]
) -> Iterator[bytes]:
    """The workbook piece by piece, in the language that is spoken now."""
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
        [title for title, _ in headings], cells, sheet=gettext("People"), widths=[width for _, width in headings]
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
    options = {str(one["key"]): said(one["label"], event) for one in question.options}
    return ", ".join(options.get(line, line) for line in answers.written(question, answer).split("\n"))


def _yes_or_no(value: bool) -> str:
    return gettext("yes") if value else gettext("no")
