"""The scanner's camera in a real browser: reading codes, stopping, storing, and the cost of a scan."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route, expect
from sqlalchemy import select

from shared import clock, links, tokens
from shared.door import doors, passes
from shared.models import Event, Registration
from shared.papers import qr
from shared.registrations import self_service
from shared.registrations.new_registration import NewRegistration
from tests.journeys.conftest import Installation
from tests.support.browser import QUIET, browser, chromium, film, phone, until
from tests.support.open_event import organizer_account

NAME = "Сабрина Санҷишӣ"
LIVE = "document.querySelector('video')?.srcObject?.getVideoTracks()[0]"
KEPT = "async () => (await (await caches.open((await caches.keys())[0])).keys()).map(one => new URL(one.url).pathname)"
FORGET = "async path => (await caches.open((await caches.keys())[0])).delete(path, { ignoreSearch: true })"
DATABASES = "async () => (await indexedDB.databases()).map(each => each.name)"
COUNT_STREAMS = """
    window.streams = 0;
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wanted) => { window.streams += 1; return open(wanted); };
"""
FAIL_ONCE = """
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = () => {
        navigator.mediaDevices.getUserMedia = open;
        return Promise.reject(new DOMException('', 'NotReadableError'));
    };
"""
DEAF = """
    window.deaf = true;
    window.AudioContext = class extends AudioContext {
        constructor() { super(); window.speaker = this; this.notes = 0; void this.suspend(); }
        resume() { return window.deaf ? Promise.reject(new Error('a call')) : super.resume(); }
        createOscillator() { this.notes += 1; return super.createOscillator(); }
    };
"""
WITHOUT_DRAWING = "self.OffscreenCanvas = undefined;"


@dataclass(frozen=True)
class Scene:
    """A door to pair with, and a film of a ticket."""

    door: str
    code: str
    ticket: Path


@pytest.fixture(scope="module")
def scene(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Return a pass of an event whose doors are always open, and a film of a ticket for it: shown, put away, shown."""
    with installation.sessions.begin() as db:
        event = db.scalars(
            select(Event).where(Event.slug.startswith("open-discussion"), Event.ends_at > clock.now())
        ).one()
        event.doors_open_minutes = None
        address = f"sabrina-{uuid4().hex}@example.org"
        new_registration = NewRegistration(name=NAME, language="tg", email=address)
        registration = self_service.register(db, slug=event.slug, new_registration=new_registration).registration.id
        door = doors.add(db, event=event, name={"tg": "Дари озмоиш"}, by=organizer_account(db))
        door_pass = passes.create(db, door=door, phones=50, by=organizer_account(db))
        secret = tokens.make(installation.secrets[0], "pairing", id=door_pass.id, version=door_pass.version)
    installation.letter(address)
    with installation.sessions.begin() as db:
        code = db.get_one(Registration, registration).code or ""
    text = links.ticket_code(installation.address(""), code)
    ticket = film(tmp_path_factory.mktemp("films") / "ticket.mjpeg", qr.png(text))
    return Scene(installation.address(links.door(secret)), text, ticket)


@contextmanager
def at_the_door(playwright: Playwright, camera: Path) -> Iterator[BrowserContext]:
    """Open a phone whose camera sees a film."""
    with browser(playwright, camera=camera) as launched:
        yield phone(launched, permissions=("camera",))


def _without_offscreen_canvas(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=WITHOUT_DRAWING + answer.text())


def scan(page: Page, door: str) -> None:
    """Pair and start."""
    page.goto(door)
    page.locator("input[name=volunteer]").fill("Нигина")
    page.locator("[data-action=pair]").click()
    page.locator("[data-action=start]").click()


def type_as_a_scanner(page: Page, code: str) -> None:
    """Press keys five milliseconds apart, however long the browser takes to hear of them; end with Enter."""
    keyboard, began = page.context.new_cdp_session(page), time.time()
    for place, key in enumerate([*code, "Enter"]):
        text = "\r" if key == "Enter" else key
        pressed = {"key": key, "text": text, "timestamp": began + place * 0.005}
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", **pressed})
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "timestamp": pressed["timestamp"]})


def shows_name(page: Page) -> None:
    """Wait until a verdict names the attendee: the code was read."""
    expect(page.locator("[data-verdict]")).to_contain_text(NAME)


def test_codes_are_read_in_a_worker_beside_the_page(playwright: Playwright, scene: Scene) -> None:
    with at_the_door(playwright, scene.ticket) as context:
        page = context.new_page()
        scan(page, scene.door)
        shows_name(page)
        assert ["/door/reader.js" in worker.url for worker in page.workers] == [True]
        asked = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
        assert not [name for name in asked if ".wasm" in name]


def test_where_no_worker_starts_the_page_itself_reads(playwright: Playwright, scene: Scene) -> None:
    with browser(playwright, camera=scene.ticket) as launched:
        context = launched.new_context(permissions=["camera"], service_workers="block")
        context.route("**/door/reader.js*", lambda route: route.abort())
        page = context.new_page()
        scan(page, scene.door)
        shows_name(page)
        assert page.workers == []


def test_without_drawing_in_workers_pixels_are_handed_over(playwright: Playwright, scene: Scene) -> None:
    """Safari before 16.4: the worker has no OffscreenCanvas."""
    with browser(playwright, camera=scene.ticket) as launched:
        context = launched.new_context(permissions=["camera"], service_workers="block")
        context.route("**/door/reader.js*", _without_offscreen_canvas)
        page = context.new_page()
        page.add_init_script("self.createImageBitmap = () => { throw new Error('not used') }")
        scan(page, scene.door)
        shows_name(page)
        assert len(page.workers) == 1


def test_a_camera_that_ends_comes_back_as_another_stream(playwright: Playwright, scene: Scene) -> None:
    with at_the_door(playwright, scene.ticket) as context:
        page = context.new_page()
        scan(page, scene.door)
        shows_name(page)
        before = page.evaluate(f"{LIVE}.id")
        page.evaluate(f"{LIVE}.stop(), {LIVE}.dispatchEvent(new Event('ended'))")
        until(page, f"{LIVE}.readyState === 'live' && {LIVE}.id !== '{before}'")


def test_the_stream_stays_one_for_the_shift(playwright: Playwright, scene: Scene) -> None:
    with at_the_door(playwright, scene.ticket) as context:
        page = context.new_page()
        page.add_init_script(COUNT_STREAMS)
        scan(page, scene.door)
        shows_name(page)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator("[data-verdict=already_in]")).to_contain_text(NAME)
        assert page.evaluate("streams") == 1


def test_a_camera_that_was_busy_reads_once_the_page_is_in_front_again(playwright: Playwright, scene: Scene) -> None:
    with at_the_door(playwright, scene.ticket) as context:
        page = context.new_page()
        page.add_init_script(FAIL_ONCE)
        scan(page, scene.door)
        again = page.locator("[data-action=camera]")
        expect(again).to_be_visible()
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        shows_name(page)
        expect(again).to_have_count(0)


def test_a_phone_without_sound_says_so_and_a_tap_brings_it_back(visitor: Browser, scene: Scene) -> None:
    page = phone(visitor, language="en").new_page()
    page.add_init_script(DEAF)
    scan(page, scene.door)
    trouble = page.locator(".trouble")
    expect(trouble).to_have_text("No sound: tap the screen.")
    page.locator(".status h1").click()
    expect(trouble).to_have_text("No sound: tap the screen.")
    assert page.evaluate("speaker.notes") == 0
    page.evaluate("window.deaf = false")
    page.locator(".status h1").click()
    expect(trouble).to_have_text("")
    page.locator("[data-action=again]").click()
    until(page, "speaker.notes > 0")


def test_a_refused_camera_is_said_and_the_rest_goes_on(playwright: Playwright, scene: Scene) -> None:
    args = [*QUIET, "--use-fake-device-for-media-stream", "--deny-permission-prompts"]
    launched = playwright.chromium.launch(executable_path=chromium(), args=args)
    page = phone(launched, language="en").new_page()
    scan(page, scene.door)
    expect(page.get_by_text("The camera is not allowed")).to_be_visible()
    expect(page.locator("[data-action=search]")).to_be_enabled()
    launched.close()


def test_a_door_pass_before_the_camera_pairs_the_phone_anew(
    playwright: Playwright, scene: Scene, tmp_path: Path
) -> None:
    with at_the_door(playwright, film(tmp_path / "pass.mjpeg", qr.png(scene.door))) as context:
        page = context.new_page()
        scan(page, scene.door)
        page.locator("[data-action=pair-this]").click()
        expect(page.locator("input[name=volunteer]")).to_be_visible()


def test_the_other_camera_is_used_from_then_on_also_after_a_reload(playwright: Playwright, scene: Scene) -> None:
    args = [*QUIET, "--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream"]
    launched = playwright.chromium.launch(executable_path=chromium(), args=args)
    page = phone(launched, permissions=("camera",)).new_page()
    scan(page, scene.door)
    flip = page.locator("[data-action=flip]")
    expect(flip).to_be_visible()
    first = page.evaluate(f"{LIVE}.getSettings().deviceId")
    flip.click()
    until(page, f"{LIVE}?.getSettings().deviceId !== '{first}' && {LIVE}.readyState === 'live'")
    second = page.evaluate(f"{LIVE}.getSettings().deviceId")
    page.reload()
    page.locator("[data-action=start]").click()
    until(page, f"{LIVE}?.getSettings().deviceId === '{second}'")
    launched.close()


def test_a_scanner_that_types_is_heard_and_buttons_are_still_pressed_by_keys(visitor: Browser, scene: Scene) -> None:
    page = phone(visitor, language="en").new_page()
    scan(page, scene.door)
    expect(page.locator("[data-action=camera]")).to_be_visible()
    page.locator("[data-action=search]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("input[name=who]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("input[name=who]")).to_have_count(0)
    page.locator("[data-action=search]").focus()
    type_as_a_scanner(page, scene.code)
    shows_name(page)
    expect(page.locator("input[name=who]")).to_have_count(0)


def test_the_scanner_opens_and_reads_without_a_network(playwright: Playwright, scene: Scene) -> None:
    with at_the_door(playwright, scene.ticket) as context:
        page = context.new_page()
        scan(page, scene.door)
        shows_name(page)
        until(page, "navigator.serviceWorker.controller !== null")
        context.set_offline(True)
        page.reload()
        page.locator("[data-action=start]").click()
        shows_name(page)
        assert ["/door/reader.js" in worker.url for worker in page.workers] == [True]


def test_a_cache_that_lost_files_is_filled_again_and_breaks_nothing(playwright: Playwright, scene: Scene) -> None:
    with at_the_door(playwright, scene.ticket) as context:
        page = context.new_page()
        scan(page, scene.door)
        until(page, "navigator.serviceWorker.controller !== null")
        whole = set(page.evaluate(KEPT))
        for path in ("/static/built/door.js", "/door/reader.js"):
            page.evaluate(FORGET, path)
        assert set(page.evaluate(KEPT)) == whole - {"/static/built/door.js", "/door/reader.js"}
        page.reload()
        page.locator("[data-action=start]").click()
        shows_name(page)
        until(page, f"({KEPT})().then(kept => kept.length === {len(whole)})")


def test_the_bench_says_what_a_scan_costs_and_leaves_nothing(
    playwright: Playwright, installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    with browser(playwright) as launched:
        page = phone(launched, language="en").new_page()
        page.goto(installation.address("/door/bench"))
        page.locator("body[data-state]").wait_for(state="attached", timeout=120_000)
        results = page.evaluate("window.benchResults")
        with capsys.disabled():
            sys.stdout.write(f"\n{json.dumps(results, indent=1)}\n")
        assert results["place"] == "worker"
        assert results["read"] >= 0.95 * results["shown"]
        for step, figures in results["steps"].items():
            # The worst of them say how busy the machine is.
            assert 0 <= figures["p50"] < 1000, step
            assert figures["p50"] <= figures["p95"], step
        assert results["slower"]["p95"] == pytest.approx(6 * results["sum"]["p95"])
        assert page.locator("[data-row=sum] [data-share=p95]").inner_text() == f"{results['sum']['p95']:.1f}"
        assert page.evaluate(DATABASES) == []
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
