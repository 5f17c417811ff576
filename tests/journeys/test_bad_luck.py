"""Faults at a door: bad codes, clocks, servers. Nothing is lost, and the volunteer knows what to do."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared import clock, tickets
from shared.door import doors, phones, quarantine
from shared.models import Device, Door, DoorPass, Registration, TicketKey
from shared.registrations import self_service
from tests.journeys.conftest import Installation
from tests.support import open_event as evening
from tests.support.browser import phone, until
from tests.support.door_acts import counts, show, shows
from tests.support.door_pages import KEPT
from tests.support.open_event import Evening, organizer_account

API = "**/api/door/**"
PROBLEM = {"Content-Type": "application/problem+json"}
CLOCK = """
(() => {
  const Real = Date;
  globalThis.skew = 0;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + globalThis.skew); }
    static now() { return Real.now() + globalThis.skew; }
  };
})()
"""
FULL_DISK = """
() => {
  const refuse = () => { throw new DOMException("The disk is full", "QuotaExceededError"); };
  IDBObjectStore.prototype.put = refuse;
  IDBObjectStore.prototype.add = refuse;
}
"""


@pytest.fixture
def tonight(installation: Installation) -> Evening:
    return evening.begin(installation, people=5, doors=("North", "South"))


@pytest.fixture
def context(visitor: Browser) -> Iterator[BrowserContext]:
    with phone(visitor, language="en") as context:
        context.add_init_script(CLOCK)
        yield context


@pytest.fixture
def page(tonight: Evening, context: BrowserContext) -> Page:
    return evening.pair(context, tonight.doors[0], volunteer="Нигина")


def waits(page: Page, number: int, **how: Any) -> None:
    expect(page.locator("[data-count=waiting]")).to_have_text(str(number), **how)


def let_in(tonight: Evening) -> list[str | None]:
    return sorted(str(scan.person) for scan in tonight.scans() if scan.kind == "in")


# Codes ---------------------------------------------------------------------------------------------------------------


def test_codes_that_are_none_of_ours_are_refused(tonight: Evening, page: Page) -> None:
    code = tonight.codes[0]
    altered = code[:60] + ("A" if code[60] != "A" else "B") + code[61:]
    forged = tickets.sign(tonight.people[0], key_number=2, key=tickets.private_key(b"x" * 32, event_id=1, version=1))
    for bad in (altered, forged, code[:-5], "HTTPS://EXAMPLE.ORG/T/HELLO", "just some words"):
        show(page, bad, "not_a_ticket")
        page.keyboard.press("Escape")
    waits(page, 0)
    assert let_in(tonight) == []
    assert {scan.reason for scan in tonight.scans()} == {"not_a_ticket"}


def test_a_code_made_with_an_older_key_is_good(
    tonight: Evening, installation: Installation, context: BrowserContext
) -> None:
    def add_key(db: Session) -> str:
        public = tickets.public_key(installation.secrets[0], event_id=tonight.event_id, version=2)
        key = TicketKey(event_id=tonight.event_id, version=2, public=public)
        db.add(key)
        db.flush()
        private = tickets.private_key(installation.secrets[0], event_id=tonight.event_id, version=2)
        return tickets.sign(tonight.people[1], key_number=key.number, key=private)

    newer = tonight.read(add_key)
    page = evening.pair(context, tonight.doors[0], volunteer="Нигина")
    for code in (tonight.codes[0], newer):
        show(page, code, "admitted")
    waits(page, 0)
    assert let_in(tonight) == sorted(tonight.people[:2])


def test_a_ticket_of_another_event_is_named(
    tonight: Evening, installation: Installation, context: BrowserContext
) -> None:
    other_event = evening.begin(installation, people=1, title={"en": "iTalk 7", "tg": "iTalk 7"})
    page = evening.pair(context, tonight.doors[0], volunteer="Нигина")
    show(page, other_event.codes[0], "other_event", "iTalk 7")


def test_a_place_given_up_after_the_network_went_is_let_in_and_told_in_the_report(
    tonight: Evening, page: Page, context: BrowserContext
) -> None:
    context.set_offline(True)
    tonight.read(lambda db: self_service.cancel(db, registration_id=_registration(db, tonight.people[0]).id, by="self"))
    show(page, tonight.codes[0], "admitted")
    context.set_offline(False)
    waits(page, 0)
    assert let_in(tonight) == [tonight.people[0]]


def _registration(db: Session, ticket_id: str) -> Registration:
    return db.scalars(select(Registration).where(Registration.ticket_id == ticket_id)).one()


# Clocks --------------------------------------------------------------------------------------------------------------


def test_a_clock_that_falls_to_1970_in_mid_shift_keeps_the_order(
    tonight: Evening, page: Page, context: BrowserContext
) -> None:
    began = clock.milliseconds(clock.now()) - 60_000
    show(page, tonight.codes[0], "admitted")
    waits(page, 0)
    context.set_offline(True)
    show(page, tonight.codes[1], "admitted")
    expect(page.locator(".trouble")).to_contain_text("No network")
    page.evaluate("skew = -Date.now()")
    evening.show(page, tonight.codes[2:4])
    waits(page, 3)
    context.set_offline(False)
    waits(page, 0)
    show(page, tonight.codes[4], "admitted")
    waits(page, 0)
    scans = sorted((scan for scan in tonight.scans() if scan.kind == "in"), key=lambda scan: scan.at)
    assert [scan.person for scan in scans] == list(tonight.people)
    assert all(began < scan.at <= clock.milliseconds(clock.now()) for scan in scans)
    assert [scan.doubtful for scan in scans] == [False, True, True, True, False]


def test_names_leave_a_phone_by_its_own_clock_and_scans_stay(
    tonight: Evening, page: Page, context: BrowserContext
) -> None:
    context.set_offline(True)
    evening.show(page, tonight.codes[:2])
    waits(page, 2)
    assert len(page.evaluate(KEPT, "entries")) == 5
    page.evaluate("skew = 40 * 3_600_000")
    expect(page.locator("[data-state=expired]")).to_be_visible(timeout=70_000)
    expect_wiped(page)
    waits(page, 2)
    context.set_offline(False)
    tonight.installation.up.until(lambda: let_in(tonight) == sorted(tonight.people[:2]))


def expect_wiped(page: Page) -> None:
    """Assert that no name, no list and no key is left on the phone, on the screen or below it."""
    expect(page.locator("body")).not_to_contain_text("Меҳмон")
    until(page, f"({KEPT})('entries').then(kept => kept.length === 0)")
    assert "Меҳмон" not in json.dumps(page.evaluate(KEPT, "own"), ensure_ascii=False)
    assert all(not door_pass["keys"] for door_pass in page.evaluate(KEPT, "passes"))


# The server ----------------------------------------------------------------------------------------------------------


def _answer(status: int, body: str = "{}", **headers: str) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        route.fulfill(status=status, body=body, headers={"Content-Type": "application/json", **headers})

    return answer


@pytest.mark.parametrize(
    "trouble",
    [
        _answer(413),
        _answer(429, **{"Retry-After": "1"}),
        _answer(500),
        _answer(503),
        _answer(200, "<html>Please log in to Free WiFi</html>", **{"Content-Type": "text/html"}),
        lambda route: route.abort("connectionrefused"),
    ],
    ids=["413", "429", "500", "503", "a page instead", "no server"],
)
def test_scanning_goes_on_whatever_the_server_says(
    tonight: Evening, page: Page, trouble: Callable[[Route], None]
) -> None:
    page.route(API, trouble)
    evening.show(page, tonight.codes[:3])
    waits(page, 3)
    for code in tonight.codes[3:]:
        show(page, code, "admitted")
    waits(page, 5)
    page.unroute(API)
    page.evaluate("dispatchEvent(new Event('online'))")
    waits(page, 0)
    assert let_in(tonight) == sorted(tonight.people)


def test_a_phone_that_the_server_forgot_keeps_its_scans_and_pairs_again(tonight: Evening, page: Page) -> None:
    page.route(API, _answer(401, json.dumps({"type": "/problems/device"}), **PROBLEM))
    expect(page.locator("[data-state=unknown]")).to_be_visible()
    page.unroute(API)
    page.goto(tonight.doors[1])
    page.locator("[data-action=pair]").click()
    evening.take_up(page)
    show(page, tonight.codes[0], "admitted")
    waits(page, 0)
    assert let_in(tonight) == tonight.people[:1]
    assert [device.door_pass_id is not None for device in tonight.devices()] == [True]


def test_a_server_restored_from_an_earlier_backup_gets_everything_again(tonight: Evening, page: Page) -> None:
    evening.show(page, tonight.codes)
    counts(page, in_=5, waiting=0)
    tonight.read(lambda db: _restore(db, tonight.event_id))
    assert tonight.scans() == []
    evening.show(page, ["just some words"])
    tonight.installation.up.until(lambda: let_in(tonight) == sorted(tonight.people))
    assert set(tonight.admissions()) == {(person, tonight.session_id) for person in tonight.people}


def _restore(db: Session, event_id: int) -> None:
    """Restore the database as it was before the first scan: the demo organization's ledger may be emptied."""
    for table in ("admission", "scan"):
        db.execute(text(f"DELETE FROM {table} WHERE event_id = :event"), {"event": event_id})
    db.execute(text("UPDATE device SET scans = 0 WHERE event_id = :event"), {"event": event_id})


# The phone -----------------------------------------------------------------------------------------------------------


def test_a_full_disk_is_said_and_scans_are_handed_in_all_the_same(tonight: Evening, page: Page) -> None:
    page.evaluate(FULL_DISK)
    evening.show(page, tonight.codes[:2])
    expect(page.locator(".trouble")).to_contain_text("cannot store")
    counts(page, in_=2, waiting=0)
    assert let_in(tonight) == sorted(tonight.people[:2])


def test_without_a_camera_a_picture_and_the_short_code_work(tonight: Evening, page: Page) -> None:
    expect(page.locator(".blind")).to_be_visible()
    ticket = {"name": "ticket.png", "mimeType": "image/png", "buffer": tonight.picture(0)}
    page.locator(".blind input[type=file]").set_input_files([ticket])
    shows(page, "admitted", "Меҳмон 000")
    page.locator("[data-action=search]").click()
    page.locator("input[name=who]").fill(tickets.short_code(tonight.people[1]))
    page.locator(".person").first.click()
    page.locator("[data-action=admit]").click()
    shows(page, "admitted", "Меҳмон 001")
    waits(page, 0)
    assert let_in(tonight) == sorted(tonight.people[:2])


# Passes --------------------------------------------------------------------------------------------------------------


def test_a_pass_that_is_used_up_or_closed_says_what_to_do(tonight: Evening, context: BrowserContext) -> None:
    tonight.read(lambda db: _use_up(db, tonight.event_id))
    for address, words in zip(
        tonight.doors, ("has reached its maximum number of phones", "no longer works"), strict=True
    ):
        page = context.new_page()
        page.goto(address)
        page.locator("input[name=volunteer]").fill("Далер")
        page.locator("[data-action=pair]").click()
        expect(page.get_by_role("alert")).to_contain_text(words)
        page.close()


def test_a_pass_says_what_it_is_for_or_that_it_is_over_before_a_name_is_given(
    tonight: Evening, context: BrowserContext
) -> None:
    tonight.read(lambda db: doors.close(db, door=_passes(db, tonight.event_id)[1].door, by=organizer_account(db)))
    page = context.new_page()
    page.goto(tonight.doors[0])
    expect(page.locator(".where")).to_have_text("An evening · North")
    page.locator("[data-action=other-pass]").click()
    page.locator("[name=pass]").fill(tonight.doors[1])
    page.locator("[data-action=pass]").click()
    expect(page.get_by_role("alert")).to_contain_text("no longer works")
    expect(page.locator("[name=volunteer]")).to_have_value("")
    expect(page.locator(".where")).to_have_text("")
    assert tonight.devices() == []


def _use_up(db: Session, event_id: int) -> None:
    north, south = _passes(db, event_id)
    for _ in range(north.phones):
        db.add(Device(event_id=event_id, door_pass_id=north.id, phone=uuid4(), token_hash=uuid4().bytes))
    doors.close(db, door=south.door, by=organizer_account(db))


def _passes(db: Session, event_id: int) -> Sequence[DoorPass]:
    query = select(DoorPass).join(Door).where(Door.event_id == event_id)
    return db.scalars(query.order_by(DoorPass.id)).all()


def test_a_revoked_phone_says_so_hands_in_and_forgets_names(
    tonight: Evening, page: Page, context: BrowserContext
) -> None:
    context.set_offline(True)
    evening.show(page, tonight.codes[:2])
    waits(page, 2)
    the_phone = select(Device).where(Device.event_id == tonight.event_id)
    tonight.read(lambda db: phones.revoke(db, device=db.scalars(the_phone).one(), by=organizer_account(db)))
    context.set_offline(False)
    expect(page.locator("[data-state=revoked]")).to_be_visible()
    waits(page, 0)
    expect_wiped(page)
    assert let_in(tonight) == []
    tonight.read(lambda db: quarantine.accept_all(db, device=db.scalars(the_phone).one(), by=organizer_account(db)))
    assert let_in(tonight) == sorted(tonight.people[:2])
