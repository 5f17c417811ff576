"""A new version of the scanner: it waits during scans, takes over whole, and never by halves."""

import re
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import Installation
from tests.support.browser import phone, until

REGISTRATION = "navigator.serviceWorker.getRegistration('/door/')"
TAKE_OVER = f"{REGISTRATION}.then(one => one.waiting?.postMessage('take over'))"


class Server(ThreadingHTTPServer):
    """An installation's files; its service worker can be altered as a new release alters it."""

    installation: Installation
    alter: Callable[[bytes], bytes]


class Passing(BaseHTTPRequestHandler):
    """Passes requests on."""

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        with urllib.request.urlopen(server.installation.address(self.path), timeout=60) as answer:
            body, headers = answer.read(), answer.headers
        content = server.alter(body) if self.path == "/door/sw.js" else body
        self.send_response(200)
        for name in ("Content-Type", "Cache-Control", "Content-Security-Policy"):
            self.send_header(name, headers.get(name, ""))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words: object) -> None:
        """Write nothing."""


@pytest.fixture
def server(installation: Installation) -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Passing) as server:
        server.installation, server.alter = installation, bytes
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def open_door(browser: Browser, server: Server) -> Page:
    """Open a scanner that its service worker has stored."""
    page = phone(browser).new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/door/")
    until(page, "navigator.serviceWorker.controller !== null")
    return page


def renamed(script: bytes) -> bytes:
    """Return the service worker of another version with the same files."""
    return re.sub(rb"door-[0-9a-f]{12}", b"door-next", script)


def update(page: Page) -> None:
    page.evaluate(f"{REGISTRATION}.then(one => one.update()).then(() => null)")


def cached(page: Page) -> list[str]:
    names: list[str] = page.evaluate("caches.keys()")
    return sorted(names)


def test_a_new_version_waits_while_another_page_is_open_and_then_replaces_the_old_one(
    visitor: Browser, server: Server
) -> None:
    page = open_door(visitor, server)
    [old] = cached(page)
    second_page = page.context.new_page()
    second_page.goto(page.url)
    server.alter = renamed
    update(page)
    until(page, f"{REGISTRATION}.then(one => one.waiting !== null)")
    assert cached(page) == sorted([old, "door-next"])
    page.evaluate(TAKE_OVER)
    second_page.reload()
    assert cached(page) == sorted([old, "door-next"])
    second_page.close()
    # The browser takes its time to forget a page that was closed; ours asks each minute too.
    until(page, f"{TAKE_OVER}.then(() => caches.keys()).then(names => names.join() === 'door-next')")
    page.context.set_offline(True)
    page.reload()
    page.locator("h1").wait_for()


def test_a_version_of_which_one_file_is_not_there_yet_is_not_kept_at_all(visitor: Browser, server: Server) -> None:
    page = open_door(visitor, server)
    before = cached(page)
    server.alter = lambda script: re.sub(rb'(door\.css":")[^"]+', rb"\1" + b"A" * 43 + b"=", renamed(script))
    update(page)
    until(page, f"{REGISTRATION}.then(one => one.installing === null)")
    assert page.evaluate(f"{REGISTRATION}.then(one => one.waiting)") is None
    assert cached(page) == before
