"""Messages in the current language: their forms, what is missing, and spaces that do not break."""

import json
import shutil
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from shared import i18n
from shared.config import LANGUAGES
from shared.i18n import languages, messages

VECTORS = json.loads((Path(__file__).parents[1] / "typography_vectors.json").read_text(encoding="utf-8"))


ENGLISH = """
msgid "hall.seats"
msgid_plural "hall.seats"
msgstr[0] "%(n)s seat"
msgstr[1] "%(n)s seats"

msgid "hall.door"
msgstr "Door"

msgid "hall.hello"
msgstr "Hello, %(name)s"
"""
RUSSIAN = """
msgid "hall.hello"
msgstr "Здравствуйте, %(name)s"

#, fuzzy
msgid "hall.door"
msgstr "Дверь?"

msgid "hall.seats"
msgid_plural "hall.seats"
msgstr[0] "%(n)s место"
msgstr[1] "%(n)s места"
msgstr[2] "%(n)s мест"
"""


def add(language, text):
    """Add messages to the catalogue of a language."""
    file = languages.LOCALE / language / "LC_MESSAGES" / "messages.po"
    with file.open("a", encoding="utf-8") as catalogue:
        catalogue.write(text)


@pytest.fixture
def small_catalogues(tmp_path, monkeypatch):
    """Make catalogues of three messages in English and Russian, so that these tests do not depend on the pages."""
    for language in LANGUAGES:
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        shutil.copy(languages.LOCALE / language / "language.toml", tmp_path / language)
        real = languages.LOCALE / language / "LC_MESSAGES" / "messages.po"
        (folder / "messages.po").write_text(real.read_text(encoding="utf-8").split("\n\n")[0] + "\n")
    monkeypatch.setattr(languages, "LOCALE", tmp_path)
    add("en", ENGLISH)
    add("ru", RUSSIAN)
    i18n.catalogue.cache_clear()
    yield
    i18n.catalogue.cache_clear()


@pytest.mark.parametrize(("n", "word"), [(0, "мест"), (1, "место"), (3, "места"), (11, "мест"), (21, "место")])
def test_russian_counts_in_three_forms(small_catalogues, n, word):
    with i18n.use_language("ru"):
        assert i18n.ngettext("hall.seats", n) == f"{n}\N{NO-BREAK SPACE}{word}"


def test_a_message_is_translated_and_filled_in(small_catalogues):
    with i18n.use_language("ru"):
        assert i18n.gettext("hall.hello", name="Зарина") == "Здравствуйте, Зарина"


def test_a_missing_or_fuzzy_message_is_said_in_the_first_language(small_catalogues):
    with i18n.use_language("ru"):
        assert i18n.gettext("hall.door") == "Door"
    with i18n.use_language("tg"):
        assert (i18n.ngettext("hall.seats", 1), i18n.ngettext("hall.seats", 2)) == ("1 seat", "2 seats")


def test_a_message_that_nothing_is_filled_into_may_have_a_per_cent_sign(small_catalogues):
    add("en", '\nmsgid "hall.full"\nmsgstr "100 % full"\n')
    assert i18n.gettext("hall.full") == "100 % full"


def test_no_message_is_no_text_rather_than_the_header_of_the_catalogue():
    assert i18n.gettext("") == ""


def test_a_template_speaks_the_current_language_and_escapes_what_is_filled_in(small_catalogues):
    page = '{{ _("hall.hello", name=name) }} {{ ngettext("hall.seats", 3) }}'
    environment = Environment(loader=DictLoader({"page": page}), autoescape=True)
    i18n.translate_templates(environment)
    template = environment.get_template("page")
    with i18n.use_language("ru"):
        assert template.render(name="<b>") == "Здравствуйте, &lt;b&gt; 3\N{NO-BREAK SPACE}места"
    assert template.render(name="A") == "Hello, A 3 seats"


def test_a_template_that_is_no_markup_fills_in_what_is_there(small_catalogues):
    environment = Environment(autoescape=False)
    i18n.translate_templates(environment)
    assert environment.from_string('{{ _("hall.hello", name="<b>") }}').render() == "Hello, <b>"


def test_the_language_comes_back_after_the_block_even_when_it_raises():
    with pytest.raises(RuntimeError), i18n.use_language("tg"):
        raise RuntimeError
    assert i18n.language() == "en"


def test_a_language_that_we_do_not_speak_is_refused():
    with pytest.raises(ValueError, match="de"), i18n.use_language("de"):
        pass


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["about"] for vector in VECTORS])
def test_a_number_stays_with_its_word_and_a_dash_with_what_is_before_it(vector):
    assert messages.kept_together(vector["text"]) == vector["kept"]


def test_spaces_are_kept_together_only_where_the_language_wants_it(small_catalogues):
    add("en", '\nmsgid "hall.late"\nmsgstr "8 hours — late"\n')
    assert i18n.gettext("hall.late") == "8 hours — late"
