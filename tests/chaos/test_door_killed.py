"""A tab, a browser, the server or the database dies during uploads: nothing is lost, nothing counts twice."""

import os
import signal
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import BrowserContext, Error, Page, Playwright, Request, expect

from tests.journeys.conftest import Installation
from tests.support import open_event as evening
from tests.support.browser import PATIENCE, PHONE, QUIET, chromium, until
from tests.support.door_pages import KEPT
from tests.support.open_event import Evening

pytestmark = pytest.mark.chaos

SCANS = 200
AFTER_A_FALL = 60_000
"""Milliseconds until everything is up again and handed in."""


class Phone:
    """A browser with a profile on disk, which outlives the browser."""

    def __init__(self, playwright: Playwright, profile: Path) -> None:
        self.playwright, self.profile = playwright, profile
        self.context = self._open()

    def _open(self) -> BrowserContext:
        context = self.playwright.chromium.launch_persistent_context(
            str(self.profile), executable_path=chromium(), args=[*QUIET], viewport=PHONE, locale="tg"
        )
        context.set_default_timeout(PATIENCE)
        return context

    def crash(self, page: Page) -> None:
        """Crash the tab, as Android does when memory runs out."""
        with page.expect_event("crash"), suppress(Error):
            page.goto("chrome://crash")
        page.close()

    def kill(self) -> None:
        """Kill the whole browser, and open it again on the same profile."""
        processes = self._processes()
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=10)
        self.context = self._open()

    def _processes(self) -> list[psutil.Process]:
        processes = [
            process
            for process in psutil.process_iter(["cmdline"])
            if str(self.profile) in " ".join(process.info["cmdline"] or ())
        ]
        return list({*processes, *(child for process in processes for child in process.children(recursive=True))})


@pytest.fixture
def tonight(installation: Installation) -> Evening:
    # What the story before killed is started again, and may not be there yet.
    installation.up.until(lambda: _is_ready(installation))
    return evening.begin(installation, people=SCANS)


@pytest.fixture
def phone(playwright: Playwright, tmp_path: Path) -> Phone:
    return Phone(playwright, tmp_path / "profile")


def test_a_tab_that_dies_with_200_scans_unsent_has_them_when_it_opens_again(tonight: Evening, phone: Phone) -> None:
    page = _scanned_without_a_network(tonight, phone)
    phone.crash(page)
    again = phone.context.new_page()
    again.goto(tonight.installation.address("/door/"))
    evening.take_up(again)
    expect(again.locator("[data-count=waiting]")).to_have_text(str(SCANS))
    phone.context.set_offline(False)
    expect(again.locator("[data-count=waiting]")).to_have_text("0", timeout=AFTER_A_FALL)
    _every_scan_counts_once(tonight)


def _tab(phone: Phone, page: Page, installation: Installation) -> Page:
    phone.crash(page)
    return _reopened(phone, installation)


def _browser(phone: Phone, page: Page, installation: Installation) -> Page:
    phone.kill()
    return _reopened(phone, installation)


def _server(phone: Phone, page: Page, installation: Installation) -> Page:
    for process in installation.up.parts("granian"):
        process.kill()
    return page


def _database(phone: Phone, page: Page, installation: Installation) -> Page:
    _kill(installation, "postgres")
    installation.engine.dispose()  # what the test itself held open
    return page


@pytest.mark.parametrize("dies", [_tab, _browser, _database, _server], ids=lambda dies: dies.__name__.strip("_"))
def test_what_dies_in_mid_sync_loses_nothing(
    tonight: Evening, phone: Phone, installation: Installation, dies: Callable[[Phone, Page, Installation], Page]
) -> None:
    page = _scanned_without_a_network(tonight, phone)
    with page.expect_request(_carries_scans, timeout=AFTER_A_FALL):
        phone.context.set_offline(False)
    page = dies(phone, page, installation)
    expect(page.locator("[data-count=waiting]")).to_have_text("0", timeout=AFTER_A_FALL)
    expect(page.locator("[data-count=in]")).to_have_text(str(SCANS))
    installation.up.until(lambda: len(tonight.admissions()) == SCANS)
    _every_scan_counts_once(tonight)


def _scanned_without_a_network(tonight: Evening, phone: Phone) -> Page:
    page = evening.pair(phone.context, tonight.doors[0], volunteer="Нигина")
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    phone.context.set_offline(True)
    evening.show(page, tonight.codes)
    expect(page.locator("[data-count=in]")).to_have_text(str(SCANS))
    expect(page.locator("[data-count=waiting]")).to_have_text(str(SCANS))
    # A count does not wait until it is written down: what dies before that was never kept.
    until(page, f"({KEPT})('own').then(kept => kept.length === {SCANS})")
    return page


def _is_ready(installation: Installation) -> bool:
    """Return whether the server reaches its database."""
    with suppress(OSError), urllib.request.urlopen(installation.address("/readyz"), timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def _carries_scans(request: Request) -> bool:
    """Return whether a request carries scans: the first one after a silence carries none."""
    return request.url.endswith("/api/door/scans") and bool((request.post_data_json or {}).get("scans"))


def _reopened(phone: Phone, installation: Installation) -> Page:
    page = phone.context.new_page()
    page.goto(installation.address("/door/"))
    evening.take_up(page)
    return page


def _kill(installation: Installation, part: str) -> None:
    process = installation.up.part(part)
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)


def _every_scan_counts_once(tonight: Evening) -> None:
    assert Counter(scan.person for scan in tonight.scans()) == Counter(tonight.people)
    folded = tonight.folded()
    assert folded.conflicts == []
    assert {key: first for key, (first, _, _) in tonight.admissions().items()} == {
        key: entry.first.id for key, entry in folded.admissions.items()
    }
