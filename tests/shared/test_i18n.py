"""Messages, texts in several languages, dates in words, and the key under which names are found."""

import json
import unicodedata
from contextlib import suppress
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment

from shared import i18n
from shared.config import LANGUAGES

VECTORS = json.loads((Path(__file__).parent / "search_vectors.json").read_text(encoding="utf-8"))
TEXTS = json.loads((Path(__file__).parent / "text_vectors.json").read_text(encoding="utf-8"))
NAMES = json.loads((Path(__file__).parent / "name_vectors.json").read_text(encoding="utf-8"))
names = st.text(st.characters() | st.sampled_from("чшщҷҳқғӯӣкхhkgcdzsjyioeuxwё'ЪьßİıΣς"), max_size=30)


@pytest.fixture
def small_catalogue(tmp_path, monkeypatch):
    """Three messages in Russian, so that these tests do not depend on what the pages say."""
    for language in LANGUAGES:
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        real = i18n.CATALOGUES / language / "LC_MESSAGES" / "messages.po"
        (folder / "messages.po").write_text(real.read_text(encoding="utf-8").split("\n\n")[0] + "\n")
    with (tmp_path / "ru" / "LC_MESSAGES" / "messages.po").open("a", encoding="utf-8") as file:
        file.write('\nmsgid "Hello, %(name)s"\nmsgstr "Здравствуйте, %(name)s"\n')
        file.write('\n#, fuzzy\nmsgid "Door"\nmsgstr "Дверь?"\n')
        file.write('\nmsgid "%(n)s seat"\nmsgid_plural "%(n)s seats"\n')
        file.write('msgstr[0] "%(n)s место"\nmsgstr[1] "%(n)s места"\nmsgstr[2] "%(n)s мест"\n')
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)
    i18n.catalogue.cache_clear()
    yield
    i18n.catalogue.cache_clear()


@pytest.mark.parametrize(
    ("n", "words"), [(0, "0 мест"), (1, "1 место"), (3, "3 места"), (11, "11 мест"), (21, "21 место")]
)
def test_russian_counts_in_three_forms(small_catalogue, n, words):
    with i18n.use_language("ru"):
        assert i18n.ngettext("%(n)s seat", "%(n)s seats", n) == words


def test_a_message_is_translated_and_filled_in(small_catalogue):
    with i18n.use_language("ru"):
        assert i18n.gettext("Hello, %(name)s", name="Зарина") == "Здравствуйте, Зарина"


def test_a_missing_or_fuzzy_message_stays_english(small_catalogue):
    with i18n.use_language("ru"):
        assert (i18n.gettext("Door"), i18n.gettext("100 % sure")) == ("Door", "100 % sure")
    with i18n.use_language("tg"):
        assert i18n.ngettext("%(n)s seat", "%(n)s seats", 1) == "1 seat"


def test_no_message_is_no_text_rather_than_the_header_of_the_catalogue():
    assert i18n.gettext("") == ""


def test_a_template_speaks_the_current_language_and_escapes_what_is_filled_in(small_catalogue):
    page = '{{ _("Hello, %(name)s", name=name) }} {% trans n=3 %}\n {{ n }} seat{% pluralize %}{{ n }} seats'
    environment = Environment(loader=DictLoader({"page": page + "{% endtrans %}"}), autoescape=True)
    i18n.translate_templates(environment)
    template = environment.get_template("page")
    with i18n.use_language("ru"):
        assert template.render(name="<b>") == "Здравствуйте, &lt;b&gt; 3 места"
    assert template.render(name="A") == "Hello, A 3 seats"


def test_the_language_comes_back_after_the_block_even_when_it_raises():
    with pytest.raises(RuntimeError), i18n.use_language("tg"):
        raise RuntimeError
    assert i18n.language() == "en"


def test_a_language_that_we_do_not_speak_is_refused():
    with pytest.raises(ValueError, match="de"), i18n.use_language("de"):
        pass


def test_a_text_falls_back_and_says_in_which_language_it_is():
    texts = {"ru": "Привет", "tg": " "}
    assert i18n.text_in(texts, ("tg", "en")) == i18n.Text("Привет", "ru")
    assert i18n.text_in(texts | {"en": "Hi"}, ("tg", "en", "ru")) == i18n.Text("Hi", "en")
    assert i18n.text_in({}, ("en",)) is i18n.text_in(None, ("en",)) is None


@pytest.mark.parametrize("vector", TEXTS, ids=[vector["about"] for vector in TEXTS])
def test_the_texts_that_phones_are_held_to(vector: dict[str, Any]) -> None:
    chosen = i18n.text_in(vector["texts"], (vector["spoken"], *vector["languages"]))
    assert str(chosen or "") == vector["said"]


MOMENT = datetime(2017, 10, 7, 18, 0)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Saturday 7 October 2017, 18:00, Dushanbe time"),
        ("ru", "суббота, 7 октября 2017 года, 18:00, местное время (Душанбе)"),
        ("tg", "шанбе, 7 октябри 2017, 18:00, бо вақти Душанбе"),
    ],
)
def test_a_moment_is_told_in_words_with_its_city(language, words):
    with i18n.use_language(language), time_machine.travel("2026-11-24"):
        assert i18n.format_moment(MOMENT, i18n.city_of("Asia/Dushanbe")) == words


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Saturday 7 October"), ("ru", "суббота, 7 октября"), ("tg", "шанбе, 7 октябр")]
)
def test_the_year_is_left_out_in_the_year_itself(language, words):
    with i18n.use_language(language), time_machine.travel("2017-03-01"):
        assert i18n.format_day(MOMENT) == words
        assert "2017" in i18n.format_day(MOMENT, year=True)
    with time_machine.travel("2018-03-01"):
        assert i18n.format_day(MOMENT, weekday=False, year=False) == "7 October"


@pytest.mark.parametrize(
    ("language", "within", "across", "years"),
    [
        ("en", "7 to 8 October 2017", "30 October to 2 November 2017", "30 December 2016 to 2 January 2017"),
        ("ru", "7–8 октября 2017 года", "30 октября – 2 ноября 2017 года", "30 декабря 2016 года – 2 января 2017 года"),
        ("tg", "7–8 октябри 2017", "30 октябр – 2 ноябри 2017", "30 декабри 2016 – 2 январи 2017"),
    ],
)
def test_a_range_of_days_names_what_is_common_once(language, within, across, years):
    with i18n.use_language(language), time_machine.travel("2026-11-24"):
        assert i18n.format_days(date(2017, 10, 7), date(2017, 10, 8)) == within
        assert i18n.format_days(date(2017, 10, 30), date(2017, 11, 2)) == across
        assert i18n.format_days(date(2016, 12, 30), date(2017, 1, 2)) == years
        assert i18n.format_days(date(2017, 10, 7), date(2017, 10, 7)) == i18n.format_day(date(2017, 10, 7))


@pytest.mark.parametrize(
    ("language", "month", "number", "percent"),
    [
        ("en", "July 2017", "12,345.5", "83%"),
        ("ru", "июль 2017 года", "12\xa0345,5", "83\xa0%"),
        ("tg", "июли 2017", "12\xa0345,5", "83%"),
    ],
)
def test_months_and_numbers_follow_the_language(language, month, number, percent):
    with i18n.use_language(language):
        assert i18n.format_month(date(2017, 7, 1)) == month
        assert (i18n.format_number(12345.5), i18n.format_percent(0.834)) == (number, percent)
        assert i18n.format_time(time(9, 5)) == "09:05"


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
    """As the people search and the door find it: every word that is typed begins a word of the name."""
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

    def watched(form: str, given: str) -> str:
        nonlocal longest
        longest = max(longest, len(given))
        assert most_marks(given) <= 2 * i18n.MOST_MARKS  # a sign of the eight may stand for two
        return normalize(form, given)

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
