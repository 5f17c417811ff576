"""Every route with every role: who is let in, and who is told to sign in or to go away.

A route is used with an address that leads somewhere and a body that makes sense, so that only its access can refuse.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from shared import clock, tokens
from shared.models import Channel, Device, Event, Mailing, Report, Speaker
from shared.operations import attendance
from shared.operations import doors as door_operations
from shared.operations.attendance import Batch, WalkIn
from tests.conftest import make_settings
from tests.factories import (
    SECRET,
    make_account,
    make_device,
    make_door,
    make_event,
    make_organization,
    make_registration,
    make_report,
    make_series,
    make_sign_in,
)
from tests.shared.operations.test_attendance import claim
from tests.web import mailed
from web.access import DEVICE, DEVICE_LATE, GUEST, ORGANIZER, OWNER, SIGNED_IN, VIEWER, VISITOR, Access
from web.app import create_app
from web.routes import Route

APP = create_app(make_settings("postgresql://nowhere/nothing", "unix:///nowhere"))
ROUTES = [rule for rule in APP.url_map.iter_rules() if rule.endpoint != "static"]
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
PASSWORD = "a good password"


@dataclass(frozen=True)
class World:
    """What addresses and bodies are made of."""

    event: Event
    values: Mapping[str, Any]
    bodies: Mapping[str, Mapping[str, Any]]


@cache
def password_hash() -> str:
    """Costs a tenth of a second, as it must; so it is made once."""
    return PasswordHasher().hash(PASSWORD)


@pytest.fixture
def world(db: Session) -> World:
    event = make_event(db)
    registration, report = make_registration(db, event), make_report(db, event)
    device, _ = make_device(db, make_door(db, event))
    door_pass, scans, walk_in = device.door_pass, conflict_of(db, event, device), walk_in_of(db, device)
    assert door_pass is not None
    make_account(db, email="somebody@example.org", password_hash=password_hash())
    series = make_series(db, organization_id=event.organization_id)
    speaker = Speaker(event_id=event.id, name={"tg": "Нигина"})
    channel = Channel(event_id=event.id, code="abc234", name="A")
    db.add_all((speaker, channel))
    db.flush()
    pairing = tokens.make(SECRET, "pairing", id=door_pass.id, version=1)
    values = {
        "event_id": event.id,
        "door_id": door_pass.door_id,
        "slug": event.slug,
        "lang": "ru",
        "code": registration.code,
        "name": "letter",
        "sha256": "0" * 64,
        "pass_id": door_pass.id,
        "device_id": device.id,
        "scan_id": scans[0],
        "rival_id": scans[1],
        "walk_in": walk_in,
        "mailing_id": mailing_of(db, event),
        "ticket": registration.ticket_id,
        "person_id": registration.id,
        "part": "texts",
        "kind": "speakers",
        "row_id": speaker.id,
        "channel_id": channel.id,
        "shape": "wide",
        "size": "tile",
        "short": channel.code,
        "form": "csv",
        "series_id": series.id,
        "organization_id": event.organization_id,
        "year": 2026,
    }
    bodies: dict[str, Mapping[str, Any]] = {
        "account.sign_in": {"data": {"email": "somebody@example.org", "password": PASSWORD}},
        "account.choose_language": {"data": {"language": "tg"}},
        "own.edit": {"data": {"name": "Ann"}},
        "own.language": {"data": {"language": "tg"}},
        "own.move": {"data": {"ticket_type": str(registration.ticket_type_id)}},
        "organizer_doors.add": {"data": {"name.tg": "Дар"}},
        "organizer_doors.rename": {"data": {"name.tg": "Дар"}},
        "organizer_doors.rules": {"data": {"opens": "30", "held": "10", "unlisted": "in"}},
        "organizer_passes.make": {"data": {"phones": "5"}},
        "organizer_conflicts.settle": {"data": {"note": "Two brothers"}},
        "organizer_hand_in.take_in": {"data": {"files": (BytesIO(hand_in_file(event)), "scans.json")}},
        "organizer_paper.tick": {"data": {"door": str(door_pass.door_id), "person": registration.ticket_id}},
        "organizer_mailings.write": {"data": MAILING},
        "organizer_mailings.rewrite": {"data": MAILING},
        "organizer_mailing_acts.test": {"data": {"language": "tg"}},
        "organizer_mailing_acts.schedule": {"data": {"at": f"{clock.now():%Y}-12-31T23:30"}},
        "organizer_share.add": {"data": {"name": "Telegram"}},
        "organizer_rows.add": {"data": {"name.tg": "Нигина"}},
        "organizer_entry.add": {"data": {"name": "Ann", "language": "tg"}},
        "organizer_entry.edit": {"data": {"name": "Ann", "email": registration.email, "language": "tg"}},
        "organizer_acts.confirm": {"data": {"act": "cancel", "person": str(registration.id)}},
        "organizer_acts.do": {"data": {"act": "send_again", "person": str(registration.id)}},
        "organizer_person.admit": {"data": {"door": str(door_pass.door_id), "session": str(event.sessions[0].id)}},
        "organizer_imports.look_ahead": {"data": {"file": (BytesIO(b"name,phone\nAnn,900000000"), "people.csv")}},
        "door_api.pair": {"json": {"secret": pairing, "volunteer": "Sorbon", "device": str(uuid4())}},
        "door_api.hand_in": {"json": {"device_time": 0, "scans": []}},
    }
    links = {"registration": registration.id, "unsubscribe": registration.id, "report": report.id, "screen": event.id}
    made = {purpose: tokens.make(SECRET, purpose, id=number, version=1) for purpose, number in links.items()}
    about_accounts = mailed.values_of(db, event)
    bodies |= mailed.bodies_of(about_accounts)
    return World(event, {**values, **about_accounts, **made}, bodies)


def conflict_of(db: Session, event: Event, device: Device) -> tuple[UUID, UUID]:
    """One ticket on two phones; both scans."""
    other, _ = make_device(db, make_door(db, event))
    scans = [claim(event, person=make_registration(db, event).ticket_id)]
    scans.append(replace(scans[0], id=uuid4()))
    for phone, scan in zip((device, other), scans, strict=True):
        attendance.record(db, device=phone, batch=Batch([scan]))
    return scans[0].id, scans[1].id


MAILING = {"audience": "confirmed", "subject.tg": "Хабар", "body.tg": "Салом, {ном}."}


def mailing_of(db: Session, event: Event) -> int:
    """A mailing that is not sent yet."""
    one = Mailing(event_id=event.id, audience="confirmed", subject={"tg": "Хабар"}, body={"tg": "Салом"})
    db.add(one)
    db.flush()
    return one.id


def walk_in_of(db: Session, device: Device) -> str:
    """Somebody who came without a registration."""
    one = WalkIn(id=uuid4(), name="Фирӯза", language="tg")
    attendance.record(db, device=device, batch=Batch([], walk_ins=[one]))
    return str(one.id)


def hand_in_file(event: Event) -> bytes:
    """What a phone saves that saw nothing."""
    file = {"format": "turnout-scans", "version": 1, "event": event.id, "phone": str(uuid4()), "made_at": 1}
    return json.dumps(file).encode()


def access_of(rule: Rule) -> Access:
    route = APP.view_functions[rule.endpoint]
    assert isinstance(route, Route)
    return route.access


def address(rule: Rule, world: World) -> str:
    purposes = {"reports": "report", "screen": "screen", "u": "unsubscribe"}
    purpose = mailed.TOKENS.get(rule.rule) or purposes.get(rule.rule.split("/")[1], "registration")
    values = {**world.values, "token": world.values[purpose]}
    built = rule.build({name: values[name] for name in rule.arguments})
    assert built is not None
    return built[1]


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
@pytest.mark.parametrize("rule", ROUTES, ids=lambda rule: f"{'POST' if 'POST' in rule.methods else 'GET'} {rule.rule}")
def test_a_route_lets_in_whom_it_says(rule: Rule, role: str, world: World, client: FlaskClient, db: Session) -> None:
    access = access_of(rule)
    headers = become(role, client, db, world.event)
    method = "POST" if "POST" in (rule.methods or ()) else "GET"
    path = address(rule, world)
    with client.open(path, method=method, headers=headers, **world.bodies.get(rule.endpoint, {})) as answer:
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
