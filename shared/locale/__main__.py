"""Keep the languages complete: `update` merges new messages, `check` fails on any fault, `prune` drops unused ones.

Files carry no locations, no dates and no guesses, and are sorted, so a change shows only words that changed.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import generate_po, read_po

from shared.config import LANGUAGES
from shared.i18n import languages
from shared.i18n.languages import LanguageError, language_table

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCES = ("shared", "web", "worker")
SINGULAR = ("_", "gettext", "deferred", "t")
COUNTED = ("ngettext", "tn")
"""What marks an id in code and templates; those of the second have a form for each number."""
SOURCE = LANGUAGES[0]
"""The language whose catalogue translators read: it says what an id means, and to what it must be true."""
ID = re.compile(r"[a-z_]+\.[a-z0-9_]+")
SHORT = 2
"""Words of a message that a translator may read in several ways, so that it needs a note."""
HEADER = """msgid ""
msgstr ""
"Project-Id-Version: Turnout\\n"
"PO-Revision-Date: 2026-12-01 00:00+0000\\n"
"Last-Translator: Turnout\\n"
"Language-Team: Turnout\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
QUOTATION_MARKS = frozenset("“”„«»‹›")
_COUNTS = frozenset({"n", "num"})


def extract(root: Path = ROOT) -> Catalog:
    """Return every message in the sources, by its id."""
    template = Catalog()
    for message in _ids_in(root, SINGULAR):
        template.add(message)
    for message in _ids_in(root, COUNTED):
        template.add((message, message))
    return template


def _ids_in(root: Path, keywords: tuple[str, ...]) -> Iterator[str]:
    with (HERE / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel leaves this one untyped
    first_argument = dict.fromkeys(keywords, (1,))
    for folder in SOURCES:
        calls = extract_from_dir(root / folder, methods, options, first_argument, directory_filter=_is_source)
        yield from (str(message) for _, _, message, _, _ in calls)


def read(language: str) -> Catalog:
    """Return the catalogue of one language as it lies in its file, an empty one where there is none yet."""
    if not _path(language).exists():
        return begin(language_table(language).plural)
    with _path(language).open("rb") as file:
        return read_po(file)


def begin(plural: str) -> Catalog:
    """Return a catalogue without messages, with the language's rule of plurals."""
    catalogue = Catalog()
    catalogue.mime_headers = [("Plural-Forms", plural)]
    return catalogue


def merge(catalogue: Catalog, template: Catalog) -> None:
    """Bring a catalogue to what the sources say; a message that comes back finds its old translation again."""
    for message in catalogue.obsolete.values():
        catalogue.add(message.id, message.string)
    catalogue.obsolete.clear()
    catalogue.update(template, no_fuzzy_matching=True)


def text_of(catalogue: Catalog, language: str, plural: str) -> str:
    """Return the catalogue as the text of a .po file, with the language's rule of plurals."""
    lines = generate_po(catalogue, no_location=True, omit_header=True, sort_by="message", width=120)
    return HEADER.format(language=language, plurals=plural) + "".join(lines).strip() + "\n"


def update(*, prune: bool = False) -> None:
    """Merge the sources into each catalogue; keep unused messages at its end unless they are to go.

    What is noted for translators beside an English message is copied to the others.
    """
    template = extract()
    notes = {_id(message): message.user_comments for message in read(SOURCE)}
    for language in LANGUAGES:
        catalogue = read(language)
        merge(catalogue, template)
        if language != SOURCE:
            for message in catalogue:
                message.auto_comments = notes.get(_id(message), []) if message.id else []
        if prune:
            catalogue.obsolete.clear()
        _path(language).parent.mkdir(exist_ok=True)
        _path(language).write_text(text_of(catalogue, language, language_table(language).plural), encoding="utf-8")


def faults(language: str, catalogue: Catalog, template: Catalog, english: Catalog) -> Iterator[str]:
    """Return what is wrong with a catalogue, one line a message: missing, fuzzy, unused, or unlike the English one."""
    unused = {_id(message) for message in catalogue.obsolete.values()}
    for message in template:
        known = catalogue.get(message.id) if message.id else None
        if message.id and (known is None or not _is_complete(known)):
            yield f"{language}: missing: {_id(message)}"
    for message in catalogue:
        if message.id and message.id not in template:
            unused.add(_id(message))
        elif message.id and message.fuzzy:
            yield f"{language}: fuzzy: {_id(message)}"
        elif message.id and not _has_same_placeholders(message, english):
            yield f"{language}: placeholders differ: {_id(message)}"
        elif message.id and not _has_own_marks(message, language_table(language).quotation_marks):
            yield f"{language}: quotation marks of another language: {_id(message)}"
    yield from (f"{language}: not used any more: {message}" for message in sorted(unused))


def source_faults(english: Catalog) -> Iterator[str]:
    """Return the English messages that translators cannot understand: an id that is none, or few words and no note."""
    for message in english:
        if message.id and not ID.fullmatch(_id(message)):
            yield f"{SOURCE}: not an id: {_id(message)}"
        elif message.id and not message.user_comments and len(_strings(message)[-1].split()) <= SHORT:
            yield f"{SOURCE}: needs a note for translators: {_id(message)}"


def check() -> list[str]:
    """Return the faults of all languages, in their tables and in their catalogues; empty when they are complete."""
    wrong = list(table_faults())
    if wrong:
        return wrong
    template, english = extract(), read(SOURCE)
    catalogues = (fault for code in LANGUAGES for fault in faults(code, read(code), template, english))
    return [*source_faults(english), *catalogues]


def table_faults() -> Iterator[str]:
    """Return the first fault in the tables of each language, and plural rules that differ."""
    for language in LANGUAGES:
        try:
            plural = language_table(language).plural
        except LanguageError as error:
            yield str(error)
            continue
        if not _path(language).is_file():
            yield f"{language}: missing: LC_MESSAGES/messages.po"
        elif f'"Plural-Forms: {plural}\\n"' not in _path(language).read_text(encoding="utf-8"):
            yield f"{language}: plural: not as in messages.po, which `update` writes"


def main(arguments: list[str]) -> int:
    """Run one command; 1 means that the catalogues are not complete, 2 that there is no such command."""
    match arguments:
        case ["update"]:
            update()
        case ["prune"]:
            update(prune=True)
        case ["check"]:
            faults = check()
            sys.stdout.writelines(f"{fault}\n" for fault in faults)
            return min(len(faults), 1)
        case _:
            sys.stderr.write("python -m shared.locale update | check | prune\n")
            return 2
    return 0


def _path(language: str) -> Path:
    return languages.LOCALE / language / "LC_MESSAGES" / "messages.po"


def _is_source(folder: str) -> bool:
    return Path(folder).name not in {"node_modules", "built", "dist", "__pycache__"}


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _has_own_marks(message: Message, own: tuple[str, str]) -> bool:
    return (QUOTATION_MARKS - set(own)).isdisjoint("".join(_strings(message)))


def _is_complete(message: Message) -> bool:
    return bool(_strings(message)) and all(text.strip() for text in _strings(message))


def _placeholders(text: str) -> frozenset[str]:
    return frozenset(first or second for first, second in _PLACEHOLDER.findall(text))


def _has_same_placeholders(message: Message, english: Catalog) -> bool:
    original = english.get(_id(message))
    wanted = frozenset[str]().union(*map(_placeholders, _strings(original))) if original else frozenset()
    optional = _COUNTS if message.pluralizable else frozenset()
    return all(wanted - optional <= _placeholders(text) <= wanted | optional for text in _strings(message))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
