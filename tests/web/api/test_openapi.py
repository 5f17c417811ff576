"""docs/openapi.json is what the types and the routes make, it has all JSON of the service, and its examples are so."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig

from tests.support.architecture import ROOT, sources
from tests.support.every_route import APP
from web.api.openapi import PAGE, document, page_examples, routes, written

EXAMPLES = page_examples(PAGE.read_text(encoding="utf-8"))
DOCUMENT = document(APP, EXAMPLES)
NOT_OURS = {"web/visitor/door.py manifest", "web/errors.py _respond"}
"""The web app manifest, whose schema is the W3C's, and the problem of every route."""


def undocumented(root: Path) -> Iterator[str]:
    """List functions that answer with JSON and do not declare its type: by their own route, or by that which tries them
    first.
    """
    for path, tree in sources(root, "web"):
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        routes = [ast.unparse(decorator) for node in functions for decorator in node.decorator_list]
        typed = [route for route in routes if "answers=" in route]
        for node in functions:
            is_typed = any("answers=" in ast.unparse(decorator) for decorator in node.decorator_list)
            is_tried_first = any(f"at_once={node.name}," in route for route in typed)
            if "jsonify(" in ast.unparse(node) and not (is_typed or is_tried_first):
                yield f"{path} {node.name}"


def test_the_document_is_what_the_types_make() -> None:
    committed = (ROOT / "docs/openapi.json").read_text(encoding="utf-8")
    assert committed == written(DOCUMENT), "run .venv/bin/python -m web.api.openapi > docs/openapi.json"


def test_the_document_is_openapi() -> None:
    schemathesis.openapi.from_dict(document(APP, EXAMPLES), config=SchemathesisConfig()).validate()


def test_all_json_of_the_service_is_documented() -> None:
    assert set(undocumented(ROOT)) == NOT_OURS
    named = {rule.rule for rule in APP.url_map.iter_rules() if rule.rule.endswith(".json")}
    assert named <= {rule.rule for rule, _ in routes(APP)}


def test_undocumented_json_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web/quiet.py").write_text("@pages.get('/quiet')\ndef quiet(db, by):\n    return jsonify(at=1)")
    (tmp_path / "web/typed.py").write_text(
        "def first(db, by):\n    return jsonify(a)\n"
        "@pages.get('/a', at_once=first, answers={200: A})\ndef typed(db, by):\n    return jsonify(a)"
    )
    (tmp_path / "web/tried.py").write_text(
        "def tried(db, by):\n    return jsonify(a)\n@pages.get('/b', at_once=tried)\ndef page(db, by):\n    return a"
    )
    assert set(undocumented(tmp_path)) == {"web/quiet.py quiet", "web/tried.py tried"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_as_its_schema_says(name: str) -> None:
    schema: dict[str, Any] = {**DOCUMENT, "$ref": f"#/components/schemas/{name}"}
    assert [error.message for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(EXAMPLES[name])] == []


def test_each_request_and_answer_of_the_door_has_an_example() -> None:
    assert EXAMPLES.keys() == {"PairRequest", "PairAnswer", "RosterAnswer", "ScansRequest", "ScansAnswer"}
