"""Another organization's rows are not there: their ids in an address or a body get the answer of an unknown id.

All other values are the member's own and valid, so that only the foreign id can refuse.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from shared.database import Base
from shared.events.programme import KINDS
from shared.models import Partner, Question, Registration, TicketType
from tests.factories import make_account, make_sign_in
from tests.support.every_route import ANYWHERE, ROUTES, World, address, make_world, method_of, named

SCOPES = {"event_id", "organization_id"}
"""Names of the owner of an address; tests/web/test_access.py tries a stranger at each of them."""
TOKENS = {"token", "code", "slug", "short"}
"""Secrets in a link, or public names."""
TRIED_ELSEWHERE = {"sign_in_id"}
"""In tests/web/account/test_own_account.py."""
CHILDREN = {
    "account_id",
    "channel_id",
    "device_id",
    "door_id",
    "invitation_id",
    "mailing_id",
    "pass_id",
    "person_id",
    "rival_id",
    "row_id",
    "scan_id",
    "series_id",
    "ticket",
    "walk_in",
}
"""Ids that belong to an organization or to one of its events."""
NOT_IN_QUESTION: Mapping[tuple[str, str], int] = {
    ("organizer_doors.merge", "walk_in"): 409,
    ("organizer_doors.separate", "walk_in"): 409,
    ("organizer_doors.separate", "ticket"): 409,
}
"""Foreign ids answered like a walk-in that another organizer has merged, or separated, meanwhile."""
BEFORE = {
    "organizer_doors.separate": "organizer_doors.merge",
    "organizer_doors.reopen_conflict": "organizer_doors.settle",
}
"""The act that an undoing act needs first."""
BY_ENDPOINT = {rule.endpoint: rule for rule in ROUTES}
FOREIGN = [(rule, child) for rule in ROUTES for child in sorted(rule.arguments & CHILDREN)]
TOUCHED_BY_LOOKING = {"sign_in"}
"""Tables in which a mere look writes: the last use of a browser."""


@pytest.fixture
def foreign_world(world: World) -> World:
    return world


@pytest.fixture
def own_world(db: Session) -> World:
    own = make_world(db)
    # With a single ticket type the form does not ask for one.
    own.event.ticket_types.append(TicketType(title={"tg": "Меҳмон"}))
    db.flush()
    return own


@pytest.fixture
def owner(client: FlaskClient, db: Session, own_world: World) -> FlaskClient:
    account = make_account(db, organization=own_world.event.organization, role="owner")
    client.set_cookie("sign_in", make_sign_in(db, account))
    return client


def everything(db: Session) -> dict[str, Sequence[Any]]:
    """Return every row of every table."""
    db.flush()
    tables = (table for table in Base.metadata.sorted_tables if table.name not in TOUCHED_BY_LOOKING)
    return {table.name: db.execute(select(table).order_by(*table.primary_key)).all() for table in tables}


def test_every_name_in_an_address_has_a_known_owner() -> None:
    names = {name for rule in ROUTES for name in rule.arguments}
    unknown = names - SCOPES - CHILDREN - TOKENS - TRIED_ELSEWHERE - set(ANYWHERE)
    assert not unknown, f"Say in tests/web/test_foreign.py whose these are: {', '.join(sorted(unknown))}."


@pytest.mark.parametrize(
    ("rule", "child"), FOREIGN, ids=lambda value: named(value) if isinstance(value, Rule) else value
)
def test_a_foreign_id_in_an_address_is_not_there(
    rule: Rule, child: str, own_world: World, foreign_world: World, owner: FlaskClient, db: Session
) -> None:
    refusal, body = NOT_IN_QUESTION.get((rule.endpoint, child), 404), own_world.bodies.get(rule.endpoint, {})
    if rule.endpoint in BEFORE:
        assert used(owner, BEFORE[rule.endpoint], own_world) == 303
    foreign, before = address(rule, {**own_world.values, child: foreign_world.values[child]}), everything(db)
    with owner.open(foreign, method=method_of(rule), **body) as answer:
        assert answer.status_code == refusal
    assert everything(db) == before
    assert used(owner, rule.endpoint, own_world) not in {404, refusal}, "one's own is there"


def used(client: FlaskClient, endpoint: str, world: World) -> int:
    """Use a route with values of one world; return the status of the answer."""
    rule = BY_ENDPOINT[endpoint]
    path, body = address(rule, world.values), world.bodies.get(endpoint, {})
    with client.open(path, method=method_of(rule), **body) as answer:
        return answer.status_code


@pytest.mark.parametrize("act", ["save", "remove", "move_up"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_foreign_row_of_any_type_is_404(
    kind: str, act: str, own_world: World, foreign_world: World, owner: FlaskClient, db: Session
) -> None:
    event = foreign_world.event
    event.partners.append(Partner(name={"tg": "Пешрафт"}))
    event.questions.append(Question(key="why", kind="short", label={"tg": "Сабаб"}))
    row, before = getattr(event, kind)[0], everything(db)
    path = address(BY_ENDPOINT[f"organizer_rows.{act}"], {**own_world.values, "kind": kind, "row_id": row.id})
    assert owner.post(path, data={"name.tg": "Нигина", "title.tg": "Кушоиш", "label.tg": "Сабаб"}).status_code == 404
    assert everything(db) == before


EVENT = {"title": "X", "language": "tg", "starts_local": "2038-05-01T18:00", "ends_local": "2038-05-01T20:00"}
QUESTION = {"label.tg": "Сабаб", "kind": "short"}
BODIES = [
    ("organizer_acts.confirm", {"act": "cancel", "person": "{foreign[person]}"}, 200),
    ("organizer_acts.do", {"act": "cancel", "person": "{foreign[person]}"}, 303),
    ("organizer_acts.do", {"act": "move", "person": "{own[person]}", "ticket_type": "{foreign[kind]}"}, 422),
    ("organizer_person.add", {"name": "Ann", "language": "tg", "ticket_type": "{foreign[kind]}"}, 422),
    ("organizer_person.admit", {"session": "{own[part]}", "door": "{foreign[door]}"}, 404),
    ("organizer_person.admit", {"session": "{foreign[part]}", "door": "{own[door]}"}, 404),
    ("organizer_person.undo", {"scan": "{foreign[scan]}"}, 404),
    ("organizer_paper.check_in", {"person": "{own[ticket]}", "door": "{foreign[door]}"}, 404),
    ("organizer_paper.check_in", {"person": "{foreign[ticket]}", "door": "{own[door]}"}, 422),
    ("organizer_rows.add/ticket_types", {"title.tg": "Меҳмон", "sessions": "{foreign[part]}"}, 422),
    ("organizer_rows.add/questions", {**QUESTION, "ticket_type_id": "{foreign[kind]}"}, 422),
    ("organizer_drafts.create", {**EVENT, "organization": "{foreign[organization]}"}, 422),
    ("own.move", {"ticket_type": "{foreign[kind]}"}, 303),
]
"""Forms with an id, and the status of the answer to a foreign one. Acts on many attendees skip unknown ones, and an
act on one's own registration leads back to it."""


def ids_of(world: World) -> dict[str, Any]:
    event, values = world.event, world.values
    numbers = {"kind": event.ticket_types[0].id, "part": event.sessions[0].id, "organization": event.organization_id}
    return {
        **numbers,
        "person": values["person_id"],
        "ticket": values["ticket"],
        "door": values["door_id"],
        "scan": values["scan"],
    }


@pytest.mark.parametrize(("endpoint", "body", "refusal"), BODIES)
def test_a_foreign_id_in_a_body_is_not_there(
    endpoint: str,
    body: dict[str, str],
    refusal: int,
    own_world: World,
    foreign_world: World,
    owner: FlaskClient,
    db: Session,
) -> None:
    name, _, kind = endpoint.partition("/")
    path, before = address(BY_ENDPOINT[name], {**own_world.values, "kind": kind}), everything(db)
    foreign = {field: text.format(own=ids_of(own_world), foreign=ids_of(foreign_world)) for field, text in body.items()}
    answer = owner.post(path, data=foreign)
    assert answer.status_code == refusal
    assert not re.search(rf"{db.get_one(Registration, foreign_world.values['person_id']).name}\b", answer.text)
    assert everything(db) == before
    ours = {field: text.format(own=ids_of(own_world), foreign=ids_of(own_world)) for field, text in body.items()}
    assert owner.post(path, data=ours).status_code in {200, 303}, "one's own is there"
