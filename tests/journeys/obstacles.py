"""What stands in somebody's way on a page: axe's findings, and what a phone would have to be turned for."""

import os

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from shared.config import LANGUAGES

ALL = os.environ.get("TURNOUT_TESTS") == "all"
SPOKEN = LANGUAGES if ALL else ("tg",)
"""The languages that pages are looked at in: one here, all of them by hand."""

# What passes is not described element by element: that costs more than to look.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
COLOUR_RULES = RULES if ALL else {**RULES, "runOnly": ["color-contrast", "link-in-text-block"]}
"""What a page is asked again when its colours change: nothing else can differ."""
PHONE_WIDTH = 360
STILL = """
async () => {
  await document.fonts.ready;
  await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)));
}
"""


def settle(page: Page) -> None:
    """A page that was only just asked for has its styles, scripts and letters, and nothing on it fades or moves."""
    page.wait_for_load_state()
    page.evaluate(STILL)


def faults(page: Page, where: str, rules: dict[str, list[str]] = RULES) -> list[str]:
    """What axe has against a page (WCAG 2.2 AA): where, rule and element."""
    settle(page)
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{where}: {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def faults_in_both_themes(page: Page, where: str) -> list[str]:
    """What axe has against a page, light and dark; leaves it light."""
    page.emulate_media(color_scheme="dark")
    found = faults(page, f"{where}, dark", COLOUR_RULES)
    page.emulate_media(color_scheme="light")
    return found + faults(page, where)


def assert_none(page: Page) -> None:
    """Nothing hinders anybody on the page, and it is no wider than a phone."""
    assert faults(page, page.url) == []
    assert_fits(page)


def assert_fits(page: Page) -> None:
    """Nothing sticks out of a phone."""
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH, page.url
