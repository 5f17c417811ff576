"""docs/developing.md is so: its lists name files that exist, and every file that names their example."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/developing.md").read_text(encoding="utf-8")
SOURCES = ("shared", "web", "worker", ":!shared/migrations/versions", ":!web/door/test", ":!*.po")
"""An example's past stays in migrations, and a message's id says nothing about where it is used."""


@dataclass(frozen=True)
class Addition:
    """What an addition touches: patterns of paths, and an example of such an addition, if there is one."""

    heading: str
    example: str
    paths: tuple[str, ...]

    def __str__(self) -> str:
        return self.heading

    def lists(self, path: str) -> bool:
        return any(PurePosixPath(path).match(each) for each in self.paths)


def additions(page: str) -> Iterator[Addition]:
    """The lists of the page; a word in angle brackets stands for any name."""
    for section in page.partition("## What an addition touches")[2].split("\n### ")[1:]:
        items = re.findall(r"^\* ((?:.+\n)(?:  .+\n)*)", section, re.MULTILINE)
        paths = [path for item in items for path in re.findall(r"`([^`\s]+/[^`\s]+)`", item)]
        example = re.search(r"^Example: `(\w+)`$", section, re.MULTILINE)
        patterns = tuple(re.sub(r"<\w+>", "*", path) for path in paths)
        yield Addition(section.partition("\n")[0], example[1] if example else "", patterns)


def naming(example: str) -> list[str]:
    """The source files that name an example, or are called by it."""
    tracked = map(PurePosixPath, _git("ls-files", "--", *SOURCES))
    by_content = _git("grep", "--word-regexp", "--files-with-matches", example, "--", *SOURCES)
    return sorted({*by_content, *(str(path) for path in tracked if example in (path.stem, path.parent.name))})


def _git(*arguments: str) -> list[str]:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()


ADDITIONS = list(additions(PAGE))


def test_there_is_a_list_for_each_addition() -> None:
    assert [str(addition) for addition in ADDITIONS] == [
        "A page of organizers",
        "A kind of email",
        "A figure of the report",
        "A type of question",
        "A language",
        "A verdict of the scanner",
    ]


@pytest.mark.parametrize("addition", ADDITIONS, ids=str)
def test_every_file_of_a_list_exists(addition: Addition) -> None:
    assert addition.paths
    assert [path for path in addition.paths if not list(ROOT.glob(path))] == []


@pytest.mark.parametrize("addition", [each for each in ADDITIONS if each.example], ids=str)
def test_every_file_that_names_the_example_is_in_the_list(addition: Addition) -> None:
    files = naming(addition.example)
    assert len(files) > 1
    assert [path for path in files if not addition.lists(path)] == []


def test_a_file_that_a_list_lacks_is_noticed() -> None:
    [addition] = additions("## What an addition touches\n\n### A page\n\nExample: `x`\n\n* `web/<subject>.py`: it\n")
    assert (addition.example, addition.paths) == ("x", ("web/*.py",))
    assert addition.lists("web/app.py")
    assert not addition.lists("web/visitor/own_registration.py")
    assert not addition.lists("shared/outbox/outbox.py")
