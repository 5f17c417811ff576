"""One installation, started as a person starts it, with its demo; and a browser to visit it."""

import io
import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import psutil
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, sync_playwright
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from shared import clock
from shared.command.demo.load import EMAIL, PASSWORD, SLUG
from shared.command.embedded import temporary_directory
from shared.command.home import free_port
from shared.command.orphans import stop_orphans
from shared.config import read_settings
from shared.database import make_engine, make_sessions
from shared.events import events
from shared.models import Event, Organization
from tests.support.browser import browser, phone
from tests.support.shared_installation import share
from tests.support.turnout_up import PATIENCE, TURNOUT, Up

PAGES = 20


@dataclass(frozen=True)
class Installation:
    """A running Turnout: the addresses of its tour, its mailbox, and its tables."""

    up: Up
    engine: Engine
    sessions: sessionmaker[Session]
    secrets: tuple[bytes, ...]

    @property
    def tour(self) -> list[str]:
        """Return the five addresses that it printed: event, mailbox, sign-in, door, report."""
        return re.findall(r"^ +\d +\w+ +(http\S+)", self.up.said(), re.MULTILINE)

    def address(self, path: str) -> str:
        """Return the full address of a path of this installation."""
        return f"http://127.0.0.1:{self.up.port}{path}"

    def sign_in(self, page: Page) -> Page:
        """Sign the demo's organizer in, on a page that shows their events afterwards."""
        page.goto(self.tour[2])
        page.locator("input[name=email]").fill(EMAIL)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main form:has(input[name=password]) button[type=submit]").click()
        page.wait_for_url("**/organize/**")
        return page

    def find(self, page: Page, target: Locator) -> Locator:
        """Turn the pages of an organizer's events until one has the target: other journeys have added many."""
        for number in range(1, PAGES):
            page.goto(self.address(f"/organize/?page={number}"))
            if target.count():
                return target.first
        raise AssertionError(f"{target} is on none of {PAGES} pages")

    def letters(self, to: str) -> list[EmailMessage]:
        """Return the emails to an address so far."""
        listed: list[dict[str, Any]] = json.loads(self._get("/mailbox.json?limit=1000"))
        return [self._letter(row["eml"]) for row in listed if to in re.split(r"[<>,\s]+", str(row["to"]))]

    def letter(self, to: str) -> EmailMessage:
        """Wait for the first email to an address; return it."""
        self.up.until(lambda: self.letters(to))
        return self.letters(to)[-1]

    def _letter(self, path: str) -> EmailMessage:
        letter = message_from_bytes(self._get(path), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        return letter

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.address(path), timeout=60) as answer:
            content: bytes = answer.read()
            return content


@pytest.fixture(scope="session")
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Run `turnout up` on a fresh folder: one for all processes of a run, as each costs a core for half a minute."""
    own = tmp_path_factory.getbasetemp()
    meeting = own.parent if hasattr(request.config, "workerinput") else own
    with share(meeting, run) as up, visit(up) as installation:
        yield installation


@contextmanager
def visit(up: Up) -> Iterator[Installation]:
    """Return a running installation, with connections to its database."""
    web = up.part("granian")
    assert web is not None
    settings = read_settings(web.environ())
    engine = make_engine(settings)
    yield Installation(up, engine, make_sessions(engine), settings.secrets)
    engine.dispose()


@contextmanager
def run() -> Iterator[Up]:
    """Start `turnout up` on a folder of its own, wait until it is ready, and stop it."""
    with temporary_directory() as folder:
        port, screen = free_port(), folder / "screen"
        command = [*TURNOUT, "up", "--no-evenings", "--port", str(port), "--data", str(folder / "data")]
        # The one organizer of the demo signs in for each test, which on a fast machine is more often than anybody may.
        environment = {**os.environ, "TURNOUT_RATE_LIMITS": "off"}
        with screen.open("w") as output:
            process = psutil.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT, text=True)
        up = Up(folder / "data", port, process, screen)
        try:
            yield up.ready()
        finally:
            process.terminate()
            process.wait(PATIENCE)
            stop_orphans(up.data, seconds=1)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start Playwright, which drives the browsers."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def without_camera(playwright: Playwright) -> Iterator[Browser]:
    """Launch a browser without a camera once; the tests share it, each with a context of its own."""
    with browser(playwright) as launched:
        yield launched


@pytest.fixture
def visitor(without_camera: Browser) -> Iterator[Browser]:
    """Return a browser with an empty context."""
    yield without_camera
    for context in without_camera.contexts:
        context.close()


@pytest.fixture
def phones(visitor: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Return a function that opens phones, each a browser of its own."""
    contexts: list[BrowserContext] = []

    def another() -> BrowserContext:
        contexts.append(phone(visitor, language="en"))
        return contexts[-1]

    yield another
    for context in contexts:
        context.close()


@pytest.fixture
def keep_picture(pytestconfig: pytest.Config) -> Iterator[Callable[[str, bytes], None]]:
    """Return a function that stores pictures of a journey; save them side by side for the README at the end."""
    folder = Path(pytestconfig.rootpath) / "build" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    pictures: list[Image.Image] = []

    def keep(name: str, picture: bytes) -> None:
        (folder / f"{name}.png").write_bytes(picture)
        pictures.append(Image.open(io.BytesIO(picture)).convert("RGB"))

    yield keep
    side_by_side(pictures).save(folder / "the-line.png", optimize=True)


def side_by_side(pictures: Sequence[Image.Image], *, gap: int = 24, height: int = 960) -> Image.Image:
    """Return pictures in a row on white, all of one height."""
    scaled = [picture.resize((picture.width * height // picture.height, height)) for picture in pictures]
    width = sum(picture.width for picture in scaled) + gap * (len(scaled) + 1)
    row = Image.new("RGB", (width, height + 2 * gap), "white")
    left = gap
    for picture in scaled:
        row.paste(picture, (left, gap))
        left += picture.width + gap
    return row.quantize(128)


ZONE = ZoneInfo("Asia/Dushanbe")


Make = Callable[..., Event]


@pytest.fixture
def make(installation: Installation) -> Make:
    """Return a function that adds a published event of the demo organization in ten days."""

    def make_event(**overrides: Any) -> Event:
        start = (clock.now() + timedelta(days=10)).astimezone(ZONE).replace(microsecond=0, tzinfo=None)
        values = {
            "slug": f"story-{uuid4().hex}",
            "state": "published",
            "languages": ["tg", "ru", "en"],
            "title": {"en": "A story", "ru": "История", "tg": "Қисса"},
            "zone": "Asia/Dushanbe",
            "starts_local": start,
            "ends_local": start + timedelta(hours=2),
        }
        with installation.sessions.begin() as db:
            owner = db.scalars(select(Organization).where(Organization.slug == SLUG)).one()
            event = Event(organization_id=owner.id, **{**values, **overrides})
            return events.add(db, event, secret=installation.secrets[0])

    return make_event
