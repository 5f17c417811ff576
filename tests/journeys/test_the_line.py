"""The whole line on real processes: register, email, scan, count, report."""

import base64
import io
import re
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Playwright, expect
from sqlalchemy import select

from shared import clock
from shared.i18n import gettext, use_language
from shared.models import Event, Registration, Report
from tests.factories import move_event
from tests.journeys.conftest import Installation
from tests.support.browser import browser, film, phone, read

NAME = "Ҷаҳонгир Ӯғлонов Қӯшғӣ"
ADDRESS = "jahongir@example.org"


def test_from_the_event_page_to_the_report(
    installation: Installation, visitor: Browser, playwright: Playwright, tmp_path: Path
) -> None:
    slug = installation.tour[0].rpartition("/")[2]

    ticket = _register(installation, visitor)
    code = _decode(_inline_code(installation.letter(ADDRESS)))
    assert code.upper().startswith(installation.address("/T/").upper())
    assert ticket == code

    _move(installation, slug, starts=-timedelta(hours=1), ends=timedelta(hours=1))
    held_up = film(tmp_path / "ticket.mjpeg", _inline_code(installation.letter(ADDRESS)))
    organizer = _sign_in(installation, visitor)
    event_id = _event(installation, slug).id
    organizer.goto(installation.address(f"/organize/events/{event_id}/live"))
    expect(organizer.locator("[data-live=expected]")).to_have_text("1")
    expect(organizer.locator("[data-live=admitted]")).to_have_text("0")
    with browser(playwright, camera=held_up) as phones:
        _scan(installation, phones)
    expect(organizer.locator("[data-live=admitted]")).to_have_text("1")

    _move(installation, slug, starts=-timedelta(hours=1), ends=timedelta(0))
    installation.up.until(lambda: _report(installation, event_id))
    figures = _report(installation, event_id).figures  # type: ignore[union-attr]  # just waited for
    assert (figures["registered"], figures["attended"], figures["no_shows"]) == (1, 1, 0)
    organizer.goto(installation.address(f"/organize/events/{event_id}/report"))
    expect(_figure(organizer, "figure.registered")).to_have_text("1")
    expect(_figure(organizer, "figure.attended")).to_have_text("1")
    expect(_figure(organizer, "figure.no_shows")).to_have_text(re.compile("^0"))


def _register(installation: Installation, visitor: Browser) -> str:
    """Register in Tajik on a phone; return the text of the QR code on the next page."""
    page = phone(visitor, language="tg").new_page()
    page.goto(installation.tour[0])
    expect(page.locator("html")).to_have_attribute("lang", "tg")
    page.locator("input[name=name]").fill(NAME)
    page.locator("input[name=email]").fill(ADDRESS)
    read(page)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url("**/tg/r/**")
    expect(page.locator("main")).to_contain_text(NAME)
    with installation.sessions.begin() as db:
        short = str(db.scalars(select(Registration.short_code).where(Registration.email == ADDRESS)).one())
    expect(page.locator("main")).to_contain_text(f"{short[:4]}-{short[4:]}")
    # The page has no script: it asks for itself again until the worker has made the code.
    code = page.locator(".qr svg").first
    code.wait_for(state="visible")
    return _decode(code.screenshot())


def _scan(installation: Installation, phones: Browser) -> None:
    """Pair a phone by the door link of the tour, and hold the ticket before its camera twice."""
    page = phone(phones, language="tg", permissions=("camera",)).new_page()
    page.goto(installation.tour[3])
    page.locator("input[name=volunteer]").fill("Нигина")
    page.locator("[data-action=pair]").click()
    page.locator("[data-action=start]").click()
    verdict = page.locator("[data-verdict]")
    # In one look, before the ticket is held up again.
    welcome = re.compile(f"Марҳамат.*{NAME}", re.DOTALL)
    expect(page.locator("[data-verdict=admitted][data-confirmed=true]")).to_contain_text(welcome)
    assert "#" not in page.url
    with installation.sessions.begin() as db:
        event = db.scalars(select(Event).where(Event.slug == installation.tour[0].rpartition("/")[2])).one()
    local = datetime.now(ZoneInfo(event.zone))
    page.locator("[data-verdict=already_in]").wait_for()
    hours = {f"{(local + timedelta(minutes=minutes)):%H:%M}" for minutes in (-1, 0, 1)}
    assert any(hour in verdict.inner_text() for hour in hours), verdict.inner_text()
    expect(page.locator("[data-count=in]")).to_contain_text("1")


def _sign_in(installation: Installation, visitor: Browser) -> Page:
    page = phone(visitor, language="tg").new_page()
    installation.sign_in(page)
    return page


def _figure(page: Page, message: str) -> Locator:
    """Return a number of the report's headline, by the id of its label."""
    with use_language("tg"):
        term = page.get_by_role("term").get_by_text(gettext(message), exact=True)
    return page.locator(".number", has=term).locator("strong")


def _inline_code(letter: EmailMessage) -> bytes:
    """Return the picture of the QR code in the text of the email."""
    pictures = [part for part in letter.walk() if part.get_content_type() == "image/png" and part["Content-ID"]]
    readable = [part.get_content() for part in pictures if zxingcpp.read_barcodes(Image.open(_bytes(part)))]
    assert len(readable) == 1
    content = readable[0]
    assert isinstance(content, bytes)
    return content


def _bytes(part: object) -> io.BytesIO:
    payload = part.get_payload()  # type: ignore[attr-defined]  # a part of an email
    return io.BytesIO(base64.b64decode(payload))


def _decode(picture: bytes) -> str:
    return zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))[0].text


def _event(installation: Installation, slug: str) -> Event:
    with installation.sessions.begin() as db:
        return db.scalars(select(Event).where(Event.slug == slug)).one()


def _report(installation: Installation, event_id: int) -> Report | None:
    with installation.sessions.begin() as db:
        return db.scalars(select(Report).where(Report.event_id == event_id)).one_or_none()


def _move(installation: Installation, slug: str, *, starts: timedelta, ends: timedelta) -> None:
    """Move the event to around now, by its own wall clock, with no grace after its end."""
    with installation.sessions.begin() as db:
        event = db.scalars(select(Event).where(Event.slug == slug)).one()
        wall = clock.now().astimezone(ZoneInfo(event.zone)).replace(tzinfo=None)
        move_event(db, event, starts=wall + starts, ends=wall + ends)
        event.grace_minutes = 0
