"""axe finds nothing on any page, light and dark (WCAG 2.2 AA); in one language here, in all with TURNOUT_TESTS=all."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select

from shared import clock, links, tokens
from shared.database import make_sessions
from shared.models import Door, Event, Registration
from shared.registrations import self_service
from shared.registrations.new_registration import NewRegistration
from tests.journeys.conftest import Installation
from tests.support import accessibility as obstacles
from tests.support.accessibility import SPOKEN

OF_THE_DEMO = Event.series_id.is_not(None)
"""And of no other test before this one."""


@pytest.fixture(scope="module")
def registered(installation: Installation) -> Iterator[Registration]:
    """Register a person with a companion for the demo's open discussion; wait for the codes of their tickets."""
    with installation.sessions.begin() as db:
        event = db.scalars(
            select(Event).where(Event.slug.startswith("open-discussion"), Event.ends_at > clock.now())
        ).one()
        address = f"seeing-{uuid4().hex}@example.org"
        new_registration = NewRegistration(name="Мадина Намунаева", language="tg", email=address, companions=("Шариф",))
        registration = self_service.register(db, slug=event.slug, new_registration=new_registration).registration
    installation.letter(address)
    # No transaction: PostgreSQL would end one that stands idle while pages are looked at.
    with make_sessions(installation.engine.execution_options(isolation_level="AUTOCOMMIT"))() as db:
        yield db.get_one(Registration, registration.id)


def visitor_pages(installation: Installation, registration: Registration, language: str) -> list[str]:
    with installation.sessions.begin() as db:
        slugs = db.scalars(select(Event.slug).where(OF_THE_DEMO).order_by(Event.id)).all()
    token = tokens.make(installation.secrets[0], "registration", id=registration.id, version=registration.version)
    own = [links.registration(language, token), links.ticket(registration.code or ""), f"/{language}/my"]
    public = [links.home(language), *(links.event(language, slug) for slug in slugs)]
    account = [f"/account/{path}" for path in ("sign-in", "sign-in/link", "reset", "sent", "reset/x", "invitation/x")]
    return [*public, links.sent(language, slugs[-1]), *own, *account, "/mailbox/", "/nothing-here"]


def organizer_pages(installation: Installation, registration: Registration) -> list[str]:
    event = f"/organize/events/{registration.event_id}"
    with installation.sessions.begin() as db:
        door_id = db.scalars(select(Door.id).where(Door.event_id == registration.event_id)).first()
        about_event = db.get_one(Event, registration.event_id)
        by_hand = db.scalars(select(Event.id).where(OF_THE_DEMO, Event.headcount.is_not(None))).first()
        screen = tokens.make(installation.secrets[0], "screen", id=about_event.id, version=about_event.screen_version)
        year = f"/organize/organizations/{about_event.organization_id}/years/2018"
    figures = [f"{event}/sign-ups", f"/organize/series/{about_event.series_id}", year, links.screen(screen)]
    figures += [links.event_report(by_hand)] if by_hand else []
    doors = [f"{event}/doors/", f"{event}/doors/paper", f"{event}/doors/{door_id}/card"]
    histories = [f"{event}/audit", f"/organize/organizations/{about_event.organization_id}/audit", "/account/history"]
    return ["/organize/", f"{event}/", f"{event}/live", *doors, *figures, f"{event}/report", *histories]


def faults(page: Page, address: str) -> list[str]:
    """Return axe's findings on a page, light and dark: rule, and where."""
    page.goto(address)
    return obstacles.faults_in_both_themes(page, address)


def context_of(browser: Browser, language: str) -> BrowserContext:
    return browser.new_context(viewport={"width": 360, "height": 640}, locale=language)


@pytest.mark.parametrize("language", SPOKEN)
def test_a_visitor_finds_no_obstacle(
    installation: Installation, visitor: Browser, registered: Registration, language: str
) -> None:
    page = context_of(visitor, language).new_page()
    addresses = visitor_pages(installation, registered, language)
    assert [fault for path in addresses for fault in faults(page, installation.address(path))] == []


@pytest.mark.parametrize("language", SPOKEN)
def test_an_organizer_finds_no_obstacle(
    installation: Installation, visitor: Browser, registered: Registration, language: str
) -> None:
    page = context_of(visitor, language).new_page()
    installation.sign_in(page)
    addresses = organizer_pages(installation, registered)
    assert [fault for path in addresses for fault in faults(page, installation.address(path))] == []


def test_a_colour_that_cannot_be_read_in_one_theme_alone_is_found(visitor: Browser) -> None:
    page = context_of(visitor, "tg").new_page()
    for theme in ("light", "dark"):
        style = f"body {{ background: white }} @media (prefers-color-scheme: {theme}) {{ p {{ color: #ccc }} }}"
        body = "<main><h1>Саҳифа</h1><p>Матн</p></main>"
        page.set_content(f"<html lang=tg><title>Саҳифа</title><style>{style}</style>{body}</html>")
        (fault,) = obstacles.faults_in_both_themes(page, "here")
        assert "color-contrast" in fault
        assert ("here, dark" in fault) == (theme == "dark")
