"""Every route with every role: who is let in, and who is told to sign in or to go away.

A route is used with an address that leads somewhere and a body that makes sense, so that only its access can refuse;
what these are made of stands in tests/web/world.py.
"""

from collections.abc import Mapping

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from shared import clock
from shared.models import Event, Report
from shared.operations import doors as door_operations
from tests.factories import (
    make_account,
    make_device,
    make_door,
    make_event,
    make_organization,
    make_report,
    make_sign_in,
)
from tests.web.world import ROUTES, World, access_of, address, method_of, named
from web.access import DEVICE, DEVICE_LATE, GUEST, ORGANIZER, OWNER, SIGNED_IN, VIEWER, VISITOR, Access

ROLES = ("nobody", "phone", "revoked phone", "stranger", "viewer", "organizer", "owner")
LET_IN: Mapping[Access, set[str]] = {
    VISITOR: set(ROLES),
    DEVICE: {"phone"},
    DEVICE_LATE: {"phone", "revoked phone"},
    GUEST: set(ROLES),
    SIGNED_IN: {"stranger", "viewer", "organizer", "owner"},
    VIEWER: {"viewer", "organizer", "owner"},
    ORGANIZER: {"organizer", "owner"},
    OWNER: {"owner"},
}


def become(role: str, client: FlaskClient, db: Session, event: Event) -> dict[str, str]:
    """Act as a role from now on; the headers to send."""
    if role == "nobody":
        return {}
    if role.endswith("phone"):
        device, token = make_device(db, make_door(db, event))
        if role == "revoked phone":
            door_operations.revoke(db, device=device)
        return {"Authorization": f"Bearer {token}"}
    organization = make_organization(db) if role == "stranger" else event.organization
    account = make_account(db, organization=organization, role="owner" if role == "stranger" else role)
    client.set_cookie("sign_in", make_sign_in(db, account))
    return {}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("rule", ROUTES, ids=named)
def test_a_route_lets_in_whom_it_says(rule: Rule, role: str, world: World, client: FlaskClient, db: Session) -> None:
    access = access_of(rule)
    headers = become(role, client, db, world.event)
    path = address(rule, world.values)
    with client.open(path, method=method_of(rule), headers=headers, **world.bodies.get(rule.endpoint, {})) as answer:
        is_refused = answer.status_code in {401, 403}
        assert answer.status_code < 500
    assert is_refused == (role not in LET_IN[access]), f"{role} got {answer.status_code}"


def test_every_access_has_roles() -> None:
    assert {access_of(rule) for rule in ROUTES} <= LET_IN.keys()


@pytest.mark.parametrize("token", ["", "nothing", "x" * 3000])
def test_a_wrong_sign_in_is_nobody(client: FlaskClient, token: str) -> None:
    client.set_cookie("sign_in", token)
    assert client.get("/organize/").status_code == 401


def test_a_sign_in_ends_when_it_expires_or_is_revoked(client: FlaskClient, db: Session) -> None:
    account = make_account(db)
    for ended in ({"expires_at": clock.now()}, {"revoked_at": clock.now()}):
        client.set_cookie("sign_in", make_sign_in(db, account, **ended))
        assert client.get("/organize/").status_code == 401


def test_an_event_that_does_not_exist_is_a_page_that_does_not_exist(client: FlaskClient, db: Session) -> None:
    client.set_cookie("sign_in", make_sign_in(db, make_account(db)))
    assert client.get("/organize/events/999999999/").status_code == 404


def test_a_report_of_another_organization_cannot_be_shared(client: FlaskClient, db: Session) -> None:
    event = make_event(db)
    report: Report = make_report(db, event)
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, role="owner")))
    assert client.post(f"/organize/events/{event.id}/report/link").status_code == 403
    assert report.link_version == 1
