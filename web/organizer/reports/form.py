"""The form of a headcount and its note."""

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
FIELD_NAMES = tuple(field.name for field in FIELDS)


class Headcount(NamedTuple):
    """The number of people counted (None: not counted), and a note."""

    headcount: int | None
    note: str


def written(event: Event, newest: Report | None) -> dict[str, str]:
    """Return the stored headcount and note as values of the form's fields."""
    count = "" if event.headcount is None else str(event.headcount)
    return dict(zip(FIELD_NAMES, (count, newest.figures.get("note", "") if newest else ""), strict=True))


def read_headcount(form: Mapping[str, str]) -> Headcount:
    """Return a headcount. Raises FormError."""
    values = read(FIELDS, form, Setting())
    return Headcount(values["headcount"], values["note"] or "")
