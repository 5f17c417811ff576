"""The service keeps its contract: whatever is sent, it answers as docs/openapi.json says, and never with an error of
its own.

Requests are drawn from the document, alike in each run: valid and invalid ones, some about the event of the test.
"""

import copy
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.orm import Session

from shared import tokens
from tests.conftest import EXAMPLES
from tests.factories import SECRET, make_account, make_device, make_door, make_pass, make_registration, make_sign_in
from tests.support.every_route import APP, World, make_world
from web.api.openapi import document
from web.current import Resources

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DOCUMENT = document(APP, {})
REQUESTS = EXAMPLES
STRANGER = {"headers": {"Authorization": "Bearer unknown", "Accept-Encoding": "identity"}, "cookies": {}}
OPERATIONS = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]


def narrowed(world: World, secret: str, persons: list[str]) -> dict[str, Any]:
    """Return the document, with answers that have no other field, and with requests that are about the world."""
    narrow = copy.deepcopy(DOCUMENT)
    components = narrow["components"]["schemas"]
    for name, schema in components.items():
        if schema["type"] == "object" and not name.endswith(("Request", "Input", "File")):
            schema["additionalProperties"] = False
    # schemathesis 4.32 rewrites a tuple in an answer as draft 7 spells it, and then refuses its own spelling.
    pair = components["LiveFigures"]["properties"]["arrivals"]["items"]
    pair["items"] = {"anyOf": pair.pop("prefixItems")}
    scan = components["ScanInput"]["properties"]
    scan["session"] = {"enum": [world.event.sessions[0].id, 2**40]}
    scan["person"] = {"enum": persons}
    for request in ("PairRequest", "PassRequest"):
        components[request]["properties"]["secret"] = {"enum": [secret, "1.1.forged"]}
    return narrow


@pytest.fixture
def world(db: Session) -> World:
    return make_world(db)


@pytest.fixture
def schema(db: Session, world: World) -> Any:
    door_pass = make_pass(db, make_door(db, world.event), phones=100)
    secret = tokens.make(SECRET, "pairing", id=door_pass.id, version=door_pass.version)
    persons = [make_registration(db, world.event).ticket_id for _ in range(3)]
    config = SchemathesisConfig()
    config.projects.default.generation.with_security_parameters = False
    return schemathesis.openapi.from_dict(narrowed(world, secret, persons), config=config)


@pytest.fixture
def sender(client: FlaskClient, db: Session, world: World, tmp_path: Path) -> dict[str, Any]:
    """Return what sends a request: a phone's token, and the cookie of an owner, on an installation with a mailbox."""
    (tmp_path / "letter.eml").write_text("Subject: A ticket\nDate: Tue, 01 Dec 2026 09:00:00 +0500\n\nHello")
    here: Resources = client.application.extensions["turnout"]
    with_mailbox = here.settings.model_copy(update={"turnout_mailbox": tmp_path})
    client.application.extensions["turnout"] = replace(here, settings=with_mailbox)
    owner = make_account(db, organization=world.event.organization, role="owner")
    token = make_device(db, make_door(db, world.event))[1]
    return {
        "session": client,
        "app": client.application,
        "headers": {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"},
        "cookies": {"sign_in": make_sign_in(db, owner)},
    }


def cases(operation: Any, world: World) -> st.SearchStrategy[Any]:
    """Return requests of an operation: about the world's own event, about others, and invalid ones."""
    parameters = [each["name"] for each in operation.definition.raw.get("parameters", []) if each["in"] == "path"]
    own = {name: world.values["screen" if name == "token" else name] for name in parameters}
    valid: st.SearchStrategy[Any] = operation.as_strategy(GenerationMode.POSITIVE, path_parameters=own)
    if not (parameters or operation.body or operation.query):
        return valid
    foreign = operation.as_strategy(GenerationMode.POSITIVE)
    invalid = operation.as_strategy(GenerationMode.NEGATIVE)
    return st.one_of(valid, foreign, invalid)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_the_document_says(
    method: str, path: str, schema: Any, world: World, sender: dict[str, Any]
) -> None:
    statuses: Counter[int] = Counter()

    @given(case=cases(schema[path][method], world), is_known=st.sampled_from((True, True, True, False)))
    @settings(
        max_examples=REQUESTS,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any, is_known: bool) -> None:
        by = sender if is_known else {**sender, **STRANGER}
        statuses[case.call_and_validate(checks=CHECKS, **by).status_code] += 1

    send()
    assert statuses[200]
