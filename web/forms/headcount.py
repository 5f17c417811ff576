"""A count by hand and a note, as an organizer types them."""

from collections.abc import Mapping
from typing import NamedTuple

from shared.i18n import deferred
from shared.models import Event, Report
from web.forms.fields import Field, Setting, read

NOTE_LIMIT = 1000
FIELDS = (
    Field(name="headcount", label=deferred("headcount.number_label"), kind="number"),
    Field(name="note", label=deferred("headcount.note_label"), kind="lines", limit=NOTE_LIMIT),
)
WRITTEN = tuple(one.name for one in FIELDS)


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
    values = read(FIELDS, form, Setting())
    return Headcount(values["headcount"], values["note"] or "")
