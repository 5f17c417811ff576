"""The ready questions: their texts in every language, their answer types, and their options.

Keys are fixed words, whatever language an event is in and however its organizers word it, so that answers add up over
events.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.config import LANGUAGES
from shared.i18n import deferred, gettext, normalize, use_language
from shared.models import QuestionKind


@dataclass(frozen=True, slots=True)
class ReadyQuestion:
    """A ready question; `options` are message ids by key. Without a kind, organizers choose it."""

    label: str
    kind: QuestionKind | None = None
    options: Mapping[str, str] = field(default_factory=dict)


QUESTIONS: Mapping[str, ReadyQuestion] = {
    "gender": ReadyQuestion(
        deferred("question.ready_gender"),
        QuestionKind.ONE,
        {"female": deferred("question.ready_gender_woman"), "male": deferred("question.ready_gender_man")},
    ),
    "age_group": ReadyQuestion(
        deferred("question.ready_age"),
        QuestionKind.ONE,
        {
            "under_16": deferred("question.ready_age_under_16"),
            "16_to_24": deferred("question.ready_age_16_24"),
            "25_to_34": deferred("question.ready_age_25_34"),
            "35_to_59": deferred("question.ready_age_35_59"),
            "60_or_more": deferred("question.ready_age_60"),
        },
    ),
    "district": ReadyQuestion(deferred("question.ready_district")),
    "organization": ReadyQuestion(deferred("question.ready_organization")),
    "heard_from": ReadyQuestion(
        deferred("question.ready_heard"),
        QuestionKind.ONE,
        {
            "friends": deferred("question.ready_heard_friends"),
            "telegram": deferred("question.ready_heard_telegram"),
            "instagram": deferred("question.ready_heard_instagram"),
            "facebook": deferred("question.ready_heard_facebook"),
            "poster": deferred("question.ready_heard_poster"),
            "university": deferred("question.ready_heard_university"),
            "other": deferred("question.ready_heard_other"),
        },
    ),
    "photo_consent": ReadyQuestion(deferred("question.ready_photos"), QuestionKind.YES_NO),
    "guardian": ReadyQuestion(deferred("question.ready_guardian"), QuestionKind.SHORT),
    "name_in_latin": ReadyQuestion(deferred("question.ready_latin_name"), QuestionKind.SHORT),
}
"""By key, as in shared.models.question.READY."""
LABELS = {key: question.label for key, question in QUESTIONS.items()}


def build(key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a ready question to add: submitted options come after its own."""
    question = QUESTIONS[key]
    options = [{"key": name, "label": translations(text)} for name, text in question.options.items()]
    options += [option for option in values["options"] if option["key"] not in question.options]
    return {"kind": question.kind or values["kind"], "label": translations(question.label), "options": options}


def option_key(key: str, words: Iterable[str]) -> str:
    """Return the key of a ready question's option with one of these labels in any language; empty if there is
    none.
    """
    options = QUESTIONS[key].options if key in QUESTIONS else {}
    names = {text.casefold(): name for name, message in options.items() for text in translations(message).values()}
    return next((names[text.casefold()] for text in words if text.casefold() in names), "")


def translations(message: str) -> dict[str, str]:
    """Return a message in every language."""
    texts = {}
    for code in LANGUAGES:
        with use_language(code):
            texts[code] = normalize(gettext(message))
    return texts
