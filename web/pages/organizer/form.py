"""A form as an organizer's page shows it: with what is kept, or again with its faults and what was typed in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from shared import clock
from shared.errors import Conflicting, DomainError, Invalid
from shared.i18n import format_number, gettext
from shared.models import Event
from web.forms import FormError, fields
from web.forms import events as forms
from web.forms.fields import Field, Setting
from web.pages import edit_conflicts
from web.pages.form import Typed

NAMED = {"starts": "starts_local", "ends": "ends_local"}
"""The fields of a form, by the names that the rules know them under."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form as it is shown."""

    at: str
    fields: Sequence[Field]
    setting: Setting
    typed: Typed
    stamp: str = ""

    def names(self, one: Field) -> list[str]:
        """The fields under which one of the table is sent."""
        return one.names(self.setting)

    def asks_which(self, name: str) -> bool:
        """Whether the clock shows the time in this field twice."""
        values = self.typed.values
        zone = values.get("zone") or self.setting.zone
        return bool(values.get(f"{name}.which")) or _is_twice(values.get(name, ""), zone)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A form that was refused: which one, and why."""

    at: str
    error: DomainError

    def is_of(self, at: str) -> bool:
        """Whether what was typed into this form is shown again; other acts at it (removing, say) bring no fields."""
        return self.at == at and (
            isinstance(self.error, edit_conflicts.Stale) or not isinstance(self.error, Conflicting)
        )


def form_of(
    at: str,
    listed: Sequence[Field],
    event: Event,
    shown: Mapping[str, str],
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Form:
    """A form about an event with what is kept; the one that was refused with what was `typed` into it."""
    return form_in(at, listed, forms.setting(event), shown, refusal, typed)


def form_in(
    at: str,
    listed: Sequence[Field],
    setting: Setting,
    shown: Mapping[str, str],
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Form:
    """The same about anything, in the languages of a setting."""
    if refusal is None or not refusal.is_of(at):
        return Form(at, listed, setting, Typed(shown), edit_conflicts.stamp(shown))
    values = dict(typed or fields.typed(listed, request.form, setting))
    theirs = edit_conflicts.differences(shown, values, refusal.error)
    typed_in = Typed(values, errors_of(refusal.error), theirs=theirs)
    return Form(at, listed, setting, typed_in, edit_conflicts.stamp_again(shown, refusal.error))


def errors_of(error: DomainError) -> dict[str, str]:
    """A sentence for each field that is wrong. Raises what is not about a form."""
    if isinstance(error, FormError):
        return error.errors
    if isinstance(error, Invalid) and error.reason in forms.SENTENCES:
        numbers = {name: format_number(number) for name, number in error.numbers.items()}
        return {NAMED.get(error.field, error.field): gettext(forms.SENTENCES[error.reason], **numbers)}
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
