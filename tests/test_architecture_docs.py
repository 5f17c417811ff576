"""docs/architecture.md is so: its tables are those of the architecture test, and each function that it names exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_architecture import FOREIGN, MAY_IMPORT, RULES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
FUNCTIONS = sorted(set(re.findall(r"`([\w/.]+\.(?:py|ts))::([\w.]+)`", PAGE)))
CLASS_IN_TYPESCRIPT = r"^(?:export )?class {name}\b.*?^}}"
METHOD = r"^  (?:(?:private|static|readonly) )*(?:async )?#?{name}\("
FUNCTION = r"^(?:export )?(?:async )?function {name}\b"


def rows(first: str) -> list[list[str]]:
    """The rows of the table whose first heading is this."""
    [block] = re.findall(rf"^\| {first} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in block.splitlines()]


def quoted(cell: str) -> set[str]:
    return set(re.findall(r"`([\w.]+)`", cell))


def allowed() -> dict[str, set[str]]:
    """What each package may import by the page, from its own floor and from those below."""
    floors = {floor: (quoted(packages), re.findall(r"\w+", below)) for floor, packages, below in rows("floor")}

    def reach(floor: str) -> set[str]:
        packages, below = floors[floor]
        return packages.union(*(reach(each) for each in below))

    order = [room for name, _ in rows("room") for room in quoted(name)]
    rooms = {room: reach("rooms") - set(order[number + 1 :]) for number, room in enumerate(order)}
    return {package: reach(floor) for floor, (packages, _) in floors.items() for package in packages} | rooms


def names_in_python(text: str) -> Iterator[str]:
    """The functions of a module, and the methods of its classes as Class.method."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef))


def is_in_typescript(text: str, name: str) -> bool:
    owner, _, method = name.rpartition(".")
    if not owner:
        return bool(re.search(FUNCTION.format(name=name), text, re.MULTILINE))
    body = re.search(CLASS_IN_TYPESCRIPT.format(name=owner), text, re.MULTILINE | re.DOTALL)
    return bool(body and re.search(METHOD.format(name=method), body[0], re.MULTILINE))


def test_the_tiers_are_those_that_are_enforced() -> None:
    assert {next(iter(quoted(tier))): quoted(foreign) for tier, _, foreign in rows("tier")} == FOREIGN


def test_the_floors_are_those_that_are_enforced() -> None:
    # Whether a module may import itself is no question of floors.
    enforced = {package: may - {package} for package, may in MAY_IMPORT.items()}
    assert {package: may - {package} for package, may in allowed().items()} == enforced


def test_the_rules_are_those_that_are_enforced() -> None:
    named = {name for rule, _ in rows("rule") for name in quoted(rule)}
    assert named == {rule.__name__ for rule in RULES} | {"test_every_route_declares_who_may_use_it"}


@pytest.mark.parametrize(("path", "name"), FUNCTIONS, ids=lambda value: value)
def test_every_function_that_is_named_exists(path: str, name: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert is_in_typescript(text, name) if path.endswith(".ts") else name in names_in_python(text)


def test_a_function_that_is_named_wrongly_is_noticed() -> None:
    script = "export class Door {\n  async judge(text: string) {\n  }\n}\nexport function fold() {}\n"
    assert [is_in_typescript(script, name) for name in ("Door.judge", "fold")] == [True, True]
    assert not any(is_in_typescript(script, name) for name in ("judge", "Door.fold", "Door.judged", "folded"))
    assert list(names_in_python("def a(): ...\nclass B:\n    def c(self): ...")) == ["a", "B.c"]
