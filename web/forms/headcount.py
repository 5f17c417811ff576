"""A count by hand and a note, as an organizer types them."""

from collections.abc import Mapping
from typing import NamedTuple

from shared.i18n import gettext, normalize_lines
from shared.models import Event, Report
from web.forms import FormError

NOTE_LIMIT = 1000
MOST_PEOPLE = 1_000_000
WRITTEN = ("headcount", "note")


class Headcount(NamedTuple):
    """How many people were counted (None: nobody counted), and what to know about it."""

    headcount: int | None
    note: str


def written(event: Event, newest: Report | None) -> dict[str, str]:
    """The count and the note that are kept, as the form holds them."""
    count = "" if event.headcount is None else str(event.headcount)
    return dict(zip(WRITTEN, (count, newest.figures.get("note", "") if newest else ""), strict=True))


def read_headcount(form: Mapping[str, str]) -> Headcount:
    """What was typed. Raises FormError."""
    count, note = form.get("headcount", "").strip(), normalize_lines(form.get("note", ""))
    errors = {}
    if count and not (count.isascii() and count.isdigit() and int(count[:9]) <= MOST_PEOPLE and len(count) < 9):
        errors["headcount"] = gettext("Write a whole number, such as 22, or leave it empty.")
    if len(note) > NOTE_LIMIT:
        errors["note"] = gettext("Write at most %(limit)s characters.", limit=NOTE_LIMIT)
    if errors:
        raise FormError(errors, form)
    return Headcount(int(count) if count else None, note)
