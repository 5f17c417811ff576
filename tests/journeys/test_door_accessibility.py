"""The door for everyone: axe finds nothing in any state (WCAG 2.2 AA), nothing is cut off, the keyboard is enough.

In one language here, in all with TURNOUT_TESTS=all.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Playwright, ViewportSize, expect

from tests.journeys.conftest import Installation
from tests.support import accessibility as obstacles
from tests.support import open_event as evening
from tests.support.accessibility import SPOKEN
from tests.support.browser import PATIENCE, browser
from tests.support.door_acts import show, shows
from tests.support.door_states import IDS, ONE, PEOPLE, STILL, WALKS, Server, ticket

LOOKS = ("dark", "day")
MOST_TABS = 25
NARROW: ViewportSize = {"width": 320, "height": 568}
OUTLINED = """
() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
}
"""
PARTS = ".page, .scanner, .sheet, .status, .stage, .verdict, .view, .actions"
"""What may not be wider than itself."""
TOO_WIDE = f"""
() => [document.documentElement, ...document.querySelectorAll("{PARTS}")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.className || each.localName)
"""


@pytest.fixture(scope="module")
def seeing(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Launch a browser whose camera films an empty picture."""
    film = evening.queue(tmp_path_factory.mktemp("films") / "nobody.mjpeg", [], before=1, after=1)
    with browser(playwright, camera=film) as launched:
        yield launched


@contextmanager
def at_a_door(seeing: Browser, installation: Installation, language: str = "tg") -> Iterator[tuple[Page, Server]]:
    """Open a phone without animations, and the server of its door."""
    context = seeing.new_context(
        base_url=installation.address("/"),
        viewport=NARROW,
        locale=language,
        service_workers="block",
        permissions=["camera"],
        reduced_motion="reduce",
    )
    with context:
        context.set_default_timeout(PATIENCE)
        page, server = context.new_page(), Server()
        page.add_init_script(STILL)
        page.route("**/api/door/**", server.answer)
        yield page, server


def faults_of(page: Page, state: str) -> list[str]:
    """Return the faults of a state in both themes, and the elements that do not fit."""
    faults = [f"{state}: too wide: {part}" for part in page.evaluate(TOO_WIDE)]
    for look, rules in zip(LOOKS, (obstacles.COLOUR_RULES, obstacles.RULES), strict=True):
        page.evaluate(f"document.documentElement.dataset.look = '{look}'")
        faults += obstacles.faults(page, f"{state}, {look}", rules)
    return faults


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_no_state_has_an_obstacle(
    installation: Installation, seeing: Browser, walk: Callable[[Page, Server], Iterator[str]], language: str
) -> None:
    with at_a_door(seeing, installation, language) as (page, server):
        assert [fault for state in walk(page, server) for fault in faults_of(page, state)] == []


def test_waiting_for_the_scanner_has_no_obstacle(installation: Installation, seeing: Browser) -> None:
    with at_a_door(seeing, installation) as (page, _):
        page.route("**/built/door.js*", lambda script: script.abort())
        page.goto("/door/")
        expect(page.locator("main p")).to_contain_text("Firefox 115")
        assert faults_of(page, "the scanner on its way") == []


# By keyboard ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(installation: Installation, seeing: Browser) -> Iterator[Page]:
    """Return the page of a phone with a keyboard, before it is paired."""
    with at_a_door(seeing, installation) as (page, _):
        yield page


def is_at(page: Page, selector: str) -> None:
    """Assert that the keyboard focus is there, and visible."""
    expect(page.locator(selector)).to_be_focused()
    assert page.evaluate(OUTLINED), selector


def go_to(page: Page, selector: str) -> None:
    """Press Tab until the keyboard focus is there."""
    for _ in range(MOST_TABS):
        if page.evaluate(f"document.activeElement.matches({json.dumps(selector)})"):
            break
        page.keyboard.press("Tab")
    is_at(page, selector)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def start(page: Page) -> None:
    """Pair and begin."""
    page.goto("/door/#secret")
    is_at(page, "[name=volunteer]")
    page.keyboard.insert_text("Нигина")
    press(page, "Enter")
    is_at(page, "[data-action=start]")
    press(page, "Enter")
    expect(page.locator("[data-count=list]")).to_contain_text(f"{len(PEOPLE)}")


def test_the_keyboard_pairs_starts_and_admits_by_name(page: Page) -> None:
    start(page)
    go_to(page, "[data-action=search]")
    press(page, "Enter")
    is_at(page, "[name=who]")
    page.keyboard.insert_text("jahongir")
    press(page, "Enter")
    is_at(page, f"[data-person='{IDS[ONE]}']")
    press(page, "Enter")
    is_at(page, "[data-action=admit]")
    press(page, "Enter")
    shows(page, "admitted", list(PEOPLE)[ONE])
    expect(page.locator("[data-sheet]")).to_have_count(0)
    is_at(page, "[data-action=search]")
    press(page, "Escape")
    expect(page.locator("[data-verdict]")).to_have_count(0)


def test_the_keyboard_lets_in_a_walk_in_and_takes_them_back(page: Page) -> None:
    start(page)
    go_to(page, "[data-action=search]")
    press(page, "Enter")
    page.keyboard.insert_text("Баҳром Қодиров")
    press(page, "Enter")
    is_at(page, "[data-action=walk-in]")
    press(page, "Enter")
    is_at(page, "[data-action=let-in]")
    press(page, "Enter")
    shows(page, "admitted", "Баҳром Қодиров")
    show(page, ticket(ONE), "admitted", list(PEOPLE)[ONE])
    go_to(page, "[data-action=undo]")
    press(page, "Enter")
    is_at(page, "[data-reason=wrong_person]")
    go_to(page, ".earlier .person")
    press(page, "Enter")
    is_at(page, ".earlier [data-reason=wrong_person]")
    press(page, "Tab", "Enter")
    shows(page, "taken_back", "Баҳром Қодиров")
    is_at(page, "[data-action=undo]")
    expect(page.locator("[data-count=in]")).to_have_text("1")


def test_the_keyboard_stays_in_a_sheet_and_comes_back_to_where_it_was(page: Page) -> None:
    start(page)
    for action in ("menu", "search"):
        go_to(page, f"[data-action={action}]")
        press(page, "Enter")
        expect(page.locator(f"[data-sheet={action}]")).to_be_visible()
        for _ in range(MOST_TABS):
            press(page, "Tab")
            assert page.evaluate("document.activeElement.closest('.scanner')") is None
        press(page, "Escape")
        expect(page.locator("[data-sheet]")).to_have_count(0)
        is_at(page, f"[data-action={action}]")
    go_to(page, "[data-action=menu]")
    press(page, "Enter")
    go_to(page, "[data-language=en]")
    press(page, "Enter")
    expect(page.locator("[data-sheet][open] h2")).to_have_text("More")
    press(page, "Escape")
    is_at(page, "[data-action=menu]")
