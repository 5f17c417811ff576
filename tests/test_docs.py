"""What README and docs say is so: their commands exist, their settings are the settings, their links lead on."""

import re
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from shared.command import COMMANDS
from shared.command.postgres import QUIET
from shared.config import Settings
from shared.locale.__main__ import read

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
OPERATING = (ROOT / "docs/operating.md").read_text(encoding="utf-8")


MOST_LINES = 90
"""Of the README: what a stranger reads before deciding to go on."""


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
def test_every_doubtful_sentence_stands_in_its_catalogue_as_it_is_quoted(language: str, heading: str) -> None:
    doubts = words(ROOT / "docs/translations.md").partition(heading)[2].partition("\n### ")[0]
    quoted = re.findall(r"^\* (.+?) → (.+)$", doubts, re.MULTILINE)
    said = {message.id if isinstance(message.id, str) else message.id[0]: message.string for message in read(language)}
    assert quoted
    assert [sentence for sentence, quote in quoted if not _begins_with(quote, said.get(sentence))] == []


def _begins_with(quote: str, said: str | Sequence[str] | None) -> bool:
    return any(quote.startswith(one) for one in ((said,) if isinstance(said, str) else said or ()))


OF_ITS_OWN = {"Another time or place", "Cancelling"}
"""Bold words of organizing.md that name no button and no page."""


def test_every_button_that_organizing_names_is_a_message() -> None:
    messages = {str(message.id) for message in read("ru")}
    bold = re.findall(r"\*\*([^*]+)\*\*", re.sub(r"\s+", " ", words(ROOT / "docs/organizing.md")))
    assert [one for one in bold if one not in OF_ITS_OWN and not any(one in message for message in messages)] == []
