"""The form of a question: a ready or a custom one, with its options."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.i18n import deferred, gettext, latin
from shared.models import Event, Question, QuestionKind
from shared.models.question import CHOICES, READY
from web.forms import FormError, ready_questions
from web.forms.fields import Field, Setting, read, typed

LINE = 300
MOST_OPTIONS, NEW_OPTIONS = 30, 9

SENTENCES = {
    "label_missing": deferred("question.text_missing_error"),
    "ready_or_own": deferred("question.ready_and_own_error"),
    "options_missing": deferred("question.options_missing_error"),
    "options_many": deferred("question.options_limit_error"),
}
KINDS: Mapping[str, str] = {
    QuestionKind.SHORT: deferred("question.kind_short"),
    QuestionKind.LONG: deferred("question.kind_long"),
    QuestionKind.ONE: deferred("question.kind_one"),
    QuestionKind.SEVERAL: deferred("question.kind_several"),
    QuestionKind.YES_NO: deferred("question.kind_yes_no"),
    QuestionKind.NUMBER: deferred("question.kind_number"),
    QuestionKind.DATE: deferred("question.kind_date"),
}
QUESTION = (
    Field(name="label", label=deferred("question.text_label"), kind="texts", limit=LINE),
    Field(name="hint", label=deferred("question.hint_label"), kind="texts", limit=LINE),
    Field(name="kind", label=deferred("question.kind_label"), kind="choice", choices=KINDS),
    Field(name="required", label=deferred("question.required_label"), kind="tick"),
)
READY_KEY = Field(
    name="ready",
    label=deferred("question.ready_label"),
    kind="choice",
    choices={"": deferred("question.ready_none"), **ready_questions.LABELS},
    hint=deferred("question.ready_hint"),
)


@dataclass(frozen=True, slots=True)
class Options:
    """The fields of a question's options, by key, in each language."""

    languages: Sequence[str]

    def names(self, key: str) -> list[str]:
        """Return the fields of an option."""
        return [f"option.{key}.{code}" for code in self.languages]


def fields_of(event: Event) -> tuple[Field, ...]:
    """Return the fields of a question of this event."""
    ticket_types = {str(ticket_type.id): "" for ticket_type in event.ticket_types}
    audiences = {"": deferred("question.for_everyone"), **ticket_types}
    return (
        *QUESTION,
        Field(name="ticket_type_id", label=deferred("question.audience_label"), kind="choice", choices=audiences),
    )


def read_question(form: Mapping[str, str], event: Event, before: Question | None) -> dict[str, Any]:
    """Return a question with its options. Its key never changes once it is stored, and a ready question has its
    own words and options. Raises FormError.
    """
    values = read((*fields_of(event), *_option_fields(before)), form, _setting(event), before)
    values["ticket_type_id"] = int(values["ticket_type_id"] or 0) or None
    chosen = form.get("ready", "")
    key = before.key if before else chosen if chosen in READY else ""
    labels = {option: values.pop(f"option.{option}") for option in _option_keys(before)}
    values["options"] = _options(labels, event, before, key)
    if key and not before:
        _require_no_other(form, event, values["label"])
        values |= ready_questions.build(key, values)
    _require(form, event, before, key, values)
    if values["kind"] not in CHOICES:
        values["options"] = []
    words = values["label"].get(event.languages[0], "")
    return {**values, "key": key or _free_key(words, [question.key for question in event.questions])}


def typed_question(form: Mapping[str, str], event: Event, before: Question | None) -> dict[str, str]:
    """Return the submitted values, so that the form can repeat them."""
    values = typed([*fields_of(event), READY_KEY], form, _setting(event))
    names = (name for key in _option_keys(before) for name in Options(event.languages).names(key))
    return values | {name: form.get(name, "") for name in names}


def shown_options(question: Question, event: Event) -> dict[str, str]:
    """Return the options as values of the form's fields."""
    return {
        f"option.{option['key']}.{code}": option["label"].get(code, "")
        for option in question.options
        for code in event.languages
    }


def new_options() -> list[str]:
    """Return the keys of the empty fields for more options."""
    return [f"new{number}" for number in range(1, NEW_OPTIONS + 1)]


def _setting(event: Event) -> Setting:
    return Setting(event.languages, event.zone)


def _option_fields(before: Question | None) -> tuple[Field, ...]:
    return tuple(Field(name=f"option.{key}", label="", kind="texts", limit=LINE) for key in _option_keys(before))


def _option_keys(before: Question | None) -> list[str]:
    return [*_known(before), *new_options()]


def _known(before: Question | None) -> dict[str, Mapping[str, str]]:
    """Return the labels of the stored options, by key."""
    return {str(option["key"]): option["label"] for option in before.options} if before else {}


def _say(reason: str, **values: object) -> str:
    return gettext(SENTENCES[reason], **values)


def _require_no_other(form: Mapping[str, str], event: Event, label: Mapping[str, str]) -> None:
    """Raise FormError if a custom question is written beside a ready-made one: its answers would count as
    that one's.
    """
    if label:
        raise FormError({"ready": _say("ready_or_own")}, typed_question(form, event, None))


def _require(
    form: Mapping[str, str], event: Event, before: Question | None, key: str, values: Mapping[str, Any]
) -> None:
    """Raise FormError for a custom question without a text, and for a choice without options."""
    first, count, errors = event.languages[0], len(values["options"]), {}
    if not key and not values["label"].get(first):
        errors[f"label.{first}"] = _say("label_missing")
    if values["kind"] in CHOICES and not 2 <= count <= MOST_OPTIONS:
        reason = "options_missing" if count < 2 else "options_many"
        errors[f"option.new1.{first}"] = _say(reason, most=MOST_OPTIONS)
    if errors:
        raise FormError(errors, typed_question(form, event, before))


def _options(
    labels: Mapping[str, Mapping[str, str]], event: Event, before: Question | None, question: str
) -> list[dict[str, Any]]:
    """Return the options, each with a key that stays; an option that a ready question has gets that key, in
    whatever language it is written.
    """
    options: list[dict[str, Any]] = []
    known = _known(before)
    for key, written in labels.items():
        hidden = {code: text for code, text in known.get(key, {}).items() if code not in event.languages}
        label = hidden | dict(written)
        if written:
            used = [option["key"] for option in options]
            options.append({"key": key if key in known else _option_key(question, label, event, used), "label": label})
    return options


def _option_key(question: str, label: Mapping[str, str], event: Event, used: Iterable[str]) -> str:
    words = [label[code] for code in event.languages if code in label]
    usual = ready_questions.option_key(question, words)
    return usual if usual and usual not in used else _free_key(words[0], used)


def _free_key(words: str, used: Iterable[str]) -> str:
    """Return a key that a person can read, and that is not used yet."""
    plain = re.sub(r"[^a-z0-9]+", "_", latin(words)).strip("_")[:30] or "question"
    stem = plain if plain[0].isalpha() else f"q_{plain}"
    taken = {*used, *READY}
    return next(key for key in (stem, *(f"{stem}_{number}" for number in range(2, 1000))) if key not in taken)
