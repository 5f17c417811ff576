"""The first screen of a cheap phone: the ticket's code, a whole head, and ways to share that work."""

import io
from uuid import uuid4

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from shared import links, tokens
from shared.config import LANGUAGES
from shared.models import Event, Registration
from shared.papers import qr
from tests.factories import make_code, make_event, make_organization, make_registration
from tests.journeys.conftest import Installation
from tests.support.accessibility import assert_fits, settle
from tests.support.browser import phone

OWN = f"first-screen-{uuid4().hex}"
LEFT_BY_BARS = 560
"""Pixels of a screen of 640 that the bars of a browser leave."""


ROOM_BELOW_NAME = """() => {
  const name = document.createRange();
  name.selectNodeContents(document.querySelector(".ticket-name"));
  return document.querySelector(".qr").getBoundingClientRect().top - name.getBoundingClientRect().bottom;
}"""
"""Pixels between the letters of a name, from their highest to their lowest ends, and the white of its code."""


@pytest.fixture(scope="module")
def ticket(installation: Installation) -> Registration:
    """Add a registration with a long name; return it with its code."""
    with installation.sessions.begin() as db:
        organizer = make_organization(db, slug=OWN)
        title = dict.fromkeys(LANGUAGES, "Он чи худ аз сар гузаронидем")
        event = make_event(db, organization_id=organizer.id, slug=OWN, title=title)
        registration = make_registration(db, event, name="Муҳаммадшариф Абдуманнонзода", code=None)
        registration.code = make_code(db, event, registration.ticket_id)
        registration.qr = qr.svg(links.ticket_code(installation.address(""), registration.code))
    return registration


def own_address(installation: Installation, registration: Registration, language: str) -> str:
    token = tokens.make(installation.secrets[0], "registration", id=registration.id, version=registration.version)
    return installation.address(links.registration(language, token))


def lower_edge(page: Page) -> float:
    box = page.locator(".qr svg").bounding_box()
    assert box
    return box["y"] + box["height"]


def test_the_code_is_read_from_the_first_screen_in_every_language(
    installation: Installation, visitor: Browser, ticket: Registration
) -> None:
    page = phone(visitor).new_page()
    addresses = [own_address(installation, ticket, language) for language in LANGUAGES]
    for address in (*addresses, installation.address(links.ticket(ticket.code or ""))):
        page.goto(address)
        settle(page)
        assert lower_edge(page) <= LEFT_BY_BARS, address
        assert page.evaluate(ROOM_BELOW_NAME) >= 0, "the tails of its letters are not cut"
        with Image.open(io.BytesIO(page.screenshot())) as picture:
            read = zxingcpp.read_barcode(picture.convert("L"))
        assert read, address
        assert read.text == links.ticket_code(installation.address(""), ticket.code or "")


def test_the_head_stays_whole_when_text_is_twice_as_large(
    installation: Installation, visitor: Browser, ticket: Registration
) -> None:
    page = phone(visitor).new_page()
    paths = ("/tg/", links.event("tg", OWN), links.my_registrations("tg"), "/account/sign-in")
    for address in (own_address(installation, ticket, "tg"), *map(installation.address, paths)):
        page.goto(address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert_fits(page)
        name = page.locator(".wordmark").bounding_box()
        assert name
        assert name["height"] < 120, f"{address}: one line"


def test_sharing_is_offered_only_where_it_works(
    installation: Installation, visitor: Browser, ticket: Registration
) -> None:
    """A phone without scripts, a web view that knows no share, and a phone that does."""
    share = "navigator.share = async (link) => document.body.dataset.shared = link.url;"
    for javascript, script in ((False, ""), (True, "delete Navigator.prototype.share;"), (True, share)):
        context = visitor.new_context(java_script_enabled=javascript, locale="en")
        context.add_init_script(script)
        page = context.new_page()
        page.goto(own_address(installation, ticket, "en"))
        button = page.get_by_role("button", name="Share", exact=True)
        for name in ("WhatsApp", "Telegram"):
            expect(page.get_by_role("link", name=name)).to_be_visible()
        if script == share:
            button.click()
            expect(page.locator("body")).to_have_attribute("data-shared", installation.address(links.event("tg", OWN)))
        else:
            settle(page)
            expect(button).to_have_count(0)
        context.close()


def test_a_link_to_give_out_is_copied_with_one_touch(installation: Installation, visitor: Browser) -> None:
    page = visitor.new_context(locale="en", permissions=["clipboard-read", "clipboard-write"]).new_page()
    with installation.sessions.begin() as db:
        event_id = db.scalars(select(Event.id).where(Event.state == "published").order_by(Event.id)).first()
    installation.sign_in(page)
    page.goto(installation.address(f"/organize/events/{event_id}/live"))
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.get_by_label("Link", exact=True).input_value()
