"""The key under which names are found, and text that is bounded before it is normalized."""

import json
import unicodedata
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import i18n

VECTORS = json.loads((Path(__file__).parents[1] / "search_vectors.json").read_text(encoding="utf-8"))
NAMES = json.loads((Path(__file__).parents[1] / "name_vectors.json").read_text(encoding="utf-8"))
names = st.text(st.characters() | st.sampled_from("чшщҷҳқғӯӣкхhkgcdzsjyioeuxwё'ЪьßİıΣς"), max_size=30)


@pytest.mark.parametrize("vector", [SimpleNamespace(**vector) for vector in VECTORS], ids=lambda vector: vector.about)
def test_spellings_that_people_mix_have_one_key(vector):
    assert {text: i18n.search_key(text) for text in vector.texts} == dict.fromkeys(vector.texts, vector.key)


@pytest.mark.parametrize(
    "vector", [SimpleNamespace(**vector) for vector in VECTORS if "apart" in vector], ids=lambda vector: vector.about
)
def test_another_name_is_not_found_even_by_its_beginning(vector):
    keys = [i18n.search_key(other) for other in vector.apart]
    assert [key for key in keys if key.startswith(vector.key) or vector.key.startswith(key)] == []
    assert [(text, key) for text in vector.texts for key in keys if is_found(text, key)] == []


@pytest.mark.parametrize(
    "vector",
    [SimpleNamespace(**vector) for vector in VECTORS if "beginnings" in vector],
    ids=lambda vector: vector.about,
)
def test_a_typed_word_may_go_on_with_any_letter(vector):
    assert {typed: i18n.beginnings(typed) for typed in vector.beginnings} == {
        typed: [keys] if keys else [] for typed, keys in vector.beginnings.items()
    }


@pytest.mark.parametrize("vector", [SimpleNamespace(**vector) for vector in VECTORS], ids=lambda vector: vector.about)
def test_a_name_is_found_by_every_beginning_of_every_spelling(vector):
    typed = [text[:end] for text in vector.texts for end in range(1, len(text) + 1)]
    assert [text for text in typed if not is_found(text, vector.key)] == []


def test_beginnings_of_several_words_are_each_of_their_own():
    assert i18n.beginnings("Сай  Max-") == [["sai", "sae"], ["mah", "maksi"]]
    assert i18n.beginnings(" ' - ь") == []


def is_found(typed, key):
    """Return whether the search for people, and the door's, finds a name: every typed word begins a word of it."""
    return all(any(word.startswith(tuple(keys)) for word in key.split()) for keys in i18n.beginnings(typed))


def test_no_two_names_of_the_vectors_have_one_key():
    keys = [vector["key"] for vector in VECTORS]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("words", "latin"),
    [("What will you ask?", "what will you ask"), ("Youth Day", "youth day"), ("Рӯзи ҷавонон", "ruzi javonon")],
)
def test_latin_letters_stay_as_they_are(words, latin):
    assert i18n.latin(words) == latin


@given(names)
def test_a_key_of_a_key_is_itself(name):
    key = i18n.search_key(name)
    assert i18n.search_key(key) == key
    assert key == " ".join(key.split())


@given(names)
def test_a_key_does_not_depend_on_case_or_composition(name):
    key = i18n.search_key(name)
    assert {i18n.search_key(unicodedata.normalize(form, name)) for form in ("NFC", "NFD")} == {key}
    assert {i18n.search_key(name.upper()), i18n.search_key(name.lower())} == {key}


@given(st.text(st.characters(codec=None)))
def test_a_normalized_line_is_clean_and_stays_as_it_is(text):
    line = i18n.normalize(text)
    assert i18n.normalize(line) == line == unicodedata.normalize("NFC", line)
    assert {unicodedata.category(letter) for letter in line}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    assert "  " not in line
    assert line == line.strip()


@pytest.mark.parametrize("vector", NAMES, ids=lambda vector: vector["about"])
def test_a_name_is_kept_as_a_phone_keeps_it(vector):
    assert i18n.normalize(vector["typed"]) == vector["kept"]


marks = st.text(st.characters(categories=["M"]) | st.sampled_from("\u0301\u0327\u0344\u0345\u200b"), max_size=60)


@given(st.lists(st.tuples(st.text(max_size=3), marks), max_size=4), st.integers(1, 40))
def test_nothing_is_normalized_before_it_is_bounded(runs, limit):
    text = "".join(letter + piled for letter, piled in runs)
    longest = 0
    normalize = unicodedata.normalize

    def watched(form: str, text: str) -> str:
        nonlocal longest
        longest = max(longest, len(text))
        assert most_marks(text) <= 2 * i18n.MOST_MARKS  # a sign of the eight may stand for two
        return normalize(form, text)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(unicodedata, "normalize", watched)
        i18n.search_key(text)
        i18n.normalize(text)
        longest = 0
        with suppress(i18n.UnfitText):
            line = i18n.read_line(text, limit)
            assert (len(line) <= limit, line) == (True, i18n.normalize(line))
    assert longest <= i18n.SLACK * limit


@given(st.lists(st.tuples(st.text(st.characters(codec=None), max_size=3), marks), max_size=4))
def test_a_line_has_at_most_eight_marks_in_a_row_and_stays_as_it_is(runs):
    line = i18n.normalize("".join(letter + piled for letter, piled in runs))
    assert most_marks(line) <= i18n.MOST_MARKS
    assert i18n.normalize(line) == line == unicodedata.normalize("NFC", line)


def most_marks(text: str) -> int:
    runs = groupby(text, lambda letter: unicodedata.category(letter)[0] == "M")
    return max((len(list(run)) for is_mark, run in runs if is_mark), default=0)


@pytest.mark.parametrize(
    "text",
    [
        "Nguyễn Thị Ngọc Ẩn",
        "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים",
        "ٱلرَّحْمَـٰنِ ٱلرَّحِيمِ مُحَمَّدٌ",
        "ผู้ใหญ่ที่นี่ น้ำ ปั๊ม",
        "श्रीमान् क्षेत्रज्ञ ज़िन्दगी हूँ",
        "བསྒྲུབས་ ཧཱུྃ རྐྵྨླྺྲྱཾ",
        "ကျွန်ုပ်တို့ ဖွံ့ဖြိုး",
        "👩‍❤️‍💋‍👨 1️⃣",
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_each_script_piles_fewer_marks_than_are_refused(text, form):
    assert i18n.read_line(unicodedata.normalize(form, text), len(text)) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a" + "\u0301" * 9, "sign"),
        ("a" + "\u0301\u200b" * 9, "sign"),
        ("a" + "\u0301" * 32_000, "long"),
        ("x" * 21, "long"),
        (" " * 81, "long"),
    ],
)
def test_what_was_typed_is_refused_by_its_length_and_its_marks(text, reason):
    with pytest.raises(i18n.UnfitText, match=reason):
        i18n.read_line(text, 20)


def test_blanks_around_and_letters_in_parts_do_not_count_against_a_limit():
    assert i18n.read_line("  " + unicodedata.normalize("NFD", "ệ" * 20) + "  ", 20) == "ệ" * 20


def test_lines_are_kept_but_not_heaps_of_empty_ones():
    assert i18n.normalize_lines("\n one \x00\r\n\r\n\n\n two\nthree  \n") == "one\n\ntwo\nthree"
