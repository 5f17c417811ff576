"""The hours and sessions of a programme at the door: before it opens, in another room, on the next day."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from shared.models import Event, EventSession, TicketType, TicketTypeSession
from tests.journeys.conftest import Installation
from tests.support import open_event as evening
from tests.support.door_acts import counts, of_kind, set_event, show, wall
from tests.support.door_pages import KEPT
from tests.support.open_event import Evening

Pair = Callable[[str], Page]


@pytest.fixture
def paired(phones: Callable[[], BrowserContext]) -> Pair:
    """Return a function that pairs one phone after the other."""
    return lambda address: evening.pair(phones(), address, volunteer="Нигина")


def test_before_the_doors_open_the_hour_is_said(installation: Installation, paired: Pair) -> None:
    starts = wall(hours=2)
    ends = starts + timedelta(hours=2)
    tonight = evening.begin(installation, people=1, starts_local=starts, ends_local=ends, doors_open_minutes=30)
    page = paired(tonight.doors[0])
    opens = starts - timedelta(minutes=30)
    # In the last hour and a half of a day that is tomorrow.
    day = "" if opens.date() == wall().date() else f"on {opens.day} {opens:%B} "
    show(page, tonight.codes[0], "not_open", f"Opens {day}at {opens:%H:%M}")
    counts(page, in_=0, waiting=0)
    assert [scan.reason for scan in tonight.scans()] == ["not_open"]
    set_event(tonight, doors_open_minutes=None)
    installation.up.until(lambda: _verdict(page, tonight.codes[0]) == "admitted")


def _verdict(page: Page, code: str) -> str | None:
    """Return the phone's verdict on a ticket now."""
    before = page.locator(".verdict").get_attribute("data-scan")
    evening.show(page, [code])
    return page.locator(f".verdict[data-scan]:not([data-scan='{before}'])").get_attribute("data-verdict")


def test_a_ticket_of_another_part_is_sent_there_and_let_in_where_it_belongs(
    installation: Installation, paired: Pair
) -> None:
    tonight = evening.begin(installation, people=2, **_programme())
    second = tonight.read(lambda db: _only_the_first(db, tonight))
    page = paired(tonight.doors[0])
    show(page, tonight.codes[0], "admitted")
    _choose(page, second)
    expect(page.locator(".where")).to_contain_text("Workshop")
    counts(page, in_=0)
    show(page, tonight.codes[1], "other_session", "Main hall")
    _choose(page, tonight.session_id)
    counts(page, in_=1)
    show(page, tonight.codes[1], "admitted")
    counts(page, in_=2, waiting=0)
    assert {scan.session_id for scan in of_kind(tonight, "in")} == {tonight.session_id}
    assert [(scan.session_id, scan.reason) for scan in of_kind(tonight, "refused")] == [(second, "other_session")]


def _programme() -> dict[str, Any]:
    titles = ("Main hall", "Workshop")
    times = {"starts_local": wall(minutes=-1), "ends_local": wall(hours=2)}
    kinds = [TicketType(title={"en": title}) for title in titles]
    return {"sessions": [EventSession(title={"en": title}, **times) for title in titles], "ticket_types": kinds}


def _only_the_first(db: Session, tonight: Evening) -> int:
    event = db.get_one(Event, tonight.event_id)
    kind, second = event.ticket_types[0].id, event.sessions[1].id
    db.delete(db.get_one(TicketTypeSession, (kind, second)))
    return second


def _choose(page: Page, session: int) -> None:
    page.locator("[data-action=menu]").click()
    page.locator(f"[data-option='{session}']").click()


def test_when_the_first_day_is_over_one_tap_scans_for_the_second(installation: Installation, paired: Pair) -> None:
    days = {"Day 1": (wall(hours=-30), wall(hours=-28)), "Day 2": (wall(minutes=-1), wall(hours=2))}
    parts = [EventSession(title={"en": day}, starts_local=start, ends_local=end) for day, (start, end) in days.items()]
    tonight = evening.begin(installation, people=1, sessions=parts)
    second = tonight.read(lambda db: db.get_one(Event, tonight.event_id).sessions[1].id)
    page = paired(tonight.doors[0])
    expect(page.locator(".where")).to_contain_text("Day 2")
    expect(page.locator("[data-action=move-on]")).to_have_count(0)
    _choose(page, tonight.session_id)
    expect(page.locator(".trouble")).to_have_text("Day 1 is over.")
    page.locator("[data-action=move-on]").click()
    expect(page.locator(".where")).to_contain_text("Day 2")
    expect(page.locator(".trouble")).to_have_text("")
    _choose(page, tonight.session_id)
    # A reload within the same moment would come before the choice is written down.
    installation.up.until(lambda: page.evaluate(KEPT, "passes")[0]["session"] == tonight.session_id)
    page.reload()
    page.locator("[data-action=move-on]").click()
    expect(page.locator("[data-action=move-on]")).to_have_count(0)
    evening.take_up(page)
    show(page, tonight.codes[0], "admitted")
    counts(page, in_=1, waiting=0)
    assert [scan.session_id for scan in of_kind(tonight, "in")] == [second]
