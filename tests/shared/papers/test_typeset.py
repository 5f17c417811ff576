"""Lines, as wide as the paper leaves room for."""

import pytest

from shared.papers import typeset

TEXT = "Ҷаҳонгири Муҳаммадғафури Қодирӯзодаи Хуҷандӣ"


@pytest.mark.parametrize("text", [TEXT, "Ӯ" * 80, "a" * 50 + " b", "日本" * 30])
@pytest.mark.parametrize("font", [typeset.REGULAR, typeset.BOLD])
def test_no_line_is_wider_than_its_room_and_no_letter_is_lost(text, font):
    split = typeset.lines(text, 40, 500, font=font)
    assert all(typeset.width(line, 40, font=font) <= 500 for line in split)
    assert "".join(split).replace(" ", "") == text.replace(" ", "")


def test_a_letter_that_is_wider_than_the_room_still_ends():
    assert typeset.lines("WW", 40, 1) == ["W", "W"]


def test_the_largest_size_that_fits_is_taken():
    assert typeset.fit("iTalk 7", (60, 40), 900, 1) == (60, ["iTalk 7"])
    size, split = typeset.fit(TEXT, (60, 30), 900, 1)
    assert (size, split) == (30, [TEXT])


def test_what_fits_at_no_size_is_cut_and_says_so():
    size, split = typeset.fit(TEXT * 9, (60, 30), 900, 2)
    assert (size, len(split)) == (30, 2)
    assert split[-1].endswith("…")
    assert typeset.width(split[-1], 30) <= 900


def test_our_own_fonts_have_the_letters_of_our_languages():
    assert typeset.is_covered("Ғ Ӣ Қ Ӯ Ҳ Ҷ ғ ӣ қ ӯ ҳ ҷ Ё ё « » — – … № ’ oʻ gʻ é ş ğ €")
    assert not typeset.is_covered("王")
