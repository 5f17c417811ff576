"""Two tabs of one phone: one of them scans, whatever the browser has to keep them apart."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.conftest import Installation
from tests.support import open_event as evening
from tests.support.door_acts import admitted, counts, offline, online, show
from tests.support.door_pages import NO_LOCKS, open_door, steps_aside, take_over


@pytest.fixture
def phone(phones: Callable[[], BrowserContext], has_locks: bool) -> BrowserContext:
    context = phones()
    if not has_locks:
        context.add_init_script(NO_LOCKS)
    return context


@pytest.mark.parametrize("has_locks", [True, False], ids=["with locks", "without locks"])
def test_a_ticket_shown_in_two_tabs_of_one_phone_counts_once_and_is_no_conflict(
    installation: Installation, phone: BrowserContext, has_locks: bool
) -> None:
    tonight = evening.begin(installation, people=2)
    first = evening.pair(phone, tonight.doors[0], volunteer="Нигина")
    show(first, tonight.codes[0], "admitted")
    counts(first, in_=1, waiting=0)

    second = open_door(phone, installation)
    assert [tab.evaluate("!!navigator.locks") for tab in (first, second)] == [has_locks] * 2
    steps_aside(second)
    evening.show(second, tonight.codes)
    show(first, tonight.codes[0], "already_in")

    take_over(second)
    steps_aside(first)
    evening.show(first, tonight.codes)
    show(second, tonight.codes[0], "already_in")
    offline(second)
    show(second, tonight.codes[1], "admitted")
    counts(second, in_=2)

    take_over(first)
    steps_aside(second)
    show(first, tonight.codes[1], "already_in")
    online(first)
    scans = sorted((scan.person or "", scan.kind) for scan in tonight.scans())
    person, other_person = tonight.people
    assert scans == sorted(
        [(person, "in"), (person, "refused"), (person, "refused"), (other_person, "in"), (other_person, "refused")]
    )
    assert (len(tonight.devices()), admitted(tonight), tonight.folded().conflicts) == (1, 2, [])
    expect(first.locator("[data-action=conflicts]")).to_be_hidden()
