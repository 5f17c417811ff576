"""docs/security.md is true: each test that it names exists, and each security event is noted and described."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from web.security_events import SecurityEvent

ROOT = Path(__file__).parents[1]
SECURITY = (ROOT / "docs/security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", SECURITY)))
TOLD = re.findall(r"^\| `(\w+)` \|", SECURITY.partition("## Security events")[2].partition("\n## ")[0], re.MULTILINE)
ABOUT = {"limit", "count"}
"""What a note may hold beside ids: words of ours, and numbers."""


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_named_test_exists(path: str, name: str) -> None:
    module = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}


def test_every_attack_names_a_test() -> None:
    attacks = SECURITY.partition("## A stranger with a script")[2].partition("## Security events")[0]
    rows = [
        row for row in re.findall(r"^\| (?!attack|---)(.*) \|$", attacks, re.MULTILINE) if not row.startswith("---")
    ]
    assert rows
    assert [row for row in rows if "::test_" not in row.rsplit(" | ", 1)[1]] == []


def test_every_security_event_is_told_and_none_that_there_is_not() -> None:
    assert sorted(TOLD) == sorted(SecurityEvent)


def notes() -> Iterator[tuple[str, ast.Call]]:
    """Return each call of note() in the code, with the name of its event's member."""
    for path in sorted((ROOT / "web").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).split(".")[-1] == "note":
                event = re.fullmatch(r"(?:\w+\.)*SecurityEvent\.(\w+)", ast.unparse(node.args[0]))
                if event:
                    yield event[1], node


@pytest.mark.parametrize("event", SecurityEvent)
def test_every_security_event_is_noted_somewhere(event: SecurityEvent) -> None:
    assert event.name in {name for name, _ in notes()}


def test_a_note_holds_ids_and_words_of_ours() -> None:
    names = [keyword.arg or "**" for _, call in notes() for keyword in call.keywords]
    assert names
    assert [name for name in names if name not in ABOUT and not name.endswith("_id")] == []
