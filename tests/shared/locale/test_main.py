"""The command that completes the languages, on small sources of its own."""

import re

import pytest
from babel.messages.catalog import Catalog

from shared.config import LANGUAGES
from shared.i18n import language_table
from shared.locale import __main__ as locale
from tests.support.strange_languages import MIRRORED, spoken, write


@pytest.fixture
def sources(tmp_path):
    """Write one message of each sort of source, and one folder that must not be read."""
    files = {
        "shared/a.py": 'x = _("a.first")\ny = ngettext("a.seats", 3, name="x")\nz = deferred("a.later")',
        "web/templates/page.html": '{{ _("page.hello", name=name) }}{{ ngettext("page.seats", n) }}',
        "worker/templates/hello/body.txt": '{{ _("email.hello") }}',
        "web/door/src/screen.ts": 'const x: Map<string, number> = f(t("door.title"), tn("door.names", 2));',
        "web/door/node_modules/src/other.ts": 't("other.name")',
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def catalogue(**messages: str) -> Catalog:
    filled = Catalog(locale="ru")
    for message, translation in messages.items():
        filled.add(message, translation)
    return filled


def test_messages_are_found_in_code_pages_emails_and_the_door(sources):
    assert {message.id for message in locale.extract(sources) if message.id} == {
        "a.first",
        ("a.seats", "a.seats"),
        "a.later",
        "page.hello",
        ("page.seats", "page.seats"),
        "email.hello",
        "door.title",
        ("door.names", "door.names"),
    }


def test_every_fault_is_named():
    template = catalogue(fine="", untranslated="", absent="", guess="", hello="")
    english = catalogue(fine="Fine", untranslated="Yes", absent="No", guess="Maybe", hello="Hi %(name)s")
    known = catalogue(fine="Хорошо", untranslated="", unused="Да", hello="Привет %(nom)s")
    known.add("guess", "Может быть", flags=["fuzzy"])
    assert sorted(locale.faults("ru", known, template, english)) == [
        "ru: fuzzy: guess",
        "ru: missing: absent",
        "ru: missing: untranslated",
        "ru: not used any more: unused",
        "ru: placeholders differ: hello",
    ]


def test_a_plural_may_leave_out_its_number_but_nothing_else():
    template, english, known = (Catalog(locale="tg") for _ in range(3))
    template.add(("seats", "seats"))
    english.add(("seats", "seats"), ("One seat of %(name)s", "%(n)s seats of %(name)s"))
    known.add(("seats", "seats"), ("якто аз %(name)s", "%(n)s аз %(name)s"))
    assert list(locale.faults("tg", known, template, english)) == []
    known["seats"].string = ("якто", "%(n)s аз %(name)s")
    assert list(locale.faults("tg", known, template, english)) == ["tg: placeholders differ: seats"]


def test_mending_an_english_sentence_discards_no_translation():
    known, english = catalogue(hello="Привет"), catalogue(hello="Hello there")
    locale.merge(known, catalogue(hello=""))
    assert known["hello"].string == "Привет"
    assert list(locale.faults("ru", known, catalogue(hello=""), english)) == []


def test_what_translators_could_misread_is_a_fault():
    english = Catalog()
    english.add("doors.close", "Close")
    english.add("doors.close_all", "Close all doors of the event")
    english.add("doors.open", "Open", user_comments=["Button"])
    english.add("Not an id", "A sentence of four words")
    assert sorted(locale.source_faults(english)) == [
        "en: needs a note for translators: doors.close",
        "en: not an id: Not an id",
    ]


def test_a_message_that_comes_back_finds_its_translation_again():
    known = catalogue(Old="Старое")
    locale.merge(known, catalogue(New=""))
    assert "Old" not in known
    locale.merge(known, catalogue(Old="", New=""))
    assert known["Old"].string == "Старое"
    assert not known.obsolete


def test_the_file_is_sorted_and_says_neither_lines_nor_the_day_it_was_written():
    text = locale.text_of(catalogue(b="Б", a="А"), "ru", "nplurals=2; plural=(n != 1);")
    assert text.index('msgid "a"') < text.index('msgid "b"')
    assert text == locale.text_of(catalogue(a="А", b="Б"), "ru", "nplurals=2; plural=(n != 1);")
    assert "#:" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogues_are_what_other_tools_expect_of_one(language):
    file = locale.HERE / language / "LC_MESSAGES" / "messages.po"
    header = file.read_text(encoding="utf-8").split("\n\n")[0]
    fields = re.findall('^"([A-Za-z-]+): [^"]+\\\\n"$', header, re.MULTILINE)
    assert fields == [
        "Project-Id-Version",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Language",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Plural-Forms",
    ]


def test_quotation_marks_are_the_languages_own():
    template, english = catalogue(Say="", Quote=""), catalogue(Say="Say “yes”", Quote="Say “yes”")
    known = catalogue(Say="Скажите «да»", Quote="Скажите “да”")
    assert list(locale.faults("ru", known, template, english)) == ["ru: quotation marks of another language: Quote"]


@pytest.fixture
def added(tmp_path, monkeypatch):
    """Return the file names of a language that was just added, complete; its catalogue has the sources' messages."""
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
    known, first = locale.read(MIRRORED.code), "common.yes"
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
    monkeypatch.setattr(locale, "LANGUAGES", [MIRRORED.code])
    locale.update()
    catalogue = locale.read(MIRRORED.code)
    assert catalogue.num_plurals == 3
    assert {message.id for message in catalogue} == {message.id for message in locale.extract()}


def test_an_unknown_command_says_what_there_is(capsys):
    assert locale.main(["publish"]) == 2
    assert "update | check | prune" in capsys.readouterr().err
