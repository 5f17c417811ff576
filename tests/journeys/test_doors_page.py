"""The doors page in a browser: it stays fresh, leaves a field in use alone, and its card is one sheet of paper."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.door import attendance, doors, passes
from shared.door.batches import Batch, ScanClaim
from shared.events import events
from shared.models import Device, Door, DoorPass, Event, Shift
from tests.factories import make_registration
from tests.journeys.conftest import Installation
from tests.support.open_event import organizer_account

LONG_NAMES = {
    "en": "North door, " + "at the river " * 3,
    "ru": "Северный вход, " + "у реки " * 6,
    "tg": "Дари шимолӣ " * 4,
}


@pytest.fixture
def event_id(installation: Installation) -> int:
    """Add an event that is on now, with two doors and a phone at each; return its id."""
    with installation.sessions.begin() as db:
        like = db.scalars(select(Event).order_by(Event.id)).first()
        assert like is not None
        start = clock.now().replace(tzinfo=None, microsecond=0) + timedelta(hours=4)
        values = {name: getattr(like, name) for name in ("organization_id", "languages", "title", "zone", "venue")}
        event = Event(
            **values,
            slug=f"doors-{uuid4().hex}",
            state="published",
            reentry=True,
            starts_local=start,
            ends_local=start + timedelta(hours=3),
        )
        events.add(db, event, secret=installation.secrets[0])
        for volunteer in ("Нигина", "Далер"):
            _pair(db, doors.add(db, event=event, name=dict(LONG_NAMES), by=organizer_account(db)), volunteer)
        return event.id


def _pair(db: Session, door: Door, volunteer: str) -> None:
    door_pass = passes.create(db, door=door, by=organizer_account(db))
    device, _ = passes.pair(db, pass_id=door_pass.id, version=1, phone=uuid4(), volunteer=volunteer)
    device.stamps_from = clock.now() - timedelta(hours=1)
    db.add(Shift(device_id=device.id, since=0, name=volunteer))


@pytest.fixture
def organizer(installation: Installation, visitor: Browser) -> Iterator[Page]:
    """Sign an organizer in; return the page."""
    context = visitor.new_context(viewport={"width": 360, "height": 640}, locale="en")
    page = context.new_page()
    installation.sign_in(page)
    yield page
    context.close()


def show_twice(installation: Installation, event_id: int, name: str) -> None:
    """Check one ticket in at both doors, five minutes apart."""
    with installation.sessions.begin() as db:
        event = db.get_one(Event, event_id)
        guest = make_registration(db, event, name=name, code=None)
        phones = db.scalars(select(Device).where(Device.event_id == event_id).order_by(Device.id)).all()
        for minutes, device in zip((30, 25), phones, strict=True):
            at = clock.milliseconds(clock.now() - timedelta(minutes=minutes))
            scan = ScanClaim(id=uuid4(), session=event.sessions[0].id, kind="in", at=at, person=guest.ticket_id)
            attendance.record(db, device=device, batch=Batch([scan]))


def rename_doors(installation: Installation, event_id: int, name: str) -> None:
    """Change what every conflict says."""
    with installation.sessions.begin() as db:
        for door in db.scalars(select(Door).where(Door.event_id == event_id)):
            doors.rename(db, door=door, name={"en": name}, by=organizer_account(db))


def test_a_conflict_comes_by_itself_and_disturbs_nobody(
    installation: Installation, organizer: Page, event_id: int
) -> None:
    show_twice(installation, event_id, "Азиза Раҳимова")
    organizer.goto(installation.address(f"/organize/events/{event_id}/doors/"))
    first = organizer.locator("[data-conflict]")
    first.locator("summary").click()
    note = first.locator("textarea")
    note.press_sequentially("Two broth")

    show_twice(installation, event_id, "Бахром Қурбонов")
    rename_doors(installation, event_id, "By the hill")
    expect(organizer.locator("[data-conflict]")).to_have_count(2)
    expect(organizer.locator("[data-conflict]", has_text="Бахром")).to_contain_text("By the hill")
    expect(organizer.locator("[data-open-conflicts]")).to_have_text("2")
    expect(organizer.locator("[data-conflict]").first).to_contain_text("Бахром Қурбонов")
    assert organizer.evaluate("document.activeElement.name") == "note"
    note = organizer.locator("[data-conflict]", has_text="Азиза").locator("textarea")
    note.press_sequentially("ers")
    expect(note).to_have_value("Two brothers")

    # What was typed and left stays too; what changed around it is shown once it is sent.
    organizer.locator("h1").click()
    rename_doors(installation, event_id, "By the lake")
    show_twice(installation, event_id, "Ватан Юсупов")
    expect(organizer.locator("[data-conflict]")).to_have_count(3)
    expect(organizer.locator("[data-conflict]", has_text="Бахром")).to_contain_text("By the lake")
    expect(note).to_have_value("Two brothers")
    expect(organizer.locator("[data-conflict]", has_text="Азиза")).not_to_contain_text("By the lake")
    organizer.locator("[data-conflict]", has_text="Азиза").locator("button").click()
    expect(organizer.locator(".said")).to_have_text("Note saved.")
    expect(organizer.locator("[data-conflict]").last).to_contain_text("Two brothers")
    expect(organizer.locator("[data-open-conflicts]")).to_have_text("2")


def test_a_phone_is_seen_to_scan(installation: Installation, organizer: Page, event_id: int) -> None:
    organizer.goto(installation.address(f"/organize/events/{event_id}/doors/"))
    # So soon it asks again: from a scan to the page it is five seconds at most.
    assert organizer.locator("[data-every]").get_attribute("data-every") == "2500"
    phone = organizer.locator("#phones ~ ul li.line", has_text="Нигина")
    expect(phone).to_contain_text("0 scans received")
    phone.locator("summary").click()
    show_twice(installation, event_id, "Азиза Раҳимова")
    expect(phone).to_contain_text("1 scan received")
    # What was open is open still, and the keyboard is where it was.
    expect(phone.locator("details")).to_have_attribute("open", "")
    assert organizer.evaluate("document.activeElement.localName") == "summary"


def test_everything_fits_the_smallest_phone(installation: Installation, organizer: Page, event_id: int) -> None:
    show_twice(installation, event_id, "Абдураҳмон Муҳаммадҷонович " * 4)
    organizer.set_viewport_size({"width": 320, "height": 640})
    for path in ("doors/", "doors/paper", ""):
        organizer.goto(installation.address(f"/organize/events/{event_id}/{path}"))
        organizer.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert organizer.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_the_card_is_one_sheet_whose_code_is_read(
    installation: Installation, organizer: Page, event_id: int, tmp_path: Path
) -> None:
    with installation.sessions.begin() as db:
        door_pass = db.scalars(select(DoorPass).join(Door).where(Door.event_id == event_id)).first()
        assert door_pass is not None
        secret = tokens.make(installation.secrets[0], "pairing", id=door_pass.id, version=1)
        path = f"/organize/events/{event_id}/doors/{door_pass.door_id}/card"
    organizer.goto(installation.address(path))
    organizer.pdf(path=tmp_path / "card.pdf", prefer_css_page_size=True)
    sheets = pypdfium2.PdfDocument(tmp_path / "card.pdf")
    number, size, picture = len(sheets), sheets[0].get_size(), sheets[0].render(scale=2).to_pil()
    sheets.close()
    (code,) = zxingcpp.read_barcodes(picture)
    assert (number, [round(side) for side in size]) == (1, [595, 842])
    assert code.text == installation.address(f"/door/#{secret}")
