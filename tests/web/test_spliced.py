"""Spliced pages: filled in and packed, they are what filling in and packing would make of them."""

import gzip

from hypothesis import given
from hypothesis import strategies as st

from web.spliced import STORED, Spliced

PLACEHOLDER = "goes-here"
texts = st.lists(st.text(max_size=200), min_size=1, max_size=4).map(PLACEHOLDER.join)


@given(texts, st.text(max_size=100) | st.text(min_size=STORED, max_size=3_000))
def test_unpacked_it_is_the_text_with_the_word(text: str, word: str) -> None:
    spliced = Spliced(text, PLACEHOLDER)
    assert gzip.decompress(spliced.fill_packed(word)) == spliced.fill(word) == text.replace(PLACEHOLDER, word).encode()


def test_a_long_page_is_packed_for_several_fillings() -> None:
    text = f"{'Ҷаҳонгир ' * 9_000}{PLACEHOLDER}{'Dushanbe ' * 9_000}"
    spliced = Spliced(text, PLACEHOLDER)
    for filling in ("", "first", "x" * STORED, "Панҷакент " * 20_000):
        packed = spliced.fill_packed(filling)
        assert gzip.decompress(packed).decode() == text.replace(PLACEHOLDER, filling)
        assert len(packed) < 3_000
