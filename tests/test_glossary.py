"""docs/glossary.md is obeyed: its refused phrases stand in no catalogue, page of the docs or module name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.config import LANGUAGES
from shared.locale.__main__ import read

ROOT = Path(__file__).parents[1]
GLOSSARY = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
DOCS = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.name != "glossary.md"),
]
TIERS = ("shared", "web", "worker")
FIRST = LANGUAGES[0]


def tables() -> Iterator[list[list[str]]]:
    """Return the tables of the glossary: rows of cells, the headings first."""
    for block in re.findall(r"(?:^\|.*\n)+", GLOSSARY, re.MULTILINE):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        yield [row for row in rows if not set("".join(row)) <= set("-")]


def refused() -> Mapping[str, list[str]]:
    """Return the refused phrases, by language."""
    phrases: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for headings, *rows in tables():
        if "not" not in headings:
            continue
        for row in rows:
            for group in row[headings.index("not")].split(";"):
                language, _, listed = group.rpartition(":")
                phrases[language.strip() or FIRST] += [phrase.strip() for phrase in listed.split(",") if phrase.strip()]
    return phrases


def exceptions() -> set[tuple[str, str]]:
    """Return each phrase with the message's id or the page on which it is right."""
    [(_, *rows)] = [table for table in tables() if table[0] == ["phrase", "where it is right"]]
    return {(phrase, place) for phrase, places in rows for place in re.findall("`([^`]+)`", places)}


def module_names() -> list[str]:
    """Return the forbidden module names."""
    [names] = re.findall(r"No module is called by these: ([\w,\s]+)\.", GLOSSARY)
    return [name.strip() for name in names.split(",")]


@dataclass(frozen=True)
class Breach:
    """A refused phrase and the text that has it."""

    phrase: str
    place: str
    text: str


def pattern(phrase: str) -> re.Pattern[str]:
    """Return a phrase as whole words, in any case; `*` is any ending."""
    words = re.escape(phrase).replace(re.escape("*"), r"\w*")
    return re.compile(rf"\b{words}\b", re.IGNORECASE)


def search(texts: Mapping[str, str], phrases: list[str]) -> list[Breach]:
    """Find the phrases in texts, which are named by their places."""
    allowed = exceptions()
    return [
        Breach(phrase, place, text[max(0, hit.start() - 40) : hit.end() + 40])
        for phrase in phrases
        for place, text in texts.items()
        if (phrase, place) not in allowed and (hit := pattern(phrase).search(text))
    ]


def messages(language: str) -> dict[str, str]:
    """Return the text of each message, all its forms."""
    return {
        message.id if isinstance(message.id, str) else message.id[0]: _text(message.string)
        for message in read(language)
        if message.id
    }


def _text(forms: str | Sequence[str] | None) -> str:
    joined = forms if isinstance(forms, str) else "\n".join(forms or ())
    return re.sub(r"%\(\w+\)s", "0", joined).replace("\N{NO-BREAK SPACE}", " ")


def prose(page: str) -> str:
    """Return a page of the docs on one line, without code and addresses."""
    page = re.sub(r"```[\s\S]*?```|^    [^\n]*$", "", page, flags=re.MULTILINE)
    return re.sub(r"\s+", " ", re.sub(r"`[^`]*`|\]\([^)]*\)|https?://\S+", "", page))


def modules() -> list[Path]:
    """Return the paths of the product's modules."""
    paths = (path for tier in TIERS for path in (ROOT / tier).rglob("*.py"))
    return [path for path in paths if "node_modules" not in path.parts and "migrations" not in path.parts]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_says_what_the_glossary_refuses(language: str) -> None:
    assert search(messages(language), refused()[language]) == []


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_of_the_docs_says_what_the_glossary_refuses(page: Path) -> None:
    assert search({str(page.relative_to(ROOT)): prose(page.read_text(encoding="utf-8"))}, refused()[FIRST]) == []


def test_no_module_has_a_name_that_the_glossary_refuses() -> None:
    assert [path for path in modules() if path.stem in module_names()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_refused_phrase_is_found_where_it_is_planted(language: str) -> None:
    phrases = refused()[language]
    assert phrases
    for phrase in phrases:
        planted = f"Aa {phrase.replace('*', 'х')}, aa."
        assert phrase in {breach.phrase for breach in search({"planted.message": planted}, phrases)}
    assert search({"planted.message": "Билети шумо тайёр. A ticket."}, refused()["ru"]) == []


def test_a_phrase_is_found_on_a_page_across_lines_and_not_in_code() -> None:
    assert prose("See `mails` and\n    mails\n[it](mails.md)") == "See and [it"
    assert [breach.phrase for breach in search({"docs/x.md": prose("There is no\nmore.")}, ["no more"])] == ["no more"]


def test_every_exception_is_of_use() -> None:
    texts = [messages(language) for language in LANGUAGES]
    texts.append({str(page.relative_to(ROOT)): prose(page.read_text(encoding="utf-8")) for page in DOCS})
    for phrase, place in exceptions():
        assert any(pattern(phrase).search(places.get(place, "")) for places in texts), (phrase, place)
