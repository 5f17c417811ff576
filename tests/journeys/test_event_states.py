"""Each state of an event's page on a phone: its message, and whether registration is offered."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from shared import clock, links
from shared.i18n import use_language
from tests.journeys.conftest import Installation, Make
from tests.support import accessibility as obstacles
from tests.support.accessibility import SPOKEN
from tests.support.browser import phone
from tests.support.page_words import counted, translated

DAY = timedelta(days=1)


STATES: dict[str, tuple[dict[str, Any], str, bool]] = {
    "open": ({"capacity": 40}, "%(seats)s seats left", True),
    "few seats": ({"capacity": 3}, "Only %(seats)s seats left", True),
    "full with a waiting list": ({"capacity": 0}, "Join the waiting list", True),
    "full": ({"capacity": 0, "waiting_list": False}, "All seats are taken.", False),
    "not open yet": ({"opens_at": clock.now() + DAY}, "Registration opens: %(moment)s.", False),
    "closed": ({"closes_at": clock.now() - DAY}, "Registration is closed.", False),
    "cancelled": ({"state": "cancelled"}, "This event is cancelled.", False),
    "not recorded": ({"known": "unknown", "starts_local": None, "ends_local": None}, "Date not recorded", False),
}


def sentence(message: str, language: str, number: int | None) -> str:
    """Return the words of a message before its first value: the same for every value."""
    with use_language(language):
        if number is None:
            return translated(message).split("%(")[0].strip()
        return counted(message, number, seats=str(number))


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("state", STATES)
def test_a_page_says_how_it_stands(
    installation: Installation, visitor: Browser, make: Make, state: str, language: str
) -> None:
    change, message, has_form = STATES[state]
    event = make(**change)
    page = phone(visitor, language=language).new_page()
    page.goto(installation.address(links.event(language, event.slug)))
    number = change["capacity"] if "%(seats)s" in message else None
    expect(page.locator("main")).to_contain_text(sentence(message, language, number))
    expect(page.locator("input[name=name]")).to_have_count(1 if has_form else 0)
    obstacles.assert_fits(page)


@pytest.mark.parametrize("language", SPOKEN)
def test_a_page_of_the_past_says_how_many_came_and_what_was(
    installation: Installation, visitor: Browser, make: Make, language: str
) -> None:
    start = (clock.now() - 3 * DAY).replace(microsecond=0, tzinfo=None)
    recap = {code: f"Recap in {code}" for code in ("en", "ru", "tg")}
    event = make(starts_local=start, ends_local=start + timedelta(hours=2), headcount=22, recap=recap)
    page = phone(visitor, language=language).new_page()
    page.goto(installation.address(links.event(language, event.slug)))
    expect(page.locator("main")).to_contain_text("22")
    expect(page.locator("main")).to_contain_text(f"Recap in {language}")
    expect(page.locator("input[name=name]")).to_have_count(0)
