"""An event's cover on pages: its photograph wherever the cloth would be, or the cloth."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock, links, tokens
from shared.models import Event
from tests.factories import (
    SECRET,
    make_account,
    make_event,
    make_picture,
    make_registration,
    make_report,
    make_sign_in,
)
from web import covers


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, starts_at=clock.now() - timedelta(days=1), picture=make_picture(db))


def addresses(client: FlaskClient, db: Session, event: Event) -> dict[str, str]:
    """Return the address of every page with the event's cover."""
    registration, report = make_registration(db, event), make_report(db, event)
    account = make_account(db, organization=event.organization, role="viewer")
    client.set_cookie("sign_in", make_sign_in(db, account))
    own = tokens.make(SECRET, "registration", id=registration.id, version=1)
    return {
        "list": links.home("en"),
        "event": links.event("en", event.slug),
        "ticket": links.ticket(registration.code or ""),
        "own": links.registration("en", own),
        "report": links.report(tokens.make(SECRET, "report", id=report.id, version=report.link_version)),
        "organizer's list": "/organize/",
    }


def photographs(client: FlaskClient, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.findall(r'<img class="cloth photograph" src="([^"]+)" alt=""', answer.text)


def test_every_page_that_has_a_cover_shows_the_photograph(client: FlaskClient, db: Session, event: Event) -> None:
    for name, address in addresses(client, db, event).items():
        size = "tile" if "list" in name else "wide"
        assert photographs(client, address) == [links.picture(str(event.picture), size)], name


def test_without_one_each_shows_the_weave(client: FlaskClient, db: Session, event: Event) -> None:
    event.picture = None
    for name, address in addresses(client, db, event).items():
        page = client.get(address).text
        assert '<svg class="cloth"' in page, name
        assert 'src="/img/' not in page, name


def test_the_title_is_read_on_the_ground_of_the_weave(event: Event) -> None:
    fronted = covers.wide(event)
    event.picture = None
    woven = covers.wide(event)
    assert (fronted.ground, fronted.ink) == (woven.ground, woven.ink)
    assert fronted.cloth != woven.cloth
