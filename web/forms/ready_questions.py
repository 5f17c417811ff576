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
    "gender": Ready(deferred("Gender"), "one", {"female": deferred("Woman"), "male": deferred("Man")}),
    "age_group": Ready(
        deferred("Age"),
        "one",
        {
            "under_16": deferred("under 16"),
            "16_to_24": deferred("16 to 24"),
            "25_to_34": deferred("25 to 34"),
            "35_to_59": deferred("35 to 59"),
            "60_or_more": deferred("60 or more"),
        },
    ),
    "district": Ready(deferred("City or district")),
    "organization": Ready(deferred("Where you work or study")),
    "heard_from": Ready(
        deferred("How did you hear of this event?"),
        "one",
        {
            "friends": deferred("From friends"),
            "telegram": deferred("Telegram"),
            "instagram": deferred("Instagram"),
            "facebook": deferred("Facebook"),
            "poster": deferred("From a poster"),
            "university": deferred("At the university"),
            "other": deferred("Otherwise"),
        },
    ),
    "photo_consent": Ready(deferred("May we take photographs in which you can be seen?"), "yes_no"),
    "guardian": Ready(deferred("Guardian of who is under 16: name and phone"), "short"),
    "name_in_latin": Ready(deferred("Name in Latin letters, as in the passport"), "short"),
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
