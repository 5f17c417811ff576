"""A warning about two doors interrupts a volunteer who types, and loses nothing."""

from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Installation
from tests.support import open_event as evening
from tests.support.browser import phone
from tests.support.door_acts import show

TYPED = "Гулнора Нав"


def shown_at_both(north: Page, south: Page, code: str) -> None:
    """Check one ticket in at both doors, the southern without a network; interrupt the northern."""
    expect(south.locator(".trouble")).to_contain_text("No network")
    show(south, code, "admitted")
    south.context.set_offline(False)
    expect(north.locator("[data-verdict=conflict]")).to_be_visible()


def test_a_half_typed_name_comes_back_after_the_warning(installation: Installation, visitor: Browser) -> None:
    tonight = evening.begin(installation, people=2, doors=("North", "South"))
    with phone(visitor, language="en") as north_phone, phone(visitor, language="en") as south_phone:
        south = evening.pair(south_phone, tonight.doors[1], volunteer="Далер")
        south.context.set_offline(True)
        north = evening.pair(north_phone, tonight.doors[0], volunteer="Нигина")
        # Its verdict would close the search.
        show(north, tonight.codes[0], "admitted")
        expect(north.locator("[data-count=waiting]")).to_have_text("0")
        north.locator("[data-action=search]").click()
        north.locator("input[name=who]").fill(TYPED)
        shown_at_both(north, south, tonight.codes[0])
        expect(north.locator("[data-sheet=search]")).to_have_count(0)
        north.locator("[data-action=search]").click()
        expect(north.locator("input[name=who]")).to_have_value(TYPED)
        expect(north.locator("[data-action=walk-in]")).to_contain_text(TYPED)
        north.locator("[data-action=close]").click()
        north.locator("[data-action=search]").click()
        expect(north.locator("input[name=who]")).to_have_value("")
