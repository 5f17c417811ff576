"""Values of addresses and bodies, for the tests that go through every route."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from shared import clock, tokens
from shared.door import attendance
from shared.door.batches import Batch, WalkIn
from shared.models import Channel, Device, Event, Mailing, Registration, Speaker
from tests.conftest import make_settings
from tests.factories import (
    SECRET,
    make_account,
    make_device,
    make_door,
    make_event,
    make_registration,
    make_report,
    make_series,
)
from tests.support import account_routes as mailed
from tests.support.scans import claim
from web.access import Access
from web.app import create_app
from web.routes import Route

APP = create_app(make_settings("postgresql://nowhere/nothing", "unix:///nowhere"))
ROUTES = [rule for rule in APP.url_map.iter_rules() if rule.endpoint != "static"]
PASSWORD = "a good password"
ACCOUNT_EMAIL = "somebody@example.org"
ANYWHERE: Mapping[str, Any] = {
    "lang": "ru",
    "name": "letter",
    "sha256": "0" * 64,
    "section": "texts",
    "kind": "speakers",
    "shape": "wide",
    "size": "tile",
    "file_format": "csv",
    "year": 2026,
}
"""Values in addresses that belong to no organization."""
PICTURE = Path(__file__).parents[2] / "docs" / "the-line.png"
MAILING = {"audience": "confirmed", "subject.tg": "Хабар", "body.tg": "Салом, {ном}."}


@dataclass(frozen=True)
class World:
    """Values of addresses and bodies."""

    event: Event
    values: Mapping[str, Any]
    bodies: Mapping[str, Mapping[str, Any]]


@cache
def password_hash() -> str:
    """Return the hash of the password; made once, since it costs a tenth of a second, as it must."""
    return PasswordHasher().hash(PASSWORD)


@pytest.fixture
def world(db: Session) -> World:
    """An event with one of everything, and an account that can sign in."""
    return make_furnished_world(db)


def make_furnished_world(db: Session) -> World:
    """Make an event with one of everything, and an account that can sign in."""
    make_account(db, email=ACCOUNT_EMAIL, password_hash=password_hash())
    return make_world(db)


def make_world(db: Session) -> World:
    """Make an event of its own organization, with one of everything that an address can name."""
    event = make_event(db)
    registration, report = make_registration(db, event), make_report(db, event)
    links = {"registration": registration.id, "unsubscribe": registration.id, "report": report.id, "screen": event.id}
    created = {purpose: tokens.make(SECRET, purpose, id=number, version=1) for purpose, number in links.items()}
    values = {**ANYWHERE, **created, **_of_people(registration), **_of_event(db, event), **_of_doors(db, event)}
    values["scan"] = scan_of(db, values["device_id"], registration)
    about_accounts = mailed.values_of(db, event)
    bodies = _bodies(event, registration, values) | _bodies_at_doors(event, values) | mailed.bodies_of(about_accounts)
    return World(event, {**values, **about_accounts}, bodies)


def _of_people(registration: Registration) -> dict[str, Any]:
    return {"code": registration.code, "ticket": registration.ticket_id, "person_id": registration.id}


def _of_event(db: Session, event: Event) -> dict[str, Any]:
    speaker = Speaker(event_id=event.id, name={"tg": "Нигина"})
    channel = Channel(event_id=event.id, code=f"code{event.id}", name="A")
    db.add_all((speaker, channel))
    db.flush()
    return {
        "event_id": event.id,
        "organization_id": event.organization_id,
        "series_id": make_series(db, organization_id=event.organization_id).id,
        "slug": event.slug,
        "mailing_id": mailing_of(db, event),
        "row_id": speaker.id,
        "channel_id": channel.id,
        "short": channel.code,
    }


def _of_doors(db: Session, event: Event) -> dict[str, Any]:
    device, _ = make_device(db, make_door(db, event))
    door_pass, (scan, rival) = device.door_pass, conflict_of(db, event, device)
    assert door_pass is not None
    return {
        "door_id": door_pass.door_id,
        "pass_id": door_pass.id,
        "device_id": device.id,
        "scan_id": scan,
        "rival_id": rival,
        "walk_in": walk_in_of(db, device),
        "pairing": tokens.make(SECRET, "pairing", id=door_pass.id, version=1),
    }


def _bodies(event: Event, registration: Registration, values: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    door, session = str(values["door_id"]), str(event.sessions[0].id)
    return {
        "account.sign_in": {"data": {"email": ACCOUNT_EMAIL, "password": PASSWORD}},
        "account.choose_language": {"data": {"language": "tg"}},
        "own.edit": {"data": {"name": "Ann"}},
        "own.language": {"data": {"language": "tg"}},
        "own.move": {"data": {"ticket_type": str(registration.ticket_type_id)}},
        "organizer_mailings.write": {"data": MAILING},
        "organizer_mailings.rewrite": {"data": MAILING},
        "organizer_mailing.test": {"data": {"language": "tg"}},
        "organizer_mailing.schedule": {"data": {"at": f"{clock.now():%Y}-12-31T23:30"}},
        "organizer_share.add": {"data": {"name": "Telegram"}},
        "organizer_share.rename": {"data": {"name": "Telegram"}},
        "organizer_rows.add": {"data": {"name.tg": "Нигина"}},
        "organizer_pictures.picture": {"data": {"picture": (PICTURE, "photograph.png")}},
        "organizer_person.add": {"data": {"name": "Ann", "language": "tg"}},
        "organizer_person.edit": {"data": {"name": "Ann", "email": registration.email, "language": "tg"}},
        "organizer_acts.confirm": {"data": {"act": "cancel", "person": str(registration.id)}},
        "organizer_acts.do": {"data": {"act": "send_again", "person": str(registration.id)}},
        "organizer_person.undo": {"data": {"scan": str(values["scan"])}},
        "organizer_person.admit": {"data": {"door": door, "session": session}},
        "organizer_imports.look_ahead": {"data": {"file": (BytesIO(b"name,phone\nAnn,900000000"), "people.csv")}},
    }


def _bodies_at_doors(event: Event, values: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        "organizer_doors.add": {"data": {"name.tg": "Дар"}},
        "organizer_doors.rename": {"data": {"name.tg": "Дар"}},
        "organizer_doors.rules": {"data": {"opens": "30", "held": "10", "unlisted": "in"}},
        "organizer_doors.create": {"data": {"phones": "5"}},
        "organizer_doors.settle": {"data": {"note": "Two brothers"}},
        "organizer_doors.import_files": {"data": {"files": (BytesIO(hand_in_file(event)), "scans.json")}},
        "organizer_paper.check_in": {"data": {"door": str(values["door_id"]), "person": values["ticket"]}},
        "door_api.show_pass": {"json": {"secret": values["pairing"]}},
        "door_api.pair": {"json": {"secret": values["pairing"], "volunteer": "Sorbon", "device": str(uuid4())}},
        "door_api.receive_scans": {"json": {"device_time": 0, "scans": []}},
    }


def scan_of(db: Session, device_id: int, registration: Registration) -> UUID:
    """Check an attendee in; return the scan's id."""
    device = db.get_one(Device, device_id)
    scan = claim(device.event, person=registration.ticket_id)
    attendance.record(db, device=device, batch=Batch([scan]))
    return scan.id


def conflict_of(db: Session, event: Event, device: Device) -> tuple[UUID, UUID]:
    """Scan one ticket on two phones; return the ids of both scans."""
    second_device, _ = make_device(db, make_door(db, event))
    scans = [claim(event, person=make_registration(db, event).ticket_id)]
    scans.append(replace(scans[0], id=uuid4()))
    for phone, scan in zip((device, second_device), scans, strict=True):
        attendance.record(db, device=phone, batch=Batch([scan]))
    return scans[0].id, scans[1].id


def mailing_of(db: Session, event: Event) -> int:
    """Make a mailing that is not sent yet; return its id."""
    mailing = Mailing(event_id=event.id, audience="confirmed", subject={"tg": "Хабар"}, body={"tg": "Салом"})
    db.add(mailing)
    db.flush()
    return mailing.id


def walk_in_of(db: Session, device: Device) -> str:
    """Record a walk-in; return the id."""
    walk_in = WalkIn(id=uuid4(), name="Фирӯза", language="tg")
    attendance.record(db, device=device, batch=Batch([], walk_ins=[walk_in]))
    return str(walk_in.id)


def hand_in_file(event: Event) -> bytes:
    """Return the file of a phone without scans."""
    file = {"format": "turnout-scans", "version": 1, "event": event.id, "phone": str(uuid4()), "made_at": 1}
    return json.dumps(file).encode()


def access_of(rule: Rule) -> Access:
    """Return the declared access of a route."""
    route = APP.view_functions[rule.endpoint]
    assert isinstance(route, Route)
    return route.access


def method_of(rule: Rule) -> str:
    """Return the method of a route, which has one."""
    return "POST" if "POST" in (rule.methods or ()) else "GET"


def named(rule: Rule) -> str:
    """Return the name of a route for pytest."""
    return f"{method_of(rule)} {rule.rule}"


def address(rule: Rule, values: Mapping[str, Any]) -> str:
    """Return the address of a route, from these values and the token that belongs there."""
    purposes = {"reports": "report", "screen": "screen", "u": "unsubscribe"}
    purpose = mailed.TOKENS.get(rule.rule) or purposes.get(rule.rule.split("/")[1], "registration")
    known = {**values, "token": values[purpose]}
    built = rule.build({name: known[name] for name in rule.arguments})
    assert built is not None
    return built[1]
