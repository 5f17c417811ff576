"""Texts that an organizer wrote in several languages."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared import i18n

TEXTS = json.loads((Path(__file__).parents[1] / "text_vectors.json").read_text(encoding="utf-8"))


def test_a_text_falls_back_and_says_in_which_language_it_is():
    texts = {"ru": "Привет", "tg": " "}
    assert i18n.text_in(texts, ("tg", "en")) == i18n.Text("Привет", "ru")
    assert i18n.text_in(texts | {"en": "Hi"}, ("tg", "en", "ru")) == i18n.Text("Hi", "en")
    assert i18n.text_in({}, ("en",)) is i18n.text_in(None, ("en",)) is None


@pytest.mark.parametrize("vector", TEXTS, ids=[vector["about"] for vector in TEXTS])
def test_the_texts_that_phones_are_held_to(vector: dict[str, Any]) -> None:
    chosen = i18n.text_in(vector["texts"], (vector["spoken"], *vector["languages"]))
    assert str(chosen or "") == vector["said"]
