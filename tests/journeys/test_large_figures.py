"""Figures of a hall of thousands: on one line, in their column, and clear of the chart, on any screen."""

from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select, text

from bench import crowd
from shared import clock, links, tokens
from shared.command.demo.load import SLUG
from shared.config import LANGUAGES
from shared.models import Event, Organization
from shared.reports import reports
from tests.factories import make_device, make_door, make_event
from tests.journeys.conftest import Installation
from tests.support.accessibility import settle

PEOPLE = 10_600
SCREENS = ((360, 640), (1024, 768), (1280, 720), (1920, 1080))
MISPLACED = """() => {
  const chart = document.querySelector(".figure, .screen-chart").getBoundingClientRect();
  const wrong = [...document.querySelectorAll(".numbers-large strong, .screen-numbers dd")].filter((number) => {
    const text = document.createRange();
    text.selectNodeContents(number);
    const lines = new Set([...text.getClientRects()].map((line) => Math.round(line.top)));
    const box = text.getBoundingClientRect();
    const column = number.closest(".numbers-large, .screen-numbers").getBoundingClientRect();
    const isClear =
      box.right <= chart.left || chart.right <= box.left || box.bottom <= chart.top || chart.bottom <= box.top;
    return lines.size > 1 || !isClear || box.right > column.right + 1 || box.right > innerWidth;
  });
  return wrong.map((number) => `${number.dataset.live}: ${number.textContent}`);
}"""
"""Numbers that break, stick out of their column, or lie over the chart."""
CROWDED = """() => {
  const row = document.querySelector(".numbers-report").getBoundingClientRect();
  const boxes = [...document.querySelectorAll(".numbers-report strong")].map((number) => {
    const text = document.createRange();
    text.selectNodeContents(number);
    return [number.textContent, text.getBoundingClientRect()];
  });
  const touches = (one, other) =>
    one.left < other.right + 8 && other.left < one.right + 8 && one.top < other.bottom && other.top < one.bottom;
  const wrong = boxes.filter(
    ([, box], at) => box.right > row.right + 1 || boxes.some(([, other], place) => place !== at && touches(box, other)),
  );
  const isWide = document.documentElement.scrollWidth > innerWidth;
  return [...wrong.map(([text]) => text), ...(isWide ? ["page"] : [])];
}"""
"""Numbers of a report that stick out of their row or come nearer than 8 px to another, and a page that is too wide."""


@pytest.fixture(scope="module")
def event(installation: Installation) -> Event:
    """Add an event with more than ten thousand attendees."""
    with installation.sessions.begin() as db:
        owner = db.scalars(select(Organization.id).where(Organization.slug == SLUG)).one()
        row = make_event(db, slug=uuid4().hex, organization_id=owner, starts_at=clock.now(), capacity=12_000)
        make_device(db, make_door(db, row))
        crowd.register(db, event=row, people=PEOPLE)
        crowd.scan_everyone(db, event=row)
        # As autovacuum does within a minute; until then plans are made for the few rows of before.
        db.execute(text("ANALYZE registration, admission, scan"))
    return row


def misplaced(page: Page, address: str) -> dict[tuple[int, int], list[str]]:
    page.goto(address)
    numbers_by_screen = {}
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        numbers_by_screen[width, height] = page.evaluate(MISPLACED)
    assert page.locator("[data-live=inside].is-long, [data-live=expected].is-long").count() == 2
    return {screen: numbers for screen, numbers in numbers_by_screen.items() if numbers}


def test_five_digits_fit_the_live_page_and_the_projector_in_every_language(
    installation: Installation, visitor: Browser, event: Event
) -> None:
    page = installation.sign_in(visitor.new_page())
    screen = links.screen(tokens.make(installation.secrets[0], "screen", id=event.id, version=event.screen_version))
    for language in LANGUAGES:
        page.context.add_cookies([{"name": "language", "value": language, "url": installation.address("/")}])
        for path in (screen, links.live(event.id)):
            assert misplaced(page, installation.address(path)) == {}, f"{path} in {language}"


def test_five_digits_fit_the_report_and_what_partners_see_of_it_in_every_language(
    installation: Installation, visitor: Browser, event: Event
) -> None:
    with installation.sessions.begin() as db:
        db.get_one(Event, event.id).doors_closed_at = clock.now()
        db.flush()
        report = reports.compile_report(db, event_id=event.id, now=clock.now())
        assert report
        token = tokens.make(installation.secrets[0], "report", id=report.id, version=report.link_version)
    page = installation.sign_in(visitor.new_page())
    crowded = {}
    for language in LANGUAGES:
        page.context.add_cookies([{"name": "language", "value": language, "url": installation.address("/")}])
        for path in (links.event_report(event.id), links.report(token)):
            page.goto(installation.address(path))
            assert page.locator(".numbers-report strong").count() == 6
            for width, height in SCREENS[:2]:
                page.set_viewport_size({"width": width, "height": height})
                settle(page)
                crowded[path, language, width] = page.evaluate(CROWDED)
    assert {where: numbers for where, numbers in crowded.items() if numbers} == {}
