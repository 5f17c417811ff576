"""Spliced pages: filled in and packed, they are what filling in and packing would make of them."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.spliced import LONGEST, Spliced

PLACEHOLDER = "goes-here"
texts = st.lists(st.text(max_size=200), min_size=1, max_size=4).map(PLACEHOLDER.join)


@given(texts, st.text(max_size=100))
def test_unpacked_it_is_the_text_with_the_word(text: str, word: str) -> None:
    spliced = Spliced(text, PLACEHOLDER)
    assert gzip.decompress(spliced.fill_packed(word)) == spliced.fill(word) == text.replace(PLACEHOLDER, word).encode()


def test_a_long_page_is_packed_for_several_words() -> None:
    text = f"{'Ҷаҳонгир ' * 9_000}{PLACEHOLDER}{'Dushanbe ' * 9_000}"
    spliced = Spliced(text, PLACEHOLDER)
    for word in ("first", "second", "x" * LONGEST):
        packed = spliced.fill_packed(word)
        assert gzip.decompress(packed).decode() == text.replace(PLACEHOLDER, word)
        assert len(packed) < 2_000 + len(word)


def test_a_word_that_does_not_fit_into_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        Spliced(PLACEHOLDER, PLACEHOLDER).fill_packed("x" * (LONGEST + 1))
