"""Every action that the code can write to the audit has a sentence in every language, and belongs to a group."""

import ast
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import time_machine

from shared import i18n
from shared.audit.activity import Act
from shared.events.programme import KINDS
from web.organizer.audit import texts as audit_wording
from web.organizer.audit.texts import ACTS, DETAILS, FIELDS, GROUPS

ROOT = Path(__file__).parents[4]
NOTES = {f"shared.audit.audit.{name}" for name in ("note", "note_each", "note_own")}
FROM_ADDRESSES: Mapping[str, tuple[str, ...]] = {"kind": tuple(KINDS)}
"""The values of a name that comes with a request, and is checked there."""


class Actions:
    """The actions that modules write, traced from the call of the audit back to a literal text."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.trees = {name: ast.parse(text) for name, text in modules.items()}
        self.unknown: list[str] = []
        self.calls: dict[str, list[tuple[str, ast.AST, ast.Call]]] = {}
        for module, tree in self.trees.items():
            for function, call in _calls(tree):
                self.calls.setdefault(self._target(module, call.func), []).append((module, function, call))

    def found(self) -> set[str]:
        """Return every action; a call that cannot be traced is added to `unknown`."""
        return {
            action
            for note in sorted(NOTES)
            for module, function, call in self.calls.get(note, [])
            for action in self._argument(module, function, call, "action", None)
        }

    def _target(self, module: str, called: ast.expr) -> str:
        """Return the dotted name of the called function, as far as the imports show it."""
        names = {}
        for node in self.trees[module].body:
            if isinstance(node, ast.ImportFrom):
                names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        if isinstance(called, ast.Name):
            return names.get(called.id, f"{module}.{called.id}")
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            return f"{names.get(called.value.id, called.value.id)}.{called.attr}"
        return ""

    def _argument(
        self, module: str, function: ast.AST, call: ast.Call, name: str, position: int | None
    ) -> Iterator[str]:
        value = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
        if value is None and position is not None and position < len(call.args):
            value = call.args[position]
        if value is None:
            self.unknown.append(f"{module}:{call.lineno}")
        else:
            yield from self._texts(module, function, value)

    def _texts(self, module: str, function: ast.AST, value: ast.expr) -> Iterator[str]:
        if isinstance(value, ast.Constant):
            yield str(value.value)
        elif isinstance(value, ast.IfExp):
            yield from (*self._texts(module, function, value.body), *self._texts(module, function, value.orelse))
        elif isinstance(value, ast.FormattedValue):
            yield from self._texts(module, function, value.value)
        elif isinstance(value, ast.JoinedStr):
            parts = [list(self._texts(module, function, part)) for part in value.values]
            yield from map("".join, product(*parts))
        elif isinstance(value, ast.Name) and value.id in FROM_ADDRESSES:
            yield from FROM_ADDRESSES[value.id]
        elif isinstance(value, ast.Name):
            yield from self._named(module, function, value)
        else:
            self.unknown.append(f"{module}:{value.lineno}")

    def _named(self, module: str, function: ast.AST, name: ast.Name) -> Iterator[str]:
        assigned = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and any(ast.unparse(target) == name.id for target in node.targets)
        ]
        for value in assigned:
            yield from self._texts(module, function, value)
        if assigned:
            return
        parameters = _parameters(function)
        callers = self.calls.get(f"{module}.{getattr(function, 'name', '')}", [])
        if name.id not in parameters or not callers:
            self.unknown.append(f"{module}:{name.lineno}")
        for caller, outer, call in callers:
            yield from self._argument(caller, outer, call, name.id, parameters.get(name.id))


def _calls(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.Call]]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            yield from ((function, node) for node in ast.walk(function) if isinstance(node, ast.Call))


def _parameters(function: ast.AST) -> dict[str, int | None]:
    """Return the position of each parameter by its name; None for a keyword-only one."""
    if not isinstance(function, ast.FunctionDef):
        return {}
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return {argument.arg: None for argument in function.args.kwonlyargs} | {
        name: position for position, name in enumerate(names)
    }


def sources() -> dict[str, str]:
    paths = (path for tier in ("shared", "web", "worker") for path in (ROOT / tier).rglob("*.py"))
    modules = (path for path in paths if "node_modules" not in path.parts)
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text("utf-8") for path in modules}


@pytest.fixture(scope="module")
def actions() -> Actions:
    return Actions(sources())


def test_every_action_that_is_written_has_a_sentence(actions: Actions) -> None:
    names = actions.found()
    assert {
        "event.published",
        "speakers.moved",
        "conflict.settled",
        "registration.moved",
        "mailing.unscheduled",
    } <= names
    assert actions.unknown == []
    assert sorted(names - ACTS.keys()) == []


def test_an_action_without_a_sentence_is_detected() -> None:
    imports = "from shared.audit import audit\nfrom shared.audit.audit import note_own\n"
    straight = (
        f"{imports}def a(db, by):\n    audit.note(db, by=by, action='x.straight')\n    note_own(db, action='x.own')"
    )
    handed_on = f"{imports}def _done(db, by, word):\n    audit.note(db, action=f'x.{{word}}')\n"
    handed_on += (
        "def a(db, by):\n    _done(db, by, 'handed')\n    word = 'on' if by else 'off'\n    _done(db, by, word=word)"
    )
    unclear = f"{imports}def a(db):\n    audit.note(db, action=words[0])"
    actions = Actions({"one": straight, "two": handed_on, "three": unclear})
    assert actions.found() == {"x.straight", "x.own", "x.handed", "x.on", "x.off"}
    assert actions.unknown == ["three:4"]


def test_every_sentence_belongs_to_one_group_or_to_an_account() -> None:
    grouped = [subject for _, subjects in GROUPS.values() for subject in subjects]
    assert len(grouped) == len(set(grouped))
    assert {action.partition(".")[0] for action in ACTS} == {*grouped, "account"}


def test_no_sentence_says_whether_a_man_or_a_woman_acted() -> None:
    past = re.compile(r"(?i)\b(?:вы|он|она|организатор|владелец|участник|спикер|партнёр)\b\s+\w+(?:л|ла|лся|лась)\b")
    with i18n.use_language("ru"):
        assert [text for action in ACTS if past.search(text := audit_wording.action(action))] == []


def act(action: str, **details: Any) -> Act:
    return Act(1, datetime(2026, 10, 7, tzinfo=UTC), 1, action, details, 1, None, 1, "Манижа", None, None, ["tg"])


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (act("event.edited", part="texts", fields=["title", "slug", "unheard_of"]), "Title, Page address"),
        (
            act("people.exported", format="csv", personal=["names", "contact"]),
            "CSV, with names, email addresses and phone numbers",
        ),
        (act("people.exported", format="xlsx", personal=[]), "XLSX"),
        (act("people.imported", count=1, rows=3), "1 person, from 3 rows"),
        (act("member.role_changed", member=7, before="viewer", role="owner"), "Манижа, Owner, previously: Viewer"),
        (act("mailing.scheduled", mailing=3, due_at="2026-10-07T13:00:00+00:00"), "Хабар, 7 October, 18:00"),
        (act("mailing.unscheduled", mailing=4, due_at=None), ""),
        (act("mailing.tested", language="tg"), "Тоҷикӣ"),
        (act("scan_file.imported", accepted=2, replay=0), "2 new scans."),
        (act("phone.revoked", device_id="9f1c", walk_in="12ab"), ""),
        (act("speakers.added", id=5), "Нигина"),
        (act("picture.changed", id=5), ""),
        (act("nothing.known", strange={"a": [1]}, big="9" * 30), ""),
    ],
)
@time_machine.travel(datetime(2026, 10, 1, tzinfo=UTC))
def test_details_are_in_words_and_ids_by_name(entry: Act, words: str) -> None:
    names = {("member", 7): "Манижа", ("mailing", 3): {"tg": "Хабар"}, ("speakers", 5): {"tg": "Нигина"}}
    assert audit_wording.details(entry, names, "Asia/Dushanbe") == words


def test_an_unknown_action_is_shown_by_its_name() -> None:
    assert audit_wording.action("stand.painted") == "stand.painted"


@pytest.mark.parametrize("language", ["ru", "tg"])
def test_all_words_are_translated(language: str) -> None:
    catalogue = i18n.catalogue(language)
    texts = {*ACTS.values(), *FIELDS.values(), *(title for title, _ in GROUPS.values())}
    assert [text for text in texts if catalogue.gettext(text) == text] == []
    assert DETAILS.keys() >= {"fields", "count", "role"}
