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


@pytest.fixture
def small_catalogue(tmp_path, monkeypatch):
    """Three messages in Russian, so that these tests do not depend on what the pages say."""
    for language in LANGUAGES:
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        shutil.copy(languages.LOCALE / language / "language.toml", tmp_path / language)
        real = languages.LOCALE / language / "LC_MESSAGES" / "messages.po"
        (folder / "messages.po").write_text(real.read_text(encoding="utf-8").split("\n\n")[0] + "\n")
    with (tmp_path / "ru" / "LC_MESSAGES" / "messages.po").open("a", encoding="utf-8") as file:
        file.write('\nmsgid "Hello, %(name)s"\nmsgstr "Здравствуйте, %(name)s"\n')
        file.write('\n#, fuzzy\nmsgid "Door"\nmsgstr "Дверь?"\n')
        file.write('\nmsgid "%(n)s seat"\nmsgid_plural "%(n)s seats"\n')
        file.write('msgstr[0] "%(n)s место"\nmsgstr[1] "%(n)s места"\nmsgstr[2] "%(n)s мест"\n')
    monkeypatch.setattr(languages, "LOCALE", tmp_path)
    i18n.catalogue.cache_clear()
    yield
    i18n.catalogue.cache_clear()


@pytest.mark.parametrize(
    ("n", "word"), [(0, "мест"), (1, "место проведения"), (3, "места"), (11, "мест"), (21, "место проведения")]
)
def test_russian_counts_in_three_forms(small_catalogue, n, word):
    with i18n.use_language("ru"):
        assert i18n.ngettext("%(n)s seat", "%(n)s seats", n) == f"{n}\N{NO-BREAK SPACE}{word}"


def test_a_message_is_translated_and_filled_in(small_catalogue):
    with i18n.use_language("ru"):
        assert i18n.gettext("Hello, %(name)s", name="Зарина") == "Здравствуйте, Зарина"


def test_a_missing_or_fuzzy_message_stays_english(small_catalogue):
    with i18n.use_language("ru"):
        assert (i18n.gettext("door.title"), i18n.gettext("100 % sure")) == ("Door", "100 % sure")
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
        assert template.render(name="<b>") == "Здравствуйте, &lt;b&gt; 3\N{NO-BREAK SPACE}места"
    assert template.render(name="A") == "Hello, A 3 seats"


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


def test_spaces_are_kept_together_only_where_the_language_wants_it(small_catalogue):
    file = languages.LOCALE / "en" / "LC_MESSAGES" / "messages.po"
    with file.open("a", encoding="utf-8") as catalogue:
        catalogue.write('\nmsgid "late"\nmsgstr "8 hours — late"\n')
    assert i18n.gettext("late") == "8 hours — late"


def test_what_a_language_lacks_is_said_in_the_first_language(small_catalogue):
    file = languages.LOCALE / "en" / "LC_MESSAGES" / "messages.po"
    with file.open("a", encoding="utf-8") as catalogue:
        catalogue.write('\nmsgid "doors.revoke"\nmsgstr "Revoke pass"\n')
    with i18n.use_language("tg"):
        assert i18n.gettext("doors.revoke") == "Revoke pass"
