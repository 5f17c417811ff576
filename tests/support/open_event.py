"""A new event in the installation that is on now, with tickets for its people and passes for its doors."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, links, tickets, tokens
from shared.command.demo.load import EMAIL
from shared.door import doors, passes
from shared.door.admissions import fact_of
from shared.door.fold import Folded, fold
from shared.events import events
from shared.models import Account, Admission, Device, DoorPass, Event, Organization, Registration, Scan, TicketKey
from shared.papers import qr
from tests.factories import make_registration
from tests.journeys.conftest import Installation
from tests.support.browser import FRAMES_PER_SECOND, frame

MINUTES_FAST = """
(() => {
  const skew = MINUTES * 60_000, Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + skew); }
    static now() { return Real.now() + skew; }
  };
})()
"""

TYPES = """
async ([codes]) => {
  for (const code of codes) {
    const timeStamp = { value: performance.now() };
    for (const key of [...code, "Enter"]) {
      const pressed = new KeyboardEvent("keydown", { key, bubbles: true });
      document.dispatchEvent(Object.defineProperty(pressed, "timeStamp", timeStamp));
    }
    await new Promise((done) => setTimeout(done));
  }
}
"""
"""As fast as a scanner types, also where the machine stops for a while between two keys."""


@dataclass(frozen=True)
class Evening:
    """The event, its people's ticket ids and codes, and the links of its doors' passes."""

    installation: Installation
    event_id: int
    session_id: int
    people: Sequence[str]
    codes: Sequence[str]
    doors: Sequence[str]

    def picture(self, number: int) -> bytes:
        """Return the picture of a person's ticket, as it is printed."""
        return qr.png(links.ticket_code(self.installation.address(""), self.codes[number]))

    def read(self, ask: Callable[[Session], Any]) -> Any:
        """Return the result of a query."""
        with self.installation.sessions.begin() as db:
            return ask(db)

    def scans(self) -> list[Scan]:
        """Return the ledger of the event."""
        return list(self.read(lambda db: db.scalars(select(Scan).where(Scan.event_id == self.event_id)).all()))

    def folded(self) -> Folded:
        """Return the fold of the ledger, computed here and now."""
        return fold(map(fact_of, self.scans()))

    def admissions(self) -> dict[tuple[str, int], tuple[str, int, int]]:
        """Return the first scan, entries and conflicts of each person in each session, from the table."""
        query = select(Admission).where(Admission.event_id == self.event_id, Admission.first.is_not(None))
        rows: Sequence[Admission] = self.read(lambda db: db.scalars(query).all())
        return {
            (admission.person, admission.session_id): (
                str(admission.first),
                admission.entries,
                len(admission.conflicts),
            )
            for admission in rows
        }

    def devices(self) -> list[Device]:
        """Return the phones of the event."""
        return list(self.read(lambda db: db.scalars(select(Device).where(Device.event_id == self.event_id)).all()))


def begin(installation: Installation, *, people: int, doors: Sequence[str] = ("North",), **event: Any) -> Evening:
    """Add an event that began a minute ago, with its people and doors."""
    with installation.sessions.begin() as db:
        event_row = _event(db, installation, **event)
        guests = [_guest(db, installation, event_row, number) for number in range(people)]
        door_passes = [_door(db, event_row, name) for name in doors]
        return Evening(
            installation,
            event_row.id,
            event_row.sessions[0].id,
            [guest.ticket_id for guest in guests],
            [str(guest.code) for guest in guests],
            [_link(installation, door_pass) for door_pass in door_passes],
        )


def pair(context: BrowserContext, address: str, *, volunteer: str) -> Page:
    """Pair a phone and begin to scan; it has read its list when this returns."""
    page = context.new_page()
    page.goto(address)
    page.locator("input[name=volunteer]").fill(volunteer)
    page.locator("[data-action=pair]").click()
    page.locator("[data-action=start]").click()
    page.locator("[data-count=in]").wait_for()
    expect(page.locator("[data-count=list]")).to_contain_text(re.compile("[1-9]"))
    return page


def take_up(page: Page) -> None:
    """Begin to scan on a phone that is paired already."""
    page.locator("[data-action=start]").click()
    page.locator("[data-count=in]").wait_for()


def show(page: Page, codes: Sequence[str]) -> None:
    """Show tickets to a scanner that types, one after the other."""
    page.evaluate(TYPES, [list(codes)])


def fast(context: BrowserContext, *, minutes: int) -> BrowserContext:
    """Set the clock of a phone ahead."""
    context.add_init_script(MINUTES_FAST.replace("MINUTES", str(minutes)))
    return context


def queue(path: Path, pictures: Sequence[bytes], *, seconds: float = 0.5, before: float = 3, after: float = 60) -> Path:
    """Write a film of tickets shown one after the other, and then an empty picture."""
    times = int(seconds * FRAMES_PER_SECOND)
    blank_frame = frame(None)
    with path.open("wb") as film:
        film.write(blank_frame * int(before * FRAMES_PER_SECOND))
        for picture in pictures:
            film.write(frame(picture) * times)
        film.write(blank_frame * int(after * FRAMES_PER_SECOND))
    return path


def _event(db: Session, installation: Installation, **overrides: Any) -> Event:
    organization = db.scalars(select(Organization).where(Organization.sample)).one()
    wall = clock.now().astimezone(ZoneInfo("Asia/Dushanbe")).replace(tzinfo=None, second=0, microsecond=0)
    values: dict[str, Any] = {
        "organization_id": organization.id,
        "slug": f"evening-{uuid4().hex}",
        "state": "published",
        "languages": ["tg", "ru", "en"],
        "title": {"en": "An evening", "ru": "Вечер", "tg": "Шом"},
        "zone": "Asia/Dushanbe",
        "starts_local": wall - timedelta(minutes=1),
        "ends_local": wall + timedelta(hours=3),
    }
    return events.add(db, Event(**{**values, **overrides}), secret=installation.secrets[0])


def _guest(db: Session, installation: Installation, event: Event, number: int) -> Registration:
    ticket_id = tickets.new_ticket_id()
    key = db.scalars(select(TicketKey).where(TicketKey.event_id == event.id)).one()
    private = tickets.private_key(installation.secrets[0], event_id=event.id, version=key.version)
    code = tickets.sign(ticket_id, key_number=key.number, key=private)
    return make_registration(db, event, ticket_id=ticket_id, code=code, name=f"Меҳмон {number:03}")


def _door(db: Session, event: Event, name: str) -> DoorPass:
    known = {door.name.get("en"): door for door in doors.of_event(db, event_id=event.id)}
    by = organizer_account(db)
    door = known.get(name) or doors.add(db, event=event, name={"en": name, "tg": name}, by=by)
    return passes.create(db, door=door, by=by)


def organizer_account(db: Session) -> Account:
    """Return the demo's organizer: processes of a test run share the installation, and factories number accounts from 1
    in each.
    """
    return db.scalars(select(Account).where(Account.email == EMAIL)).one()


def _link(installation: Installation, door_pass: DoorPass) -> str:
    secret = tokens.make(installation.secrets[0], "pairing", id=door_pass.id, version=door_pass.version)
    return installation.address(links.door(secret))
