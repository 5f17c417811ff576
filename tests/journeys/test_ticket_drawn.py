"""A ticket's code appears on the page when it is drawn, and disturbs no one who works beside it."""

from uuid import uuid4

from playwright.sync_api import Browser, expect

from shared import links, tokens
from shared.models import Registration
from shared.papers import qr
from tests.factories import make_code, make_event, make_organization, make_registration
from tests.journeys.conftest import Installation
from tests.support.browser import phone


def test_what_is_typed_beside_a_ticket_stays_when_its_code_comes(installation: Installation, visitor: Browser) -> None:
    with installation.sessions.begin() as db:
        organizer = make_organization(db, slug=uuid4().hex)
        event = make_event(db, organization_id=organizer.id, slug=uuid4().hex)
        row = make_registration(db, event, code=None)
        number, version, ticket_id = row.id, row.version, row.ticket_id
    token = tokens.make(installation.secrets[0], "registration", id=number, version=version)
    page = phone(visitor, language="en").new_page()
    page.goto(installation.address(links.registration("en", token)))
    expect(page.locator(".qr-soon")).to_be_visible()
    page.locator("#edit summary").click()
    page.locator("#edit input[name=name]").fill("Зарина Раҳимова")
    with installation.sessions.begin() as db:
        registration = db.get_one(Registration, number)
        registration.code = make_code(db, registration.event, ticket_id)
        registration.qr = qr.svg(links.ticket_code(installation.address(""), registration.code))
    expect(page.locator(".qr svg")).to_be_visible(timeout=30_000)
    expect(page.locator("#edit input[name=name]")).to_have_value("Зарина Раҳимова")
    expect(page.locator("#edit")).to_have_attribute("open", "")
    expect(page.locator(".qr-soon")).to_have_count(0)
