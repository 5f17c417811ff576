"""The tables of a language.toml: complete, or refused by their names."""

import json
import re
import shutil
import tomllib

import pytest

from shared import i18n
from shared.config import LANGUAGES
from shared.i18n import languages
from shared.i18n.languages import LanguageError, language_table


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """Return a copy of the languages' tables, to be spoilt."""
    for code in LANGUAGES:
        (tmp_path / code).mkdir()
        shutil.copy(languages.LOCALE / code / "language.toml", tmp_path / code)
    monkeypatch.setattr(languages, "LOCALE", tmp_path)
    language_table.cache_clear()
    yield tmp_path
    language_table.cache_clear()


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"^weekdays.*$", "tg: missing: dates.weekdays"),
        (r"^\[people_list\](?:\n\w.*)*", "tg: missing: people_list"),
        (r"^direction.*$", "tg: missing: direction"),
    ],
)
def test_a_missing_table_is_named_with_its_language(tables, pattern, message):
    file = tables / "tg" / "language.toml"
    file.write_text(re.sub(pattern, "", file.read_text(encoding="utf-8"), flags=re.MULTILINE), encoding="utf-8")
    with pytest.raises(LanguageError) as refused:
        language_table("tg")
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('direction = "up"', "tg: direction: "),
        ('months = ["январ"]', "tg: dates.months: "),
        ('plural = "nplurals=2; plural=(n is 1);"', "tg: plural: "),
        ('with_year = "{}"', "tg: dates.with_year: "),
    ],
)
def test_a_wrong_table_is_named_with_its_language(tables, line, message):
    file = tables / "tg" / "language.toml"
    key = line.partition(" ")[0]
    spoilt = re.sub(rf"^{key} = .*$", lambda _: line, file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file.write_text(spoilt, encoding="utf-8")
    with pytest.raises(LanguageError, match=re.escape(message)):
        language_table("tg")


def test_a_language_without_a_file_is_named(tables):
    (tables / "ru" / "language.toml").unlink()
    with pytest.raises(LanguageError, match=r"ru: missing: language\.toml"):
        language_table("ru")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_scanners_build_can_read_each_line(code):
    """It knows of TOML only sections, and values as in JSON, each on one line."""
    text = (languages.LOCALE / code / "language.toml").read_text(encoding="utf-8")
    table = known = {}
    for line in text.splitlines():
        if section := re.fullmatch(r"\[(\w+)\]", line):
            table = known[section[1]] = {}
        elif line and not line.startswith("#"):
            key, _, value = line.partition(" = ")
            table[key] = json.loads(value)
    assert known == tomllib.loads(text)


def test_a_text_in_another_direction_says_so():
    assert (i18n.direction(), i18n.direction("tg"), i18n.direction("he")) == ("ltr", "ltr", "auto")
    assert (str(i18n.dir_of("ru")), str(i18n.dir_of("he"))) == ("", ' dir="auto"')
