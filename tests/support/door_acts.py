"""A shift: volunteers' acts at a door, the screens of their phones, and the rows of the tables."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.door import live
from shared.i18n import search_key
from shared.models import Event, Registration, Scan
from tests.support import open_event as evening
from tests.support.open_event import Evening

ZONE = ZoneInfo("Asia/Dushanbe")


def counts(page: Page, **numbers: int) -> None:
    """Assert the counts on the screen: `in`, `free`, `waiting`."""
    for name, number in numbers.items():
        expect(page.locator(f"[data-count={name.strip('_')}]")).to_have_text(str(number))


def inside(page: Page, number: int) -> None:
    """Wait until the phone counts the check-ins of the other door."""
    expect(page.locator("[data-count=in]")).to_have_text(str(number))


def shows(page: Page, verdict: str, words: str | re.Pattern[str] = "") -> None:
    expect(page.locator(f"[data-verdict={verdict}]")).to_contain_text(words)


def show(page: Page, code: str, verdict: str, words: str | re.Pattern[str] = "") -> None:
    """Show a ticket and expect a verdict."""
    before = page.locator(".verdict").get_attribute("data-scan")
    evening.show(page, [code])
    # Not what it said to the ticket before, if that still fills the screen.
    expect(page.locator(f"[data-verdict={verdict}]:not([data-scan='{before}'])")).to_contain_text(words)


def search(page: Page, typed: str) -> None:
    page.locator("[data-action=search]").click()
    page.locator("[name=who]").fill(typed)


def let_in(page: Page, name: str) -> None:
    """Check in a person without a registration."""
    search(page, name)
    page.locator("[data-action=walk-in]").click()
    page.locator("[data-action=let-in]").click()
    shows(page, "admitted", name)


def take_back(page: Page, reason: str) -> None:
    """Undo the last check-in, with a reason: two taps."""
    page.locator("[data-action=undo]").click()
    page.locator(f".card [data-reason={reason}]").click()
    shows(page, "taken_back")


def turn(page: Page, direction: str) -> None:
    page.locator(f"[data-direction={direction}][type=button]").click()


def offline(page: Page) -> None:
    page.context.set_offline(True)


def online(page: Page) -> None:
    """Restore the network, and wait until every scan is uploaded."""
    page.context.set_offline(False)
    counts(page, waiting=0)


def call(tonight: Evening, names: Sequence[str]) -> None:
    """Give people their names."""

    def rename(db: Session) -> None:
        for person, name in zip(tonight.people, names, strict=True):
            guest = db.scalars(select(Registration).where(Registration.ticket_id == person)).one()
            guest.name, guest.name_key = name, search_key(name)

    tonight.read(rename)


def set_event(tonight: Evening, **values: Any) -> None:
    """Change the event as an organizer does."""

    def change(db: Session) -> None:
        for name, value in values.items():
            setattr(db.get_one(Event, tonight.event_id), name, value)

    tonight.read(change)


def newcomers(tonight: Evening) -> list[Registration]:
    query = select(Registration).where(Registration.event_id == tonight.event_id, Registration.walk_in)
    return list(tonight.read(lambda db: db.scalars(query).all()))


def admitted(tonight: Evening) -> int:
    """Return the number of people that the organizer's page counts."""
    now: live.Live = tonight.read(lambda db: live.live(db, event=db.get_one(Event, tonight.event_id)))
    return now.admitted


def of_kind(tonight: Evening, kind: str) -> list[Scan]:
    return sorted((scan for scan in tonight.scans() if scan.kind == kind), key=lambda scan: scan.at)


def at_clock(at: int) -> str:
    """Return a moment as a phone shows it."""
    return datetime.fromtimestamp(at / 1000, ZONE).strftime("%H:%M")


def wall(**later: int) -> datetime:
    """Return the wall time there, so much later than now."""
    return (clock.now().astimezone(ZONE) + timedelta(**later)).replace(tzinfo=None, second=0, microsecond=0)
