"""A shift at the door as volunteers live it: walk-ins, full halls, mistakes, people who go out, and no network."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy.orm import Session

from shared import tickets
from shared.door import walk_ins
from shared.models import Event
from shared.reports import ledger
from tests.journeys.conftest import Installation
from tests.support import open_event as evening
from tests.support.browser import until
from tests.support.door_acts import (
    admitted,
    at_clock,
    call,
    counts,
    inside,
    let_in,
    newcomers,
    of_kind,
    offline,
    online,
    search,
    set_event,
    show,
    shows,
    take_back,
    turn,
)
from tests.support.open_event import Evening, organizer_account

Pair = Callable[[str], Page]
KEPT = """
async () => {
  const kept = { ...localStorage };
  for (const { name } of await indexedDB.databases()) {
    const opening = indexedDB.open(name);
    const database = await new Promise((done) => (opening.onsuccess = () => done(opening.result)));
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store).getAll();
      kept[`${name}.${store}`] = await new Promise((done) => (all.onsuccess = () => done(all.result)));
    }
    database.close();
  }
  return kept;
}
"""


@pytest.fixture
def paired(phones: Callable[[], BrowserContext]) -> Pair:
    """Return a function that pairs one phone after the other."""
    return lambda address: evening.pair(phones(), address, volunteer="Нигина")


# People without a registration ---------------------------------------------------------------------------------------


def test_a_walk_in_without_a_network_is_counted_everywhere_and_may_turn_out_to_be_on_the_list(
    installation: Installation, paired: Pair
) -> None:
    tonight = evening.begin(installation, people=2, doors=("North", "South"))
    north, south = map(paired, tonight.doors)
    offline(north)
    let_in(north, "Баҳром Қодиров")
    counts(north, in_=1, waiting=1)
    search(north, "Bahrom")
    expect(north.locator(".person[data-person]")).to_contain_text("Баҳром Қодиров")
    north.keyboard.press("Escape")
    online(north)
    [newcomer] = newcomers(tonight)
    assert (newcomer.name, newcomer.state, admitted(tonight)) == ("Баҳром Қодиров", "confirmed", 1)
    inside(south, 1)
    search(south, "Bahrom")
    expect(south.locator(".person[data-person]")).to_contain_text("Walk-in")
    south.keyboard.press("Escape")

    show(north, tonight.codes[0], "admitted")
    inside(south, 2)
    tonight.read(lambda db: _merge(db, tonight, newcomer.ticket_id))
    inside(north, 1)
    inside(south, 1)
    show(south, tonight.codes[0], "already_in", "North")
    counts(south, waiting=0)
    assert admitted(tonight) == 1


def _merge(db: Session, tonight: Evening, walk_in: str) -> None:
    event = db.get_one(Event, tonight.event_id)
    walk_ins.merge(db, event=event, walk_in=walk_in, ticket=tonight.people[0], by=organizer_account(db))


def test_free_places_are_kept_for_those_who_signed_up_and_a_full_hall_is_said(
    installation: Installation, paired: Pair
) -> None:
    tonight = evening.begin(installation, people=6, capacity=10)
    page = paired(tonight.doors[0])
    counts(page, in_=0, free=4)
    show(page, tonight.codes[0], "admitted")
    counts(page, in_=1, free=4)
    for number in range(4):
        let_in(page, f"Баҳром {number}")
        counts(page, in_=2 + number, free=3 - number)
    search(page, "Шаҳло")
    page.locator("[data-action=walk-in]").click()
    expect(page.locator(".card .warning")).to_contain_text("No seats are free")
    expect(page.locator(".card .warning")).to_contain_text("held until")
    page.locator("[data-action=let-in]").click()
    shows(page, "admitted", "Шаҳло")
    counts(page, in_=6, free=0, waiting=0)
    assert admitted(tonight) == 6

    set_event(tonight, held_minutes=0)
    counts(page, in_=6, free=4)


# Mistakes ------------------------------------------------------------------------------------------------------------


def test_what_is_taken_back_is_out_at_both_doors_and_may_come_in_again(
    installation: Installation, paired: Pair
) -> None:
    tonight = evening.begin(installation, people=3, doors=("North", "South"))
    north, south = map(paired, tonight.doors)
    for code in tonight.codes:
        show(north, code, "admitted")
    inside(south, 3)
    take_back(north, "wrong_person")
    inside(south, 2)
    north.locator("[data-action=undo]").click()
    north.locator(".earlier .person", has_text="000").click()
    north.locator(".earlier [data-reason=mistake]").click()
    shows(north, "taken_back", "000")
    inside(south, 1)
    for number in (0, 2):
        show(south, tonight.codes[number], "admitted", f"{number:03}")
    inside(north, 3)
    counts(south, waiting=0)
    first = {scan.person: scan.id for scan in of_kind(tonight, "in")[:3]}
    undos = [(scan.person, scan.reason, scan.undoes) for scan in of_kind(tonight, "undo")]
    assert undos == [
        (tonight.people[2], "wrong_person", first[tonight.people[2]]),
        (tonight.people[0], "mistake", first[tonight.people[0]]),
    ]
    assert tonight.folded().conflicts == []
    assert admitted(tonight) == 3
    for page in (north, south):
        expect(page.locator("[data-action=conflicts]")).to_be_hidden()


# Two doors -----------------------------------------------------------------------------------------------------------


def test_a_ticket_that_the_other_door_let_in_is_known_soon_and_by_where_and_when(
    installation: Installation, paired: Pair
) -> None:
    tonight = evening.begin(installation, people=1, doors=("North", "South"))
    north, south = map(paired, tonight.doors)
    show(north, tonight.codes[0], "admitted")
    inside(south, 1)
    [scan] = of_kind(tonight, "in")
    show(south, tonight.codes[0], "already_in", f"North {at_clock(scan.at)}")


def test_who_goes_out_at_one_door_comes_in_again_at_the_other(installation: Installation, paired: Pair) -> None:
    tonight = evening.begin(installation, people=2, doors=("North", "South"), reentry=True)
    north, south = map(paired, tonight.doors)
    show(north, tonight.codes[0], "admitted")
    inside(south, 1)
    turn(south, "out")
    show(south, tonight.codes[1], "not_inside")
    show(south, tonight.codes[0], "left")
    inside(south, 0)
    inside(north, 0)
    show(north, tonight.codes[0], "admitted")
    inside(south, 1)
    scans = sorted((scan for scan in tonight.scans() if scan.kind != "refused"), key=lambda scan: scan.at)
    assert [scan.kind for scan in scans] == ["in", "out", "in"]
    assert tonight.admissions()[tonight.people[0], tonight.session_id][1:] == (2, 0)
    turn(south, "in")
    show(south, tonight.codes[0], "already_in", f"North {at_clock(scans[2].at)}")


# Volunteers --------------------------------------------------------------------------------------------------------


def test_another_volunteer_takes_over_without_pairing(installation: Installation, paired: Pair) -> None:
    tonight = evening.begin(installation, people=2)
    page = paired(tonight.doors[0])
    show(page, tonight.codes[0], "admitted")
    counts(page, waiting=0)
    offline(page)
    page.locator("[data-action=menu]").click()
    page.locator("[name=volunteer]").fill("Баҳром")
    page.locator("[data-action=volunteer]").click()
    show(page, tonight.codes[1], "admitted")
    online(page)
    [device] = tonight.devices()
    read = tonight.read(lambda db: ledger.read(db, db.get_one(Event, tonight.event_id)))
    held_by = {scan.person: read.phones[device.id].volunteer(scan.at) for scan in read.scans}
    assert held_by == dict(zip(tonight.people, ("Нигина", "Баҳром"), strict=True))


# Names ---------------------------------------------------------------------------------------------------------------


def test_a_name_is_found_in_any_alphabet_and_let_in_by_hand(installation: Installation, paired: Pair) -> None:
    tonight = evening.begin(installation, people=3)
    call(tonight, ("Шариф Раҳимзода", "Ҷаҳонгир Қӯшғӣ", "Мадина Намунаева"))
    page = paired(tonight.doors[0])
    short = tickets.short_code(tonight.people[2])
    for typed, number in (("Sharif", 0), ("Чахонгир", 1), (f"{short[:4]}-{short[4:]}".lower(), 2)):
        search(page, typed)
        expect(page.locator(".person[data-person]")).to_have_count(1)
        page.locator(f"[data-person='{tonight.people[number]}']").click()
        page.locator("[data-action=admit]").click()
        expect(page.locator(f"[data-verdict=admitted][data-person='{tonight.people[number]}']")).to_be_visible()
    search(page, "Sharif")
    page.locator("[data-person]").first.click()
    expect(page.locator(".card")).to_contain_text("Already checked in")
    expect(page.locator("[data-action=admit]")).to_have_count(0)
    counts(page, in_=3, waiting=0)
    assert [scan.person for scan in of_kind(tonight, "in")] == list(tonight.people)


def test_a_private_event_has_initials_and_no_name_anywhere_on_the_phone(
    installation: Installation, paired: Pair
) -> None:
    tonight = evening.begin(installation, people=2, doors=("North", "South"), private=True)
    call(tonight, ("Зарина Ализода", "Фирӯз Каримов"))
    north, south = map(paired, tonight.doors)
    let_in(south, "Парвина Назарова")
    inside(north, 1)
    show(north, tonight.codes[0], "admitted", "З. А.")
    search(north, "Ф")
    expect(north.locator(".person[data-person]")).to_contain_text("Ф. К.")
    counts(north, waiting=0)
    assert {entry["name"] for entry in _kept(north)["turnout-door.entries"]} == {"З. А.", "Ф. К.", "П. Н."}
    everything = json.dumps(_kept(north), ensure_ascii=False) + north.content()
    assert not re.findall("Зарина|Ализода|Фирӯз|Каримов|Парвина|Назарова", everything)


def _kept(page: Page) -> dict[str, Any]:
    """Return everything that the browser stores for the page."""
    stored: dict[str, Any] = page.evaluate(KEPT)
    return stored


# No network ----------------------------------------------------------------------------------------------------------


def test_scans_that_came_as_a_file_and_then_from_the_phone_are_there_once(
    installation: Installation, paired: Pair, visitor: Browser, tmp_path: Path
) -> None:
    tonight = evening.begin(installation, people=3)
    page = paired(tonight.doors[0])
    show(page, tonight.codes[0], "admitted")
    counts(page, waiting=0)
    offline(page)
    show(page, tonight.codes[1], "admitted")
    let_in(page, "Баҳром Қодиров")
    page.locator("[data-action=menu]").click()
    with page.expect_download() as saved:
        page.locator("[data-action=save]").click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    _bring(tonight, visitor, file, "2 new scans. 1 scan was already recorded.")
    assert admitted(tonight) == 3
    before = {scan.id for scan in tonight.scans()}

    page.keyboard.press("Escape")
    show(page, tonight.codes[2], "admitted")
    online(page)
    assert len({scan.id for scan in tonight.scans()} - before) == 1
    assert [newcomer.name for newcomer in newcomers(tonight)] == ["Баҳром Қодиров"]
    assert (admitted(tonight), len(of_kind(tonight, "in")), len(tonight.devices())) == (4, 4, 1)


def _bring(tonight: Evening, visitor: Browser, file: Path, message: str) -> None:
    """Import a file as an organizer; expect a message on the page."""
    with visitor.new_context(locale="en") as context:
        page = context.new_page()
        tonight.installation.sign_in(page)
        page.goto(tonight.installation.address(f"/organize/events/{tonight.event_id}/doors/"))
        page.locator("input[type=file]").set_input_files(file)
        page.locator("form[action*='/files'] button").click()
        expect(page.locator(".said")).to_have_text(message)


def test_a_phone_that_is_reloaded_without_a_network_still_has_its_shift(
    installation: Installation, paired: Pair
) -> None:
    tonight = evening.begin(installation, people=3)
    page = paired(tonight.doors[0])
    show(page, tonight.codes[0], "admitted")
    counts(page, waiting=0)
    until(page, "navigator.serviceWorker.controller !== null")
    offline(page)
    show(page, tonight.codes[1], "admitted")
    let_in(page, "Баҳром Қодиров")
    counts(page, waiting=2)
    # A verdict does not wait until it is written down, and a reload would come before that.
    installation.up.until(lambda: len(_kept(page)["turnout-door.own"]) == 3)
    page.reload()
    evening.take_up(page)
    counts(page, in_=3, waiting=2)
    expect(page.locator("[data-count=list]")).to_contain_text("4 names")
    show(page, tonight.codes[1], "already_in")
    show(page, tonight.codes[2], "admitted")
    page.locator("[data-action=undo]").click()
    expect(page.locator("[data-sheet=undo] [data-scan]")).to_have_count(4)
    expect(page.locator("[data-sheet=undo]")).to_contain_text("Баҳром Қодиров")
    page.keyboard.press("Escape")
    online(page)
    assert {scan.person for scan in of_kind(tonight, "in")} == {*tonight.people, newcomers(tonight)[0].ticket_id}
