"""Sentences of journeys, written in English and looked for in the language of the page."""

from functools import cache

from shared.i18n import gettext, language, ngettext
from shared.locale.__main__ import read


@cache
def _ids() -> dict[str, list[str]]:
    """Return the ids of the messages that have an English text, or one of its forms."""
    ids: dict[str, list[str]] = {}
    for message in read("en"):
        forms = (message.string,) if isinstance(message.string, str) else message.string or ()
        for form in forms:
            ids.setdefault(form, []).append(message.id if isinstance(message.id, str) else message.id[0])
    return ids


def translated(english: str, **values: object) -> str:
    """Return a sentence in the language that is spoken now, with its values.

    Raises AssertionError for a sentence that no message has, and for one that means several things here.
    """
    texts = {gettext(message, **values) for message in _ids().get(english, ())}
    assert texts, f"no message says {english!r}"
    assert len(texts) == 1, f"{english!r} is said in several ways in {language()!r}: {sorted(texts)}"
    return texts.pop()


def counted(english: str, n: int, **values: object) -> str:
    """Return the form of a sentence that fits n things, found by its English plural. Raises AssertionError."""
    texts = {ngettext(message, n, **values) for message in _ids().get(english, ())}
    assert len(texts) == 1, f"{english!r} is said in these ways in {language()!r}: {sorted(texts)}"
    return texts.pop()
