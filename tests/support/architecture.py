"""The rules of docs/architecture.md. Each is a function of a folder, which lists its breaches."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from flask import Flask

from web.routes import Route

ROOT = Path(__file__).parents[2]
TIERS = ("shared", "web", "worker")

BASE = {"config", "clock", "errors"}
WORDS = BASE | {"i18n", "tickets", "tokens", "links", "scans", "contacts", "logs", "pictures", "heartbeats"}
DATABASE = WORDS | {"database"}
MODELS = DATABASE | {"models"}
ROOMS = ("audit", "outbox", "accounts", "registrations", "door", "reports", "mailings", "events")
"""The subjects, each of which may import those before it."""
MAY_IMPORT: Mapping[str, set[str]] = {
    **dict.fromkeys(BASE, BASE),
    **dict.fromkeys(WORDS - BASE, WORDS),
    "papers": WORDS | {"papers"},
    "locale": WORDS | {"locale"},
    "database": DATABASE,
    "models": MODELS,
    "wording": MODELS | {"papers"},
    "migrations": MODELS | {"migrations"},
    **{room: MODELS | set(ROOMS[: number + 1]) for number, room in enumerate(ROOMS)},
    "command": MODELS | set(ROOMS) | {"papers", "locale", "migrations", "command"},
}
FOREIGN: Mapping[str, set[str]] = {
    "shared": {"flask", "werkzeug", "celery", "kombu", "web", "worker"},
    "web": {"celery", "kombu", "worker"},
    "worker": {"flask", "werkzeug", "web"},
}
TRANSACTIONS = (
    "web/routes.py",
    "web/streams.py",
    "web/current.py",
    "worker/tasks/",
    "shared/command/",
    "shared/migrations/env.py",
)
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
CLOCKS |= {("time", "time"), ("time", "time_ns")}

Rule = Callable[[Path], list[str]]


# Each rule reads every module.
_parse = lru_cache(maxsize=2_000)(ast.parse)


def sources(root: Path, *folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Return every module of the tiers, by its path."""
    for folder in folders or TIERS:
        for path in sorted((root / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield path.relative_to(root).as_posix(), _parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    """Return the dotted names that a module imports, each as far as it may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def imports_run_one_way(root: Path) -> list[str]:
    """List imports that docs/architecture.md forbids: against a tier's or a floor's direction, or relative."""
    return [
        f"{path} imports {name}"
        for path, tree in sources(root)
        for name in imported(tree)
        if name.startswith(".") or name.split(".")[0] in FOREIGN[path.split("/")[0]] or not _is_inside(path, name)
    ]


def _is_inside(path: str, name: str) -> bool:
    place = path.removesuffix(".py").split("/")
    if place[0] != "shared":
        return not name.startswith("shared.command")
    target = name.split(".")
    if place[1] == "__init__" or target[0] != "shared" or len(target) < 2:
        return True
    return target[1] in MAY_IMPORT.get(place[1], set())


def transactions_begin_in_one_place(root: Path) -> list[str]:
    """List commits, and transactions that begin elsewhere than at an edge."""
    calls = ((path, node) for path, tree in sources(root) for node in _calls(tree))
    return [
        f"{path}:{node.lineno} calls .{node.func.attr}()"
        for path, node in calls
        if isinstance(node.func, ast.Attribute)
        if node.func.attr == "commit" or (node.func.attr == "begin" and not path.startswith(TRANSACTIONS))
    ]


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def environment_and_time_are_read_in_one_place(root: Path) -> list[str]:
    """List readers of the environment and of the time.

    Commands may read the environment too, since they make that of the programs that they start.
    """
    faults = []
    for path, tree in sources(root):
        names = [(node.lineno, dotted) for node in ast.walk(tree) if (dotted := _dotted(node))]
        if path != "shared/config.py" and not path.startswith("shared/command/"):
            faults += [f"{path}:{line} reads the environment" for line, name in names if name in _ENVIRONMENT]
        if path != "shared/clock.py":
            faults += [f"{path}:{line} reads the time" for line, name in names if tuple(name.split(".")[-2:]) in CLOCKS]
    return faults


_ENVIRONMENT = {"os.environ", "os.getenv", "os.environb"}


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.ImportFrom) and node.module in {"os", "time"}:
        # `from time import time` would hide the clock from the search below.
        hidden = {"environ", "getenv", "environb", "time", "time_ns"} & {alias.name for alias in node.names}
        return f"{node.module}.{hidden.pop()}" if hidden else ""
    if isinstance(node, ast.Attribute):
        return ast.unparse(node)
    return ""


def every_domain_error_has_an_answer(root: Path) -> list[str]:
    """List domain errors without a response."""
    known = {"DomainError"}
    for node in _module(root, "shared/errors.py").body:
        if isinstance(node, ast.ClassDef) and known & {ast.unparse(base) for base in node.bases}:
            known.add(node.name)
    return [
        f"{name} has no answer in web/errors.py"
        for name in sorted(known - set(_table(root, "web/errors.py", "ANSWERS")))
    ]


def _module(root: Path, path: str) -> ast.Module:
    return ast.parse((root / path).read_text(encoding="utf-8"))


def _table(root: Path, path: str, name: str) -> list[str]:
    """Return the words of a table that a module writes out: a dictionary's keys, or a tuple."""
    for node in ast.walk(_module(root, path)):
        if isinstance(node, ast.Assign | ast.AnnAssign) and name in _targets(node):
            listed = node.value.keys if isinstance(node.value, ast.Dict) else getattr(node.value, "elts", [])
            return [ast.unparse(word).strip("'") for word in listed if word]
    raise AssertionError(f"{path} has no table {name}")


def _targets(node: ast.Assign | ast.AnnAssign) -> set[str]:
    return {ast.unparse(target) for target in (node.targets if isinstance(node, ast.Assign) else [node.target])}


def every_tick_is_a_task_with_a_name(root: Path) -> list[str]:
    """List tasks without an explicit name, and ticks that are no task."""
    named, faults = set(), []
    for path, tree in sources(root, "worker"):
        for node in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for decorator in (
                decorator for decorator in node.decorator_list if re.search(r"\.task\b", ast.unparse(decorator))
            ):
                names = [word.value for word in getattr(decorator, "keywords", []) if word.arg == "name"]
                named |= {ast.literal_eval(name) for name in names}
                faults += [] if names else [f"{path}:{node.lineno} {node.name} has no explicit name"]
    ticks = set(_table(root, "worker/schedule.py", "PERIODS"))
    return faults + [f"{tick} is scheduled and is no task" for tick in sorted(ticks - named)]


def no_import_is_hidden_in_a_function(root: Path) -> list[str]:
    """List imports inside functions."""
    functions = (
        (path, function)
        for path, tree in sources(root)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return [
        f"{path}:{node.lineno} imports inside {function.name}"
        for path, function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def no_test_imports_from_a_test(root: Path) -> list[str]:
    """List imports from a module of tests; what tests share stands in tests/support."""
    return [
        f"{path} imports {name}"
        for path, tree in sources(root, "tests")
        for name in imported(tree)
        if name.startswith("tests.") and any(word.startswith("test_") for word in name.split("."))
    ]


def addresses_of_organizers_stand_in_one_table(root: Path) -> list[str]:
    """List addresses of organizers that are written outside shared/links.py; a route declares its own."""
    files = (path for tier in TIERS for kind in ("py", "html") for path in sorted((root / tier).rglob(f"*.{kind}")))
    lines = (
        (path.relative_to(root).as_posix(), number, line)
        for path in files
        if "node_modules" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    )
    return [
        f"{path}:{number} writes an address of organizers"
        for path, number, line in lines
        if "/organize/" in line and path != "shared/links.py" and "url_prefix=" not in line and "<int:" not in line
    ]


def acts_are_recorded_in_the_rooms(root: Path) -> list[str]:
    """List modules of web and worker that record acts themselves: another caller of the act would leave no trace."""
    return [
        f"{path} imports {name}"
        for path, tree in sources(root, "web", "worker")
        for name in imported(tree)
        if f"{name}.".startswith("shared.audit.audit.")
    ]


def words_of_an_enum_are_its_members(root: Path) -> list[str]:
    """List literals that stand for a member of an enum: compared with a field that holds one, or given to it.

    mypy sees a wrong word in neither: an enum of words may equal any text, and tables take any value.
    """
    fields = _fields_of_enums(root)
    return [
        f"{path}:{word.lineno} says {word.value!r} for a member of an enum"
        for path, tree in sources(root)
        for node in ast.walk(tree)
        for name, value in _uses(node)
        for word in _literals(value)
        if word.value in fields.get(name, ())
        # Reasons of errors are words of their own.
        if not path.startswith(("shared/migrations/", "shared/errors.py"))
    ]


def _fields_of_enums(root: Path) -> Mapping[str, set[object]]:
    """Return the words of each field, by its name in any class: those of the enums that its annotation names."""
    classes = [node for _, tree in sources(root) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    words = {
        node.name: {
            each.value.value
            for each in node.body
            if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant)
        }
        for node in classes
        if "StrEnum" in map(ast.unparse, node.bases)
    }
    fields: dict[str, set[object]] = {}
    for field in (each for node in classes for each in node.body if isinstance(each, ast.AnnAssign)):
        for enum in set(re.findall(r"\w+", ast.unparse(field.annotation))) & words.keys():
            fields.setdefault(ast.unparse(field.target), set()).update(words[enum])
    return fields


def _uses(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Return the fields that a node compares or fills, each with what stands beside it."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        yield from ((_last_name(side), other) for side in sides for other in sides if other is not side)
    elif isinstance(node, ast.Match):
        yield from ((_last_name(node.subject), case.pattern) for case in node.cases)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from zip(map(_last_name, _elements(target)), _elements(node.value), strict=False)
    elif isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        yield from ((str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant))
    elif isinstance(node, ast.Call):
        yield from _uses_of_a_call(node)


def _uses_of_a_call(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    field, _, method = ast.unparse(node.func).rpartition(".")
    if method in {"in_", "not_in"}:
        yield from ((field.rpartition(".")[2], word) for word in node.args)
    if method != "Field":
        # A form's Field has kinds of its own.
        yield from ((word.arg or "", word.value) for word in node.keywords)


def _last_name(node: ast.AST) -> str:
    return ast.unparse(node).rpartition(".")[2]


def _elements(node: ast.AST) -> Sequence[ast.AST]:
    return node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]


def _literals(node: ast.AST) -> Iterator[ast.Constant]:
    """Return the literals of a value, of a choice between two, of several, or of a pattern."""
    if isinstance(node, ast.Constant):
        yield node
    elif isinstance(node, ast.IfExp | ast.Tuple | ast.List | ast.Set | ast.MatchValue | ast.MatchOr):
        # The condition of a choice is a node of its own.
        parts = [node.body, node.orelse] if isinstance(node, ast.IfExp) else ast.iter_child_nodes(node)
        yield from (literal for part in parts for literal in _literals(part))


RULES: tuple[Rule, ...] = (
    imports_run_one_way,
    transactions_begin_in_one_place,
    environment_and_time_are_read_in_one_place,
    every_domain_error_has_an_answer,
    every_tick_is_a_task_with_a_name,
    no_import_is_hidden_in_a_function,
    acts_are_recorded_in_the_rooms,
    words_of_an_enum_are_its_members,
    no_test_imports_from_a_test,
    addresses_of_organizers_stand_in_one_table,
)


def undeclared(app: Flask) -> list[str]:
    """List routes that do not say who may use them. tests/web/test_access.py tries each with each role."""
    rules = (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")
    return [rule.rule for rule in rules if not isinstance(app.view_functions[rule.endpoint], Route)]
