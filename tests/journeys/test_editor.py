"""An organizer's event in a browser: made, filled in, previewed, published, moved with an email, and copied."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from shared import clock
from shared.i18n import gettext, use_language
from shared.models import Event
from shared.registrations import self_service
from shared.registrations.new_registration import NewRegistration
from tests.journeys.conftest import Installation
from tests.support import accessibility as obstacles
from tests.support.accessibility import SPOKEN
from tests.support.browser import PATIENCE

PARTS = (
    "",
    "texts",
    "time",
    "sessions",
    "speakers",
    "ticket_types",
    "questions",
    "registration",
    "cover",
    "recap",
    "copy",
)


@pytest.fixture(params=SPOKEN)
def organizer(installation: Installation, visitor: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Sign an organizer in on a phone; return the page."""
    context = visitor.new_context(viewport={"width": 360, "height": 800}, locale=request.param)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    installation.sign_in(page)
    yield page
    context.close()


def of_the_demo(installation: Installation) -> str:
    """Return the address of an event that is new to the installation."""
    with installation.sessions.begin() as db:
        event_id = db.scalars(select(Event.id).where(Event.slug.startswith("media-workshop"))).one()
        return f"/organize/events/{event_id}/"


def press(page: Page, action: str) -> None:
    """Send the form that leads there, and wait for the page after it."""
    page.locator(f'form[action$="{action}"] button[type=submit]').last.click()
    expect(page.locator(".said")).to_be_visible()


def event_of(page: Page) -> int:
    match = re.search(r"/events/(\d+)/", page.url)
    assert match
    return int(match[1])


def test_an_event_from_the_idea_to_its_copy(installation: Installation, organizer: Page) -> None:
    page, start = organizer, clock.now().replace(second=0, microsecond=0, tzinfo=None) + timedelta(days=30)
    page.goto(installation.address("/organize/new"))
    page.locator('input[name=language][value="tg"]').check()
    page.locator("input[name=title]").fill("Мулоқоти 7")
    page.locator("input[name=starts_local]").fill(f"{start:%Y-%m-%dT%H:%M}")
    page.locator("input[name=ends_local]").fill(f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    page.locator("input[name=capacity]").fill("40")
    press(page, "/organize/new")
    base = installation.address(f"/organize/events/{event_of(page)}")
    expect(page.locator('form[action$="/publish"] button')).to_be_disabled()

    page.goto(f"{base}/edit/time")
    page.locator('input[name="venue.tg"]').fill("Китобхонаи миллӣ")
    press(page, "/edit/time")
    page.goto(f"{base}/edit/texts")
    page.locator('input[name="title.ru"]').fill("Встреча 7")
    press(page, "/edit/texts")
    page.goto(f"{base}/edit/speakers")
    page.locator('#new input[name="name.tg"]').fill("Нигина")
    press(page, "/rows/speakers/")

    page.goto(f"{base}/preview/ru")
    expect(page.locator("h1")).to_have_text("Встреча 7")
    expect(page.locator(".story")).to_contain_text("Нигина")
    page.goto(f"{base}/edit/")
    press(page, "/publish")
    path = page.locator(".event-head a[href*='/e/']").get_attribute("href")
    assert path is not None
    assert page.goto(installation.address(path)).status == 200  # type: ignore[union-attr]  # a page of ours answers

    guest = f"guest-{event_of_path(path)}@example.org"
    _somebody_registers(installation, event_of_path(path), guest)
    page.goto(f"{base}/edit/time")
    page.locator("input[name=starts_local]").fill(f"{start - timedelta(hours=1):%Y-%m-%dT%H:%M}")
    press(page, "/edit/time")
    installation.up.until(lambda: len(installation.letters(guest)) == 2)
    newest = installation.letters(guest)[0]
    with use_language("tg"):
        assert gettext("email.time_changed") in newest.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # every email has a text

    page.goto(f"{base}/edit/copy")
    expect(page.locator('input[name="title.tg"]')).to_have_value("Мулоқоти 8")
    press(page, "/edit/copy")
    expect(page.locator("h1")).to_have_text(re.compile("8"))
    assert event_of(page) != int(base.rpartition("/")[2])


def event_of_path(path: str) -> str:
    """Return the slug in a page's address."""
    return path.rpartition("/")[2]


def _somebody_registers(installation: Installation, slug: str, guest: str) -> None:
    person = NewRegistration(name="Гулру", language="tg", email=guest)
    with installation.sessions.begin() as db:
        self_service.register(db, slug=slug, new_registration=person)
    installation.letter(guest)


def test_two_organizers_see_what_the_other_one_saved(installation: Installation, organizer: Page) -> None:
    page = organizer
    address = installation.address(f"{of_the_demo(installation)}edit/texts")
    page.goto(address)
    second_page = page.context.new_page()
    second_page.goto(address)
    second_page.locator('input[name="contact"]').fill("one@example.org")
    press(second_page, "/edit/texts")
    page.locator('input[name="contact"]').fill("two@example.org")
    page.locator('form[action$="/edit/texts"] button[type=submit]').click()
    expect(page.locator(".theirs")).to_contain_text("one@example.org")
    expect(page.locator('input[name="contact"]')).to_have_value("two@example.org")
    press(page, "/edit/texts")
    expect(page.locator('input[name="contact"]')).to_have_value("two@example.org")


def test_nothing_stands_in_the_way_of_an_editor(installation: Installation, organizer: Page) -> None:
    page = organizer
    href = of_the_demo(installation)
    addresses = ["/organize/new", f"{href}share/", f"{href}preview/tg", *(f"{href}edit/{part}" for part in PARTS)]
    faults = []
    for address in addresses:
        page.goto(installation.address(address))
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        faults += obstacles.faults_in_both_themes(page, address)
        obstacles.assert_fits(page)
    assert faults == []
