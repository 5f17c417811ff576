"""Texts that an organizer wrote in several languages.

The door's TypeScript has its twin; tests/shared/text_vectors.json holds the two together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from shared.config import LANGUAGES
from shared.i18n.languages import direction
from shared.i18n.messages import catalogue


@dataclass(frozen=True, slots=True)
class Text:
    """A text and the language it is really in, so that a page can say so when that is not the page's own."""

    text: str
    language: str

    def __str__(self) -> str:
        return self.text


def in_every_language(message: str, /, **values: object) -> dict[str, str]:
    """Return the message in each of our languages, for whoever chooses among them later."""
    return {code: catalogue(code).gettext(message) % values for code in LANGUAGES}


def text_in(texts: Mapping[str, str] | None, languages: Sequence[str]) -> Text | None:
    """Return the first of the languages that there is a text in, else any other: something to read beats nothing."""
    filled = {code: text for code, text in (texts or {}).items() if text.strip()}
    for code in (*languages, *LANGUAGES, *filled):
        if code in filled:
            return Text(filled[code], code)
    return None


def dir_of(code: str) -> Markup:
    """Return the `dir` of an HTML element in this language, after a blank; empty where it is the page's own."""
    turned = direction(code)
    return Markup(' dir="{}"').format(turned) if turned != direction() else Markup()
