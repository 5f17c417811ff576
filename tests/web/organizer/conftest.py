"""Members of an event's organization with their browsers, phones at its doors, and a mailing."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.mailings import mailings
from shared.models import Account, Device, Event, Mailing, Organization, Registration, Shift
from tests.factories import make_account, make_device, make_door, make_event, make_registration, make_sign_in
from tests.support.mailing_form import FIELDS
from tests.support.scans import claim, hand_in

Twice = Callable[..., tuple[UUID, UUID]]
Begin = Callable[[], Mailing]


@pytest.fixture
def event(db: Session) -> Event:
    """An event that is on."""
    return make_event(db, starts_at=clock.now() - timedelta(minutes=40), capacity=50)


@pytest.fixture
def organization(event: Event) -> Organization:
    """The event's organization."""
    return event.organization


@pytest.fixture
def account(db: Session, organization: Organization) -> Account:
    """An organizer of the event."""
    return make_account(db, organization=organization, role="organizer")


@pytest.fixture
def organizer(client: FlaskClient, db: Session, account: Account) -> FlaskClient:
    """The organizer's browser."""
    client.set_cookie("sign_in", make_sign_in(db, account))
    return client


@pytest.fixture
def viewer(client: FlaskClient, db: Session, organization: Organization) -> FlaskClient:
    """The browser of a viewer."""
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, organization=organization, role="viewer")))
    return client


@pytest.fixture
def owner(client: FlaskClient, db: Session, organization: Organization) -> FlaskClient:
    """The browser of an owner."""
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, organization=organization, role="owner")))
    return client


@pytest.fixture
def phone(db: Session, event: Event) -> Device:
    """A phone at the north door that was paired before the event."""
    return paired(db, event, "Нигина")


@pytest.fixture
def shown_twice(db: Session, event: Event) -> Twice:
    """Return a function that scans one ticket at the north and then at the south door, and returns both ids."""
    phones = [paired(db, event, "Нигина"), paired(db, event, "Далер", name={"en": "South door"})]

    def show(guest: Registration | None = None, *, apart: timedelta = timedelta(minutes=5)) -> tuple[UUID, UUID]:
        person = (guest or make_registration(db, event)).ticket_id
        start = clock.now() - timedelta(minutes=30)
        stamps = [clock.milliseconds(start), clock.milliseconds(start + apart)]
        scans = [claim(event, person=person, at=at) for at in stamps]
        for device, scan in zip(phones, scans, strict=True):
            hand_in(db, device, scan)
        return scans[0].id, scans[1].id

    return show


@pytest.fixture
def draft(db: Session, event: Event, account: Account) -> Mailing:
    """A mailing to confirmed attendees, written in two of three languages."""
    texts = {"subject": {"tg": "Хабар", "ru": "Новость"}, "body": {"tg": FIELDS["body.tg"], "ru": FIELDS["body.ru"]}}
    return mailings.write(db, event=event, by=account, audience="confirmed", **texts)


@pytest.fixture
def begin(db: Session, event: Event, draft: Mailing, account: Account) -> Begin:
    """Return a function that sends the draft and enqueues its emails."""

    def send() -> Mailing:
        mailings.send(db, mailing=draft, by=account)
        mailings.begin(db, mailing_id=draft.id, now=clock.now())
        return draft

    return send


def paired(db: Session, event: Event, volunteer: str, **door: object) -> Device:
    """Make a phone at a door of its own, with a volunteer's shift."""
    device, _ = make_device(db, make_door(db, event, **door), stamps_from=clock.now() - timedelta(hours=3))
    db.add(Shift(device_id=device.id, since=0, name=volunteer))
    db.flush()
    return device
