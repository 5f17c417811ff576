"""README and docs are true: their commands exist, their settings are the settings, their links lead on."""

import re
import subprocess
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest

from shared.command import COMMANDS
from shared.command.postgres import QUIET
from shared.config import Settings
from shared.locale.__main__ import read

ROOT = Path(__file__).parents[1]
ROOT_PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES = [*ROOT_PAGES, *sorted((ROOT / "docs").rglob("*.md"))]
OPERATING = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
CODE = ("shared/*", "web/*", "worker/*", "bench/*", "scripts/*", ":!*.po", ":!*.ttf", ":!*.png")
FOR_PEOPLE = ("organizing.md", "doors-of-an-event.md", "door.md", "venue.md", "accounts.md", "figures.md")
"""Pages for organizers and volunteers: what is bold there is on a page or on the scanner's screen."""
MOST_LINES = 90
"""Of the README: what a stranger reads before deciding to go on."""
MOST_COLUMNS, MOST_WORDS = 120, 20
"""Of a line of text, and of a cell of a table beside its code."""
MOST_DOUBTS = 60
"""Sentences that translations.md asks a native reader about."""
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def words(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_the_readme_is_short() -> None:
    assert len(words(ROOT / "README.md").splitlines()) <= MOST_LINES


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs/decisions"
    named = set(re.findall(r"\]\((\w+\.md)\)", words(folder / "README.md")))
    assert named == {page.name for page in folder.glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_named_exists(page: Path) -> None:
    assert set(re.findall(r"`turnout ([a-z]+)", words(page))) <= COMMANDS.keys()
    targets = set(re.findall(r"^([a-z -]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    known = {name for line in targets for name in line.split()}
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", words(page), re.MULTILINE)) <= known
    assert all(find_spec(module) for module in re.findall(r"python -m ([\w.]+)", words(page)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_shell_block_is_shell(page: Path) -> None:
    for block in re.findall(r"```sh\n(.*?)```", words(page), re.DOTALL):
        assert subprocess.run(["sh", "-n"], input=block, text=True, check=False).returncode == 0, block


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", words(page))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_heading_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", words(page))
    assert [link for link in links if link[1] not in _anchors(page.parent / link[0] if link[0] else page)] == []


def test_no_file_refers_to_a_document_that_is_missing() -> None:
    listed = subprocess.run(["git", "ls-files", *CODE], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in listed.splitlines()}
    named = {(path, name) for path, text in texts.items() for name in missing_documents(text)}
    assert "shared/command/front.py" in texts
    assert named == set()


def test_a_reference_to_a_missing_document_is_noticed() -> None:
    code = '"""See docs/front.md, docs/decisions/front.md (docs: interfaces)."""'
    assert missing_documents(code) == ["docs/front.md", "(docs:"]


def missing_documents(code: str) -> list[str]:
    """The documents that code refers to and that are not in the repository, or that it does not name by their path."""
    named = re.findall(r"\bdocs/[\w./-]+\.md\b|\(docs:", code)
    return [name for name in named if not (ROOT / name).is_file()]


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", words(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_setting_of_an_operator_is_explained() -> None:
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", OPERATING, re.MULTILINE))
    ours = {
        "TURNOUT_MAILBOX",
        "TURNOUT_DEMO",
        "TURNOUT_FRONT",
        "TURNOUT_ALIVE",
    }  # set by `turnout up` and `turnout web` alone
    assert explained == {name.upper() for name in Settings.model_fields} - ours


def test_the_databases_settings_are_told_to_operators_of_their_own() -> None:
    assert [name for name, value in QUIET.items() if f"`{name} = {value}`" not in OPERATING] == []


@pytest.mark.parametrize(("language", "heading"), [("tg", "### Tajik"), ("ru", "### Russian")])
def test_every_doubtful_sentence_is_one_message_in_english_and_in_its_language(language: str, heading: str) -> None:
    listed = words(ROOT / "docs/translations.md").partition(heading)[2].partition("\n### ")[0]
    quoted = re.findall(r"^\* (.+?) → (.+?)(?: \([^()]*\))?$", listed, re.MULTILINE)
    english, translated = texts("en"), texts(language)
    pairs = {pair for id_, forms in english.items() for pair in product(forms, translated.get(id_, ()))}
    assert quoted
    assert [pair for pair in quoted if pair not in pairs] == []


def test_no_more_sentences_are_doubted_than_a_native_reader_reads_at_once() -> None:
    listed = words(ROOT / "docs/translations.md").partition("## For a native reader")[2]
    assert len(re.findall(r"^\* .+ → ", listed, re.MULTILINE)) <= MOST_DOUBTS


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_every_bold_word_is_what_a_button_or_a_heading_is_called(name: str) -> None:
    patterns = [re.compile(_pattern(text)) for forms in texts("en").values() for text in forms if _is_wording(text)]
    bold = re.findall(r"\*\*([^*]+)\*\*", re.sub(r"\s+", " ", words(ROOT / "docs" / name)))
    assert bold
    assert [phrase for phrase in bold if not any(pattern.fullmatch(phrase) for pattern in patterns)] == []


def test_a_bold_word_is_a_whole_message_whatever_stands_for_its_placeholders() -> None:
    assert re.fullmatch(_pattern("Send %(num)s emails"), "Send 240 emails")
    assert not re.fullmatch(_pattern("Send now"), "Send")
    assert not _is_wording("%(figure)s: %(before)s")


@pytest.mark.parametrize("page", PAGES[1:], ids=lambda page: str(page.relative_to(ROOT)))
def test_every_page_begins_with_its_reader_and_its_question(page: Path) -> None:
    first = re.match(r"# .+\n\n((?:.+\n)+)", words(page))
    assert first
    assert re.fullmatch(r"For [^:.?]+: [^.?]+\?", " ".join(first[1].split()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_line_fits_and_every_cell_is_short(page: Path) -> None:
    lines = re.sub(r"```.*?```", "", words(page), flags=re.DOTALL).splitlines()
    cells = [cell for line in lines if line.startswith("|") for cell in line.split("|")]
    assert [line for line in lines if not line.startswith("|") and len(line) > MOST_COLUMNS and " → " not in line] == []
    assert [cell for cell in cells if len(re.sub(r"`[^`]*`", "", cell).split()) > MOST_WORDS] == []


def texts(language: str) -> dict[str, tuple[str, ...]]:
    """Return the forms of each message, by its id."""
    return {
        message.id if isinstance(message.id, str) else message.id[0]: (
            (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        )
        for message in read(language)
        if message.id
    }


def _pattern(text: str) -> str:
    return ".+".join(map(re.escape, PLACEHOLDER.split(text)))


def _is_wording(text: str) -> bool:
    return any(map(str.isalpha, PLACEHOLDER.sub("", text)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_has_a_mark_of_a_merge(page: Path) -> None:
    marks = ("<<<<<<<", ">>>>>>>", "=======")
    assert [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith(marks)] == []
