"""Obstacles on a page: axe's findings, and elements wider than a phone."""

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
    """Wait until a new page has its styles, scripts and fonts, and nothing on it fades or moves."""
    page.wait_for_load_state()
    page.evaluate(STILL)


def faults(page: Page, where: str, rules: dict[str, list[str]] = RULES) -> list[str]:
    """Return axe's findings on a page (WCAG 2.2 AA): where, rule and element."""
    settle(page)
    violations = Axe().run(page, options=rules).response["violations"]
    return [f"{where}: {violation['id']}: {violation['nodes'][0]['html'][:160]}" for violation in violations]


def faults_in_both_themes(page: Page, where: str) -> list[str]:
    """Return axe's findings on a page, light and dark; leave it light."""
    page.emulate_media(color_scheme="dark")
    dark_faults = faults(page, f"{where}, dark", COLOUR_RULES)
    page.emulate_media(color_scheme="light")
    return dark_faults + faults(page, where)


def assert_none(page: Page) -> None:
    """Assert that axe finds nothing on the page, and that it is no wider than a phone."""
    assert faults(page, page.url) == []
    assert_fits(page)


def assert_fits(page: Page) -> None:
    """Assert that nothing is wider than a phone."""
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH, page.url
