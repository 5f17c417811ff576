"""The tap on Start: twice in a hurry, on a phone that cannot read its own storage, or whose clock is days ahead."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from shared.models import EventSession
from tests.journeys.conftest import Installation
from tests.support import open_event as evening
from tests.support.door_acts import counts, of_kind, show, wall
from tests.support.door_pages import KEPT, NO_LOCKS, open_door, steps_aside, take_over
from tests.support.open_event import Evening

TWO_TAPS = """
async ([gap]) => {
  const start = document.querySelector("[data-action=start]");
  start.click();
  if (gap > 0) await new Promise((done) => setTimeout(done, gap));
  start.click();
}
"""
POLLS = 3
APART = 1_000
"""Milliseconds between two questions for the list, at the least: one scanner asks every three seconds."""

BROKEN = """
(() => {
  const real = IDBObjectStore.prototype.METHOD;
  IDBObjectStore.prototype.METHOD = function (...given) {
    if (!globalThis.isMended && FAILS) throw new DOMException("Internal error", "DataError");
    return real.apply(this, given);
  };
})()
"""
NO_LIST = BROKEN.replace("METHOD", "getAll").replace("FAILS", "this.name === 'entries'")
NO_PASS = BROKEN.replace("METHOD", "get").replace("FAILS", "given[0] === 'current'")
MEND = "globalThis.isMended = true"
UNREAD = "could not be read"
DAYS_AHEAD = 24


def pair(phone: BrowserContext, tonight: Evening) -> Page:
    """Pair a phone; it waits for the tap."""
    page = phone.new_page()
    page.goto(tonight.doors[0])
    page.locator("input[name=volunteer]").fill("Нигина")
    page.locator("[data-action=pair]").click()
    page.locator("[data-action=start]").wait_for()
    return page


@pytest.mark.parametrize(
    ("has_locks", "gap"),
    [
        pytest.param(True, 0, marks=pytest.mark.scale),
        (True, 150),
        pytest.param(False, 0, marks=pytest.mark.scale),
        pytest.param(False, 150, marks=pytest.mark.scale),
    ],
)
def test_two_taps_on_start_make_one_scanner(
    installation: Installation, phones: Callable[[], BrowserContext], has_locks: bool, gap: int
) -> None:
    tonight = evening.begin(installation, people=2)
    phone = phones()
    if not has_locks:
        phone.add_init_script(NO_LOCKS)
    first = pair(phone, tonight)
    polled: list[float] = []
    first.on("requestfinished", lambda request: _note(request, polled))
    first.evaluate(TWO_TAPS, [gap])
    _scans(first)
    assert first.locator(".shift").count() == 1
    while len(polled) < POLLS:
        first.wait_for_event("requestfinished")
    assert min(after - before for before, after in pairwise(polled)) > APART

    show(first, tonight.codes[0], "admitted")
    counts(first, in_=1, waiting=0)
    assert _written(first) == [("in", tonight.people[0])]

    second = open_door(phone, installation)
    take_over(second)
    steps_aside(first)
    evening.show(first, [tonight.codes[1]])
    show(second, tonight.codes[1], "admitted")
    counts(second, in_=2, waiting=0)
    assert _written(second) == [("in", person) for person in sorted(tonight.people)]
    assert sorted((scan.kind, scan.person or "") for scan in tonight.scans()) == _written(second)


def _scans(page: Page) -> None:
    """Wait until the scanner is open and has read its list."""
    expect(page.locator("[data-count=list]")).to_contain_text(re.compile("[1-9]"))


def _note(request: Request, polled: list[float]) -> None:
    if "/api/door/roster" in request.url:
        polled.append(request.timing["startTime"])


def _written(page: Page) -> list[tuple[str, str]]:
    """Return the scans that this phone stored."""
    return sorted((own["scan"]["kind"], own["scan"]["person"] or "") for own in page.evaluate(KEPT, "own"))


def test_a_phone_that_cannot_read_its_list_at_start_says_why_and_scans_once_it_can(
    installation: Installation, phones: Callable[[], BrowserContext]
) -> None:
    tonight = evening.begin(installation, people=1)
    page = pair(phones(), tonight)
    page.evaluate(NO_LIST)
    page.locator("[data-action=start]").click()
    _fails_again_and_then_goes_on(page)
    _scans(page)
    show(page, tonight.codes[0], "admitted")
    counts(page, in_=1, waiting=0)


def test_a_page_opened_on_a_phone_that_cannot_read_its_pass_says_why_and_goes_on_once_it_can(
    installation: Installation, phones: Callable[[], BrowserContext]
) -> None:
    page = pair(phones(), evening.begin(installation, people=1))
    page.add_init_script(NO_PASS)
    page.reload()
    _fails_again_and_then_goes_on(page)
    evening.take_up(page)


def _fails_again_and_then_goes_on(page: Page) -> None:
    expect(page.locator("[role=alert]")).to_contain_text(UNREAD)
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text(UNREAD)
    page.evaluate(MEND)
    page.locator("[data-action=try-again]").click()
    expect(page.locator("[data-action=try-again]")).to_have_count(0)


def test_a_phone_whose_clock_is_days_ahead_starts_on_the_day_that_is_today(
    installation: Installation, phones: Callable[[], BrowserContext]
) -> None:
    today, later = wall(minutes=-1), wall(days=DAYS_AHEAD, minutes=-1)
    days = {"Day 1": today, "Day 2": later}
    parts = [
        EventSession(title={"en": day}, starts_local=start, ends_local=start + timedelta(hours=3))
        for day, start in days.items()
    ]
    tonight = evening.begin(installation, people=1, sessions=parts)
    page = pair(evening.fast(phones(), minutes=DAYS_AHEAD * 24 * 60), tonight)
    expect(page.locator(".where")).to_contain_text("Day 1")
    expect(page.locator("[data-action=move-on]")).to_have_count(0)
    page.locator("[data-action=start]").click()
    _scans(page)
    show(page, tonight.codes[0], "admitted")
    show(page, tonight.codes[0], "already_in")
    # Door and time; another day would be said.
    expect(page.locator(".verdict .detail")).to_have_text(re.compile(r"^North \d\d:\d\d$"))
    counts(page, waiting=0)
    assert [scan.session_id for scan in of_kind(tonight, "in")] == [tonight.session_id]
