"""A form on an organizer's page: with the saved values, or refused, with the typed values and their errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from shared import clock
from shared.errors import Conflicting, DomainError, Invalid
from shared.i18n import format_number, gettext
from shared.models import Event
from web.forms import FormError, fields
from web.forms.fields import Field, Setting
from web.forms.typed import Typed
from web.organizer import edit_conflicts
from web.organizer.events import form as forms

FIELD_NAMES = {"starts": "starts_local", "ends": "ends_local"}
"""The names of form fields, by the names that use cases give in their errors."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form with its fields and values; `at` is its id, and begins the id of each field."""

    at: str
    fields: Sequence[Field]
    setting: Setting
    typed: Typed
    stamp: str = ""

    def asks_which(self, name: str) -> bool:
        """Return whether the clock shows the time in this field twice, so that the form must ask which is meant."""
        values = self.typed.values
        zone = values.get("zone") or self.setting.zone
        return bool(values.get(f"{name}.which")) or _is_twice(values.get(name, ""), zone)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused form: its id, and the error."""

    at: str
    error: DomainError

    def is_of(self, at: str) -> bool:
        """Return whether to show the values typed into this form; other actions on it, as a removal, send no fields."""
        return self.at == at and (
            isinstance(self.error, edit_conflicts.Stale) or not isinstance(self.error, Conflicting)
        )


def form_of(
    at: str,
    form_fields: Sequence[Field],
    event: Event,
    saved: Mapping[str, str],
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Form:
    """Return a form about an event with its saved values; a refused form with what was `typed` into it."""
    return form_in(at, form_fields, forms.setting(event), saved, refusal, typed)


def form_in(
    at: str,
    form_fields: Sequence[Field],
    setting: Setting,
    saved: Mapping[str, str],
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Form:
    """Return a form about anything, in the languages of a setting."""
    if refusal is None or not refusal.is_of(at):
        return Form(at, form_fields, setting, Typed(saved), edit_conflicts.stamp(saved))
    values = dict(typed or fields.typed(form_fields, request.form, setting))
    theirs = edit_conflicts.differences(saved, values, refusal.error)
    typed_in = Typed(values, errors_of(refusal.error), theirs=theirs)
    return Form(at, form_fields, setting, typed_in, edit_conflicts.stamp_again(saved, refusal.error))


def errors_of(error: DomainError) -> dict[str, str]:
    """Return a sentence for each wrong field. Raises an error that is not about a form."""
    if isinstance(error, FormError):
        return error.errors
    if isinstance(error, Invalid) and error.reason in forms.SENTENCES:
        numbers = {name: format_number(number) for name, number in error.numbers.items()}
        return {FIELD_NAMES.get(error.field, error.field): gettext(forms.SENTENCES[error.reason], **numbers)}
    if isinstance(error, Conflicting):
        return {}
    raise error


def _is_twice(text: str, zone: str) -> bool:
    if zone not in clock.zones():
        return False
    try:
        return fields.is_twice(fields.wall(text), zone)
    except fields.Fault:
        return False
