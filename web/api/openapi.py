"""Makes docs/openapi.json, the contract of all JSON of the service, from the routes and the types that they declare.

python -m web.api.openapi > docs/openapi.json
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from flask import Flask
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from werkzeug.routing import Rule

from shared.config import Settings
from web.access import DEVICE, DEVICE_LATE, OPTIONAL_SIGN_IN, ORGANIZER, OWNER, SIGNED_IN, VIEWER, VISITOR, Access
from web.app import create_app
from web.errors import ANSWERS, Problem, answers_in_json
from web.forms.scans import HandInFile
from web.routes import Route


class Schemas(GenerateJsonSchema):
    """Schemas without a title for each field, which would only repeat its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


Json = dict[str, Any]
Part = tuple[Any, Literal["validation", "serialization"]]
"""A type, and whether it is one of requests (`validation`) or of answers (`serialization`)."""

VERSION = "1"
"""Of the contract; raise it when a phone of the last two releases could no longer follow."""
PAGE = Path(__file__).parents[2] / "docs" / "door-api.md"
PROBLEM: Part = (Problem, "serialization")
SCAN_FILE: Part = (HandInFile, "validation")
SECURITY: Mapping[Access, str] = {
    DEVICE: "phone",
    DEVICE_LATE: "phone",
    **dict.fromkeys((SIGNED_IN, VIEWER, ORGANIZER, OWNER), "member"),
}
SCHEMES: Json = {
    "phone": {"type": "http", "scheme": "bearer", "description": "The token of POST /api/door/pair."},
    "member": {"type": "apiKey", "in": "cookie", "name": "sign_in", "description": "Over https: __Host-sign_in."},
}
REFUSALS: Mapping[Access, Iterable[int]] = {
    VISITOR: (),
    OPTIONAL_SIGN_IN: (),
    DEVICE: (401, 429),
    DEVICE_LATE: (401, 429),
    SIGNED_IN: (401,),
    **dict.fromkeys((VIEWER, ORGANIZER, OWNER), (401, 403, 404)),
}
"""Statuses with which an access refuses; a wrong token is counted, and too many of them are 429."""
REFUSED_HEADS = (404, 414, 421, 431, 503)
"""Statuses of every operation: an address, a host or headers that are not accepted, or a database that is away."""
REFUSED_BODIES = (400, 403, 413, 415, 422)
"""Statuses of a body: not JSON, from another site, too large, of another type, or invalid."""
WITH_WAIT = (429, 503)


def document(app: Flask, examples: Mapping[str, Any]) -> Json:
    """Return the OpenAPI document of an app; `examples` are values of its components, by name."""
    documented = sorted(routes(app), key=lambda pair: pair[0].rule)
    schemas, components = _schemas(part for _, route in documented for part in _parts(route))
    for name, example in examples.items():
        components[name]["examples"] = [example]
    paths: dict[str, Json] = {}
    for rule, route in documented:
        [method] = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        paths.setdefault(_path(rule), {})[method.lower()] = _operation(rule, route, schemas)
    statuses = {status for rule, route in documented for status in _refusals(rule, route)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Turnout", "version": VERSION, "summary": "All JSON of the service; see door-api.md."},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "responses": {f"Problem{status}": _problem(status, schemas) for status in sorted(statuses)},
            "securitySchemes": SCHEMES,
        },
    }


def routes(app: Flask) -> Iterator[tuple[Rule, Route]]:
    """Return the rules of the app that answer with JSON, and their routes."""
    for rule in app.url_map.iter_rules():
        route = app.view_functions[rule.endpoint]
        if isinstance(route, Route) and route.answers:
            yield rule, route


def page_examples(page: str) -> dict[str, Any]:
    """Return the examples of docs/door-api.md by the component that each fence names."""
    return {name: json.loads(text) for name, text in re.findall(r"```json (\w+)\n(.*?)```", page, re.DOTALL)}


def _parts(route: Route) -> Iterator[Part]:
    if route.takes:
        yield route.takes, "validation"
    yield from ((answer, "serialization") for answer in route.answers.values() if answer)


def _schemas(parts: Iterable[Part]) -> tuple[dict[Part, Json], dict[str, Json]]:
    """Return the schema of each part, and the components to which they refer."""
    adapters = [(kind, mode, TypeAdapter(kind)) for kind, mode in {*parts, PROBLEM, SCAN_FILE}]
    schemas, definitions = TypeAdapter.json_schemas(
        adapters, ref_template="#/components/schemas/{model}", schema_generator=Schemas
    )
    return schemas, definitions["$defs"]


def _path(rule: Rule) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def _operation(rule: Rule, route: Route, schemas: Mapping[Part, Json]) -> Json:
    summary, _, description = (route.view.__doc__ or "").partition("\n\n")
    operation: Json = {"operationId": rule.endpoint, "summary": summary.strip(), "responses": {}}
    if description:
        operation["description"] = " ".join(description.split())
    parameters = [*_values_of_address(rule), *_query(rule, route)]
    if parameters:
        operation["parameters"] = parameters
    if _has_body(rule, route):
        operation["requestBody"] = {"required": True, "content": _content(schemas[route.takes, "validation"])}
    for status, answer in route.answers.items():
        content = {"content": _content(schemas[answer, "serialization"])} if answer else {}
        operation["responses"][str(status)] = {"description": HTTPStatus(status).phrase, **content}
    for status in _refusals(rule, route):
        operation["responses"].setdefault(str(status), _refusal(rule, status))
    if route.access in SECURITY:
        operation["security"] = [{SECURITY[route.access]: []}]
    return operation


def _has_body(rule: Rule, route: Route) -> bool:
    return route.takes is not None and "POST" in (rule.methods or ())


def _values_of_address(rule: Rule) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 0} if f"<int:{name}>" in rule.rule else {"type": "string"},
        }
        for name in re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)
    ]


def _query(rule: Rule, route: Route) -> list[Json]:
    if route.takes is None or _has_body(rule, route):
        return []
    schema = TypeAdapter(route.takes).json_schema(schema_generator=Schemas)
    return [{"name": name, "in": "query", "schema": value} for name, value in schema["properties"].items()]


def _refusals(rule: Rule, route: Route) -> list[int]:
    """Return the statuses of the problems that a route may answer with."""
    of_view = [ANSWERS[error].status for error in route.raises]
    of_body = REFUSED_BODIES if _has_body(rule, route) else ()
    of_limits = (429,) if route.limits else ()
    return sorted({*REFUSED_HEADS, *REFUSALS[route.access], *of_view, *of_body, *of_limits})


def _refusal(rule: Rule, status: int) -> Json:
    if answers_in_json(rule.rule):
        return {"$ref": f"#/components/responses/Problem{status}"}
    return {"description": HTTPStatus(status).phrase, "content": {"text/html": {}}}


def _problem(status: int, schemas: Mapping[Part, Json]) -> Json:
    problem: Json = {"description": HTTPStatus(status).phrase, "content": _content(schemas[PROBLEM], "problem+")}
    if status in WITH_WAIT:
        seconds = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
        problem["headers"] = {"Retry-After": seconds}
    return problem


def _content(schema: Json, subtype: str = "") -> Json:
    return {f"application/{subtype}json": {"schema": schema}}


def written(document: Json) -> str:
    """Return the document as it stands in the file."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    nowhere = Settings(
        database_url="postgresql://nowhere/nothing",
        redis_url="unix:///nowhere",
        smtp_url="smtp://nowhere",
        mail_from="no one <none@nowhere>",
        secret_key="x" * 32,
        base_url="http://127.0.0.1",
    )
    print(written(document(create_app(nowhere), page_examples(PAGE.read_text(encoding="utf-8")))), end="")  # noqa: T201
