"""Keep the languages complete: `update` merges new messages, `check` fails on any fault, `prune` drops unused ones.

Files carry no locations, no dates and no guesses, and are sorted, so a change shows only words that changed.
"""

import re
import sys
from collections.abc import Iterator, Mapping
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
KEYS = "en"
"""The language that the sources' own sentences are in, which needs no catalogue for them."""
KEYWORDS: Mapping[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "deferred": None,
    "t": None,
    "ngettext": (1, 2),
    "tn": (1, 2),
}
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plurals}\\n"

"""
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
QUOTATION_MARKS = frozenset("“”„«»‹›")
_COUNTS = frozenset({"n", "num"})


def extract(root: Path = ROOT) -> Catalog:
    """Every message in the sources."""
    with (HERE / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel leaves this one untyped
    template = Catalog()
    for folder in SOURCES:
        found = extract_from_dir(
            root / folder,
            methods,
            options,
            keywords=KEYWORDS,
            comment_tags=("translators:",),
            strip_comment_tags=True,
            directory_filter=_is_source,
        )
        for _, _, message, comments, _ in found:
            template.add(message, auto_comments=comments)
    return template


def read(language: str) -> Catalog:
    """The catalogue of one language as it lies in its file, an empty one where there is none yet."""
    if not _path(language).exists():
        return begin(language_table(language).plural)
    with _path(language).open("rb") as file:
        return read_po(file)


def begin(plural: str) -> Catalog:
    """A catalogue without messages, with the language's rule of plurals."""
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
    """The catalogue as the text of a .po file, with the language's rule of plurals."""
    lines = generate_po(catalogue, no_location=True, omit_header=True, sort_by="message", width=120)
    return HEADER.format(language=language, plurals=plural) + "".join(lines).strip() + "\n"


def update(*, prune: bool = False) -> None:
    """Merge the sources into each catalogue; keep unused messages at its end unless they are to go."""
    template = extract()
    for language in translated():
        catalogue = read(language)
        merge(catalogue, template)
        if prune:
            catalogue.obsolete.clear()
        _path(language).parent.mkdir(exist_ok=True)
        _path(language).write_text(text_of(catalogue, language, language_table(language).plural), encoding="utf-8")


def faults(language: str, catalogue: Catalog, template: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue, one line a message: missing, fuzzy, unused, or with other placeholders."""
    unused = {_first(message) for message in catalogue.obsolete.values()}
    for message in template:
        known = catalogue.get(message.id) if message.id else None
        if message.id and (known is None or not _is_complete(known)):
            yield f"{language}: missing: {_first(message)}"
    for message in catalogue:
        if message.id and message.id not in template:
            unused.add(_first(message))
        elif message.id and message.fuzzy:
            yield f"{language}: fuzzy: {_first(message)}"
        elif message.id and not _has_same_placeholders(message):
            yield f"{language}: placeholders differ: {_first(message)}"
        elif message.id and not _has_own_marks(message, language_table(language).quotation_marks):
            yield f"{language}: quotation marks of another language: {_first(message)}"
    yield from (f"{language}: not used any more: {message}" for message in sorted(unused))


def check() -> list[str]:
    """The faults of all languages, in their tables and in their catalogues; empty when they are complete."""
    wrong = list(table_faults())
    if wrong:
        return wrong
    template = extract()
    return [fault for language in translated() for fault in faults(language, read(language), template)]


def table_faults() -> Iterator[str]:
    """What is missing or wrong in the tables of any language, the first of each, and plural rules that differ."""
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


def translated() -> list[str]:
    """The languages whose catalogues must have every message."""
    return [language for language in LANGUAGES if language != KEYS]


def main(arguments: list[str]) -> int:
    """Run one command; 1 means that the catalogues are not complete, 2 that there is no such command."""
    match arguments:
        case ["update"]:
            update()
        case ["prune"]:
            update(prune=True)
        case ["check"]:
            found = check()
            sys.stdout.writelines(f"{fault}\n" for fault in found)
            return min(len(found), 1)
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


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _first(message: Message) -> str:
    return _ids(message)[0]


def _has_own_marks(message: Message, own: tuple[str, str]) -> bool:
    return (QUOTATION_MARKS - set(own)).isdisjoint("".join(_strings(message)))


def _is_complete(message: Message) -> bool:
    return bool(_strings(message)) and all(text.strip() for text in _strings(message))


def _placeholders(text: str) -> frozenset[str]:
    return frozenset(first or second for first, second in _PLACEHOLDER.findall(text))


def _has_same_placeholders(message: Message) -> bool:
    wanted = frozenset[str]().union(*map(_placeholders, _ids(message)))
    optional = _COUNTS if message.pluralizable else frozenset()
    return all(wanted - optional <= _placeholders(text) <= wanted for text in _strings(message) if text.strip())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
