"""The ready questions: their words in every language, how each is answered, and the answers to choose from.

Keys are fixed words, whatever language an event is in and however its organizers word it, so that answers add up over
events.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.config import LANGUAGES
from shared.i18n import deferred, gettext, normalize, use_language


@dataclass(frozen=True, slots=True)
class Ready:
    """One question; `options` are the words of its answers by key. Without a kind, organizers choose it."""

    label: str
    kind: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


QUESTIONS: Mapping[str, Ready] = {
    "gender": Ready(
        deferred("question.ready_gender"),
        "one",
        {"female": deferred("question.ready_gender_woman"), "male": deferred("question.ready_gender_man")},
    ),
    "age_group": Ready(
        deferred("question.ready_age"),
        "one",
        {
            "under_16": deferred("question.ready_age_under_16"),
            "16_to_24": deferred("question.ready_age_16_24"),
            "25_to_34": deferred("question.ready_age_25_34"),
            "35_to_59": deferred("question.ready_age_35_59"),
            "60_or_more": deferred("question.ready_age_60"),
        },
    ),
    "district": Ready(deferred("question.ready_district")),
    "organization": Ready(deferred("question.ready_organization")),
    "heard_from": Ready(
        deferred("question.ready_heard"),
        "one",
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
    "photo_consent": Ready(deferred("question.ready_photos"), "yes_no"),
    "guardian": Ready(deferred("question.ready_guardian"), "short"),
    "name_in_latin": Ready(deferred("question.ready_latin_name"), "short"),
}
"""By key, as shared.models.question.READY lists them."""
LABELS = {key: one.label for key, one in QUESTIONS.items()}


def begun(key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A ready question as it is added: the answers that were typed with it come after ours."""
    one = QUESTIONS[key]
    options = [{"key": name, "label": worded(text)} for name, text in one.options.items()]
    options += [more for more in values["options"] if more["key"] not in one.options]
    return {"kind": one.kind or values["kind"], "label": worded(one.label), "options": options}


def option_called(key: str, words: Iterable[str]) -> str:
    """The answer of a ready question that is called so in any language; empty where there is none."""
    options = QUESTIONS[key].options if key in QUESTIONS else {}
    names = {text.casefold(): name for name, said in options.items() for text in worded(said).values()}
    return next((names[text.casefold()] for text in words if text.casefold() in names), "")


def worded(message: str) -> dict[str, str]:
    """A message in every language."""
    texts = {}
    for code in LANGUAGES:
        with use_language(code):
            texts[code] = normalize(gettext(message))
    return texts
