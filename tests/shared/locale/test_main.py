"""The command that keeps the languages complete, on small sources of its own."""

import re

import pytest
from babel.messages.catalog import Catalog

from shared.i18n import language_table
from shared.locale import __main__ as locale
from tests.strange_languages import MIRRORED, spoken, write


@pytest.fixture
def sources(tmp_path):
    """One message of each kind of source, and one folder that must not be read."""
    files = {
        "shared/a.py": 'x = _("From Python")\ny = ngettext("%(n)s seat", "%(n)s seats", 3)\nz = deferred("Later")',
        "web/templates/page.html": '{% trans %}\n  From a\n  page{% endtrans %}{{ _("Alone") }}',
        "worker/templates/hello/body.txt": '{{ _("From a mail") }}',
        "web/door/src/screen.ts": 'const x: Map<string, number> = f(t("A door"), tn("%(n)s name", "%(n)s names", 2));',
        "web/door/node_modules/src/other.ts": 't("Not ours")',
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def catalogue(**messages: str) -> Catalog:
    made = Catalog(locale="ru")
    for message, translation in messages.items():
        made.add(message, translation)
    return made


def test_messages_are_found_in_code_pages_mails_and_the_door(sources):
    found = {message.id for message in locale.extract(sources) if message.id}
    assert found == {
        "From Python",
        ("%(n)s seat", "%(n)s seats"),
        "Later",
        "From a page",
        "Alone",
        "From a mail",
        "A door",
        ("%(n)s name", "%(n)s names"),
    }


def test_every_fault_is_named():
    template = catalogue(Fine="", Untranslated="", Absent="", Guess="", **{"Hi %(name)s": ""})
    known = catalogue(Fine="Хорошо", Untranslated="", Unused="Да", **{"Hi %(name)s": "Привет %(nom)s"})
    known.add("Guess", "Может быть", flags=["fuzzy"])
    assert sorted(locale.faults("ru", known, template)) == [
        "ru: fuzzy: Guess",
        "ru: missing: Absent",
        "ru: missing: Untranslated",
        "ru: not used any more: Unused",
        "ru: placeholders differ: Hi %(name)s",
    ]


def test_a_plural_may_leave_out_its_number_but_nothing_else():
    template = Catalog(locale="tg")
    template.add(("%(n)s of %(name)s", "%(n)s of %(name)s"))
    known = Catalog(locale="tg")
    known.add(("%(n)s of %(name)s", "%(n)s of %(name)s"), ("якто аз %(name)s", "%(n)s аз %(name)s"))
    assert list(locale.faults("tg", known, template)) == []
    known["%(n)s of %(name)s"].string = ("якто", "%(n)s аз %(name)s")
    assert len(list(locale.faults("tg", known, template))) == 1


def test_a_message_that_comes_back_finds_its_translation_again():
    known = catalogue(Old="Старое")
    locale.merge(known, catalogue(New=""))
    assert "Old" not in known
    locale.merge(known, catalogue(Old="", New=""))
    assert known["Old"].string == "Старое"
    assert not known.obsolete


def test_the_file_is_sorted_and_without_dates_and_places():
    text = locale.text_of(catalogue(b="Б", a="А"), "ru", "nplurals=2; plural=(n != 1);")
    assert text.index('msgid "a"') < text.index('msgid "b"')
    assert "Date" not in text
    assert "#:" not in text


def test_quotation_marks_are_the_languages_own():
    template = catalogue(Say="", Quote="")
    known = catalogue(Say="Скажите «да»", Quote="Скажите “да”")
    assert list(locale.faults("ru", known, template)) == ["ru: quotation marks of another language: Quote"]


@pytest.fixture
def added(tmp_path, monkeypatch):
    """The file names of a language that was just added, whole; the sources say what its catalogue has."""
    write(tmp_path)
    with spoken(tmp_path):
        template = locale.read(MIRRORED.code)
        monkeypatch.setattr(locale, "extract", lambda: template)
        yield tmp_path / MIRRORED.code


def test_a_language_that_is_whole_passes(added):
    assert [fault for fault in locale.check() if fault.startswith(MIRRORED.code)] == []


def test_a_missing_table_of_any_language_is_a_fault(added, capsys):
    tables = added / "language.toml"
    tables.write_text(
        re.sub("^months = .*\n", "", tables.read_text(encoding="utf-8"), flags=re.MULTILINE), encoding="utf-8"
    )
    language_table.cache_clear()
    assert locale.main(["check"]) == 1
    assert capsys.readouterr().out == "qrl: missing: dates.months\n"


def test_a_missing_message_of_any_language_is_a_fault(added):
    known, first = locale.read(MIRRORED.code), "Yes"
    known[first].string = ""
    plural = language_table(MIRRORED.code).plural
    (added / "LC_MESSAGES" / "messages.po").write_text(locale.text_of(known, MIRRORED.code, plural), encoding="utf-8")
    assert f"{MIRRORED.code}: missing: {first}" in locale.check()


def test_a_language_without_a_catalogue_or_with_another_rule_of_plurals_is_a_fault(added):
    file = added / "LC_MESSAGES" / "messages.po"
    file.write_text(re.sub("Plural-Forms: [^\\\\]*", "Plural-Forms: nplurals=1; plural=(0);", file.read_text()))
    assert locale.check() == [f"{MIRRORED.code}: plural: not as in messages.po, which `update` writes"]
    file.unlink()
    assert locale.check() == [f"{MIRRORED.code}: missing: LC_MESSAGES/messages.po"]


def test_a_new_language_gets_its_catalogue_and_plural_forms_from_an_update(added, monkeypatch):
    (added / "LC_MESSAGES" / "messages.po").unlink()
    (added / "LC_MESSAGES").rmdir()
    monkeypatch.setattr(locale, "translated", lambda: [MIRRORED.code])
    locale.update()
    made = locale.read(MIRRORED.code)
    assert made.num_plurals == 3
    assert {message.id for message in made} == {message.id for message in locale.extract()}


def test_an_unknown_command_says_what_there_is(capsys):
    assert locale.main(["publish"]) == 2
    assert "update | check | prune" in capsys.readouterr().err
