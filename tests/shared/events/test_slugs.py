"""Addresses: made of a title, or of no word at all."""

import pytest
from sqlalchemy.orm import Session

from shared.events import slugs
from tests.factories import make_event
from web.organizer.events.form import read_slug


def test_a_slug_is_the_title_in_latin_letters_with_a_number_if_used(db: Session) -> None:
    assert slugs.propose_slug(db, "Суҳбати пӯшида") == "suhbati-pushida"
    make_event(db, slug="suhbati-pushida")
    assert slugs.propose_slug(db, "Суҳбати пӯшида") == "suhbati-pushida-2"


def test_a_wordless_address_is_drawn_anew_each_time_and_can_be_typed() -> None:
    drawn = {slugs.draw_wordless() for _ in range(100)}
    assert len(drawn) == 100
    assert all(slugs.is_wordless(slug) for slug in drawn)
    assert all(read_slug({"slug": slug}) == slug for slug in drawn)
    assert not any(set(slug) & set("aeiouyl01") for slug in drawn)


@pytest.mark.parametrize("title", ["Суҳбати пӯшида", "Table talks", "event", "12345-67890"])
def test_an_address_of_words_never_counts_as_wordless(title: str) -> None:
    assert not slugs.is_wordless(slugs.slug_of(title))
