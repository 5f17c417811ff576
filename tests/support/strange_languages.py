"""Two languages that no one speaks, made of the English one: one with long words, one from right to left.

They are added as a translator adds one: a folder of a catalogue and a language.toml, and a word in LANGUAGES.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog

from shared import i18n
from shared.config import LANGUAGES
from shared.i18n import languages
from shared.locale import __main__ as locale
from shared.papers import letter
from web import routes, templating
from web.organizer.people import import_form as people_list

KEPT = re.compile(r"(%\(\w+\)s|%%|\{\w*\}|<[^>]+>|&\w+;|https?://\S+|\\.)")
HEBREW = str.maketrans("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "אבגדהוזחטיכלמנסעפצקרשתאבגד" * 2)


@dataclass(frozen=True)
class Strange:
    """A language and what it makes of an English word."""

    code: str
    word: Callable[[str], str]
    tables: dict[str, Any]


LONG = Strange(
    "qlw",
    lambda text: re.sub(r"[a-z]{4,}", lambda word: word[0] * 2, text),
    {"cldr": "de", "plural": "nplurals=1; plural=(0);", "attendee": "namename"},
)
MIRRORED = Strange(
    "qrl",
    lambda text: text.translate(HEBREW),
    {
        "direction": "rtl",
        "cldr": "ar",
        "plural": "nplurals=3; plural=(n==0 ? 0 : n==1 ? 1 : 2);",
        "attendee": "אבג",
        "unbroken": True,
    },
)
STRANGE = (LONG, MIRRORED)
CODES = [strange.code for strange in STRANGE]


def write(folder: Path) -> None:
    """Write both languages beside links to ours."""
    for code in LANGUAGES:
        (folder / code).symlink_to(languages.LOCALE / code)
    english, messages = i18n.catalogue(LANGUAGES[0]), locale.read(LANGUAGES[-1])
    for strange in STRANGE:
        (folder / strange.code / "LC_MESSAGES").mkdir(parents=True)
        (folder / strange.code / "language.toml").write_text(_toml(_tables(strange)), encoding="utf-8")
        catalogue = locale.begin(strange.tables["plural"])
        for message in messages:
            if isinstance(message.id, str) and message.id:
                catalogue.add(message.id, _said(strange, english.gettext(message.id)))
            elif message.id:
                forms = [english.ngettext(*message.id, n) for n in (1, 2)]
                catalogue.add(message.id, _plurals(strange, forms))
        (folder / strange.code / "LC_MESSAGES" / "messages.po").write_text(_po(strange, catalogue), encoding="utf-8")


def _tables(strange: Strange) -> dict[str, Any]:
    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: changed(each) for key, each in value.items()}
        return [_said(strange, each) for each in value] if isinstance(value, list) else _said(strange, value)

    english = i18n.language_table(LANGUAGES[0]).model_dump(mode="json")
    nested = {name: changed(table) for name, table in english.items() if isinstance(table, dict)}
    nested["people_list"]["this_language"] = [strange.code]
    return {**english, "name": _said(strange, "Language"), **strange.tables, **nested}


def _toml(tables: dict[str, Any]) -> str:
    def lines(table: dict[str, Any]) -> str:
        return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in table.items())

    flat = {name: value for name, value in tables.items() if not isinstance(value, dict)}
    nested = {name: value for name, value in tables.items() if isinstance(value, dict)}
    return lines(flat) + "".join(f"\n[{name}]\n{lines(table)}" for name, table in nested.items())


def _said(strange: Strange, text: str) -> str:
    parts = KEPT.split(text)
    return "".join(part if place % 2 else strange.word(part) for place, part in enumerate(parts))


def _plurals(strange: Strange, forms: list[str]) -> tuple[str, ...]:
    number = int(strange.tables["plural"][len("nplurals=")])
    texts = [_said(strange, form) for form in forms]
    return (texts[1], *texts)[:number]


def _po(strange: Strange, catalogue: Catalog) -> str:
    return locale.text_of(catalogue, strange.code, strange.tables["plural"])


@contextmanager
def spoken(folder: Path) -> Iterator[None]:
    """Speak both, everywhere: also in modules that read LANGUAGES when they were imported."""
    wider = (*LANGUAGES, *CODES)
    with pytest.MonkeyPatch.context() as patch:
        for module in list(sys.modules.values()):
            if module.__dict__.get("LANGUAGES") == LANGUAGES and module.__name__ != __name__:
                patch.setattr(module, "LANGUAGES", wider)
        patch.setattr(languages, "LOCALE", folder)
        _forget()
        patch.setattr(routes.Language, "regex", f"(?:{'|'.join(wider)})")
        for code in CODES:
            patch.setitem(templating.LANGUAGE_NAMES, code, i18n.language_table(code).name)
            patch.setitem(letter.NAME_IN, code, f"{{{i18n.language_table(code).attendee}}}")
        yield
    _forget()


def _forget() -> None:
    for cached in (i18n.catalogue, i18n.language_table, people_list.column_names, people_list.language_names):
        cached.cache_clear()


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder of the languages, with both added."""
    folder = tmp_path_factory.mktemp("locale")
    write(folder)
    with spoken(folder):
        yield folder
