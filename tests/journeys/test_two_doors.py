"""Two doors without a network, and their conflicts once it is back."""

from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, expect

from tests.journeys.conftest import Installation
from tests.support import open_event as evening
from tests.support.accessibility import ALL
from tests.support.browser import browser, phone
from tests.support.open_event import Evening

PEOPLE = 100 if ALL else 40
"""A camera that films a hundred costs a core for half a minute; what is found out is the same."""
NORTH, SOUTH = range(PEOPLE * 65 // 100), range(PEOPLE * 35 // 100, PEOPLE)
AT_BOTH = set(NORTH) & set(SOUTH)
WHILE_ALL_PASS = 200_000
"""Milliseconds in which the film runs twice: a slow machine may not look at each ticket in its half second."""


def test_two_doors_offline_together_find_out_about_each_other(
    installation: Installation, visitor: Browser, playwright: Playwright, tmp_path: Path
) -> None:
    tonight = evening.begin(installation, people=PEOPLE, doors=("North", "South"))
    with ExitStack() as phones:
        north = _door(tonight, phones, playwright, tmp_path, 0, NORTH, minutes_fast=0)
        south = _door(tonight, phones, playwright, tmp_path, 1, SOUTH, minutes_fast=7)
        for page, people in ((north, NORTH), (south, SOUTH)):
            expect(page.locator("[data-count=in]")).to_have_text(str(len(people)), timeout=WHILE_ALL_PASS)
            expect(page.locator("[data-count=waiting]")).not_to_have_text("0")
            page.context.set_offline(False)
        for page in (north, south):
            expect(page.locator("[data-count=waiting]")).to_have_text("0")
            expect(page.locator("[data-count=in]")).to_have_text(str(PEOPLE))
            expect(page.locator("[data-action=conflicts]")).to_contain_text(str(len(AT_BOTH)))
            _close(page)
            page.locator("[data-action=conflicts]").click()
            expect(page.locator("[data-sheet=conflicts] li")).to_have_count(len(AT_BOTH))
            expect(page.locator("[data-sheet=conflicts] li").first).to_contain_text("North")
            expect(page.locator("[data-sheet=conflicts] li").first).to_contain_text("South")
        _the_ledger_is_whole(tonight)
        _the_organizer_sees_them(tonight, visitor)


def _door(
    tonight: Evening,
    phones: ExitStack,
    playwright: Playwright,
    folder: Path,
    number: int,
    people: range,
    *,
    minutes_fast: int,
) -> Page:
    film = evening.queue(folder / f"{number}.mjpeg", [tonight.picture(person) for person in people], before=15)
    launched = phones.enter_context(browser(playwright, camera=film))
    context = phone(launched, language="tg", permissions=("camera",))
    evening.fast(context, minutes=minutes_fast)
    page = evening.pair(context, tonight.doors[number], volunteer=f"Нигина {number}")
    context.set_offline(True)
    return page


def _close(page: Page) -> None:
    """Close the warning, if it still fills the screen."""
    page.keyboard.press("Escape")


def _the_ledger_is_whole(tonight: Evening) -> None:
    scans = tonight.scans()
    let_in = [scan for scan in scans if scan.kind == "in"]
    assert len({(scan.person, scan.device_id) for scan in let_in}) == len(NORTH) + len(SOUTH)
    assert {scan.person for scan in let_in} == set(tonight.people)
    assert not any(scan.doubtful for scan in scans)
    assert {scan.received_at.timestamp() * 1000 - scan.at < 5 * 60_000 for scan in scans} == {True}
    folded = tonight.folded()
    conflicts = [(str(scan.person), scan.session) for _, scan in folded.conflicts]
    assert tonight.admissions() == {
        key: (entry.first.id, entry.entries, conflicts.count(key)) for key, entry in folded.admissions.items()
    }
    assert {person for person, _ in conflicts} == {tonight.people[number] for number in AT_BOTH}


def _the_organizer_sees_them(tonight: Evening, visitor: Browser) -> None:
    page = phone(visitor, language="en").new_page()
    tonight.installation.sign_in(page)
    page.goto(tonight.installation.address(f"/organize/events/{tonight.event_id}/live"))
    expect(page.locator("[data-live=admitted]")).to_have_text(str(PEOPLE))
    page.goto(tonight.installation.address(f"/organize/events/{tonight.event_id}/doors/"))
    expect(page.locator("[data-conflict]").first).to_contain_text("North")
    expect(page.locator("[data-live=open]")).to_contain_text(str(len(AT_BOTH)))
