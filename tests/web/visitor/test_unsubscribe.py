"""News of an organization: unsubscribed from an email, and subscribed again."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import links, tokens
from shared.models import Event, Unsubscription
from tests.factories import SECRET, make_event, make_registration
from tests.support.registration_form import own_address


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, slug="talks", capacity=30)


def test_an_email_program_unsubscribes_without_cookies(client, db, event):
    registration = make_registration(db, event, language="en")
    address = links.unsubscribe(tokens.make(SECRET, "unsubscribe", id=registration.id, version=1))
    assert "Stop news" in client.get(address).text
    assert not refused_news(db)
    for _ in range(2):
        answer = client.post(address, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "You no longer get news" in answer.text
    assert refused_news(db) == [(event.organization_id, registration.contact_key)]


def test_the_same_page_subscribes_again(client, db, event):
    registration = make_registration(db, event, language="en")
    address = links.unsubscribe(tokens.make(SECRET, "unsubscribe", id=registration.id, version=1))
    own = own_address(registration)
    assert address not in client.get(own).text
    client.post(address)
    page = client.get(address).text
    assert "does not send you reminders before an event, thank-you emails after it or any other news" in page
    [again] = re.findall(r'action="(/u/[^"]+)"', page)
    client.get(again)
    assert f'href="{address}"' in client.get(own).text, "the way back to it, and that reading a link changes nothing"
    for _ in range(2):
        answer = client.post(again)
        assert "You get news again." in answer.text
        assert "Stop news" in answer.text
    assert not refused_news(db)


def test_only_this_organizations_news_is_subscribed_again(client, db, event):
    for registration in (make_registration(db, event), make_registration(db, make_event(db))):
        registration.contact_key = "madina@example.org"
        db.flush()
        link = links.unsubscribe(tokens.make(SECRET, "unsubscribe", id=registration.id, version=1))
        client.post(link)
    client.post(f"{link}/again")
    assert refused_news(db) == [(event.organization_id, "madina@example.org")]


def refused_news(db: Session) -> list[tuple[int, str]]:
    return [
        (unsubscription.organization_id, unsubscription.contact_key)
        for unsubscription in db.scalars(select(Unsubscription))
    ]


def test_the_link_of_a_ticket_does_not_unsubscribe(client, db, event):
    registration = make_registration(db, event)
    token = tokens.make(SECRET, "registration", id=registration.id, version=1)
    assert client.post(links.unsubscribe(token)).status_code == 404
