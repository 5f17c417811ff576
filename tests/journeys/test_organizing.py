"""docs/organizing.md, followed chapter by chapter: each of its bold words is on a page that its reader visits."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, FilePayload, Page, expect

from shared import clock
from tests.journeys.conftest import Installation
from tests.support.bare_phone import pair
from tests.support.browser import phone
from tests.support.pdf_text import words_of

DOCUMENT = Path(__file__).parents[2] / "docs/organizing.md"
RARE = {
    "Held seats": "half of the seats asked for from one network",
    "Confirm all held seats": "the same",
    "Cancel all held seats": "the same",
    "Confirm seat": "the same",
    "Give seat": "a full event",
    "Change ticket type": "a second ticket type",
    "Resend email": "an email that failed",
    "Resend all": "the same",
    "Stop mailing": "a mailing that is still being sent",
}
"""What needs more than a quiet evening to be seen; pages' own tests show it."""
ZONE = ZoneInfo("Asia/Dushanbe")


def chapters() -> dict[str, list[str]]:
    """Return the bold words of each chapter, in their order."""
    _, *parts = re.split(r"^## (.+)$", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = zip(parts[::2], parts[1::2], strict=True)
    return {title: re.findall(r"\*\*([^*]+)\*\*", re.sub(r"\s+", " ", text)) for title, text in texts}


@dataclass
class Reader:
    """An organizer with the document: the browser, the event's pages, and all words that stood on them."""

    installation: Installation
    browser: Browser
    page: Page
    mark: str
    event: str = ""
    words: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Open a page of the installation, by its path from the event's own where it is no whole one."""
        self.page.goto(self.installation.address(path if path.startswith("/") else f"{self.event}{path}"))
        return self.look()

    def press(self, name: str, *, role: str = "button") -> Page:
        """Click an element by its name, also inside a fold."""
        matches = self.page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]  # one of its words
        matches.first.click()
        self.page.wait_for_load_state()
        return self.look()

    def unfold(self, name: str) -> None:
        """Open the fold with a heading."""
        self.page.locator("summary", has_text=name).first.click()

    def look(self) -> Page:
        """Read the page, folds too."""
        self.words.append(re.sub(r"\s+", " ", self.page.locator("body").text_content() or ""))
        return self.page


def test_every_bold_word_of_the_document_is_where_its_reader_comes_to(
    installation: Installation, visitor: Browser
) -> None:
    page = installation.sign_in(phone(visitor, language="en").new_page())
    reader = Reader(installation, visitor, page, uuid4().hex[:8])
    named = chapters()
    assert list(WALKS) == [title for title, bold in named.items() if bold and title != "What it does not do"]
    for title, walk in WALKS.items():
        reader.words.clear()
        walk(reader)
        whole = " ".join(reader.words)
        missing = [bold for bold in named[title] if bold not in whole and bold not in RARE]
        assert missing == [], title


def a_new_event(reader: Reader) -> None:
    start = clock.now().astimezone(ZONE).replace(tzinfo=None, microsecond=0) - timedelta(minutes=10)
    page = reader.open("/organize/")
    reader.press("Create event", role="link")
    page.locator("input[name=language][value=en]").check()
    page.get_by_label("Title", exact=True).fill(f"Evening {reader.mark}")
    page.get_by_label("Starts").fill(f"{start:%Y-%m-%dT%H:%M}")
    page.get_by_label("Ends").fill(f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    page.get_by_label("Venue").fill("Peshraft")
    page.get_by_label("Total seats").fill("20")
    reader.press("Create draft")
    match = re.search(r"/organize/events/\d+/", page.url)
    assert match
    reader.event = match[0]
    reader.open("edit/")
    reader.press("Copy this event", role="link")


def what_it_says(reader: Reader) -> None:
    page = reader.open("edit/")
    parts = page.locator("nav a[href*='/edit/']").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    for path in dict.fromkeys(parts):
        reader.open(path)
    assert len({*parts} - {f"{reader.event}edit/"}) == 10, "as many parts as the document says, behind the first page"


def preview_publish_share(reader: Reader) -> None:
    page = reader.open("edit/")
    page.locator(".previews a[lang=en]").click()
    expect(page.locator("h1")).to_have_text(f"Evening {reader.mark}")
    reader.open("edit/")
    reader.press("Publish event")
    reader.open("edit/registration")
    reader.open("edit/")
    reader.press("Close registration")
    reader.press("Open registration")
    reader.open("share/")
    page.get_by_label("Where you share the link").fill("Telegram")
    reader.press("Create link")


def registrations_and_attendees(reader: Reader) -> None:
    reader.open("sign-ups")
    reader.open("people/")
    reader.press("Add attendee", role="link")
    reader.page.get_by_label("Name", exact=True).fill("Мадина Назарова")
    reader.page.get_by_label("Phone", exact=True).fill("+992931234567")
    reader.press("Add")
    reader.open("people/")
    reader.press("Add from file", role="link")
    rows = f"name,email\nШариф Каримов,{reader.mark}-1@example.org\nНигина Рахимова,{reader.mark}-2@example.org\n"
    file: FilePayload = {"name": "people.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    reader.page.locator("#file").set_input_files(file)
    reader.press("Preview import")
    reader.press("Register 2 new people")
    reader.open("people/")
    reader.press("Save or print this list", role="link")
    reader.page.get_by_label("A column for signatures").check()
    sheet = reader.page.locator("form#sheet")
    action = reader.installation.address(str(sheet.get_attribute("action")))
    headers = {"Origin": reader.installation.address("")}
    printed = reader.page.request.post(action, form={"signature": "1"}, headers=headers)
    assert "Нигина Рахимова" in words_of(printed.body())


def emails(reader: Reader) -> None:
    page = reader.open("mailings/")
    reader.press("Write mailing", role="link")
    page.get_by_label("Everyone", exact=False).first.check()
    page.locator("input[name='subject.en']").fill(f"News {reader.mark}")
    page.locator("textarea[name='body.en']").fill("Bring a cup.")
    reader.press("Save and preview")
    reader.unfold("Send now")
    reader.press("Send 2 emails")
    expect(page.get_by_text("Finished: 2 of 2 emails were sent.")).to_be_visible()
    reader.look()
    reader.press("Emails by recipient", role="link")
    reader.open("edit/texts")
    reader.open("mailings/")
    reader.open("/organize/health")


def when_something_changes(reader: Reader) -> None:
    page = reader.open("edit/time")
    ends = page.get_by_label("Ends")
    ends.fill(f"{clock.now().astimezone(ZONE) + timedelta(hours=3):%Y-%m-%dT%H:%M}")
    page.get_by_label("Everyone who is registered or on the waiting list").check()
    reader.press("Save")
    reader.open("edit/")
    reader.open("")
    reader.open("mailings/unreached")


def attendees_without_an_email_address(reader: Reader) -> None:
    reader.open("people/")
    reader.press("Attendees without email", role="link")
    text = reader.page.locator("pre", has_text="Мадина Назарова")
    expect(text).to_contain_text("/r/")
    reader.open("mailings/unreached")


def the_day(reader: Reader) -> None:
    reader.open("doors/")
    reader.press("Create door pass")
    link = reader.page.get_by_role("link", name="Open the scanner on this device").get_attribute("href")
    door = pair(phone(reader.browser).request, str(link), volunteer="Сорбон")
    assert door.let_in("Мадина Назарова", "Шариф Каримов") == ["accepted"] * 2
    page = reader.open("live")
    expect(page.locator("[data-live=admitted]")).to_have_text("2")
    reader.unfold("Close doors")
    reader.press("Close doors and compile report")
    page.wait_for_url("**/report")


def afterwards(reader: Reader) -> None:
    page = reader.open("report")
    expect(page.locator(".lead")).to_have_text("Of 3 registered attendees, 2 came (67%).")
    link = page.get_by_role("region", name="For a partner").get_by_label("Link").input_value()
    partner = phone(reader.browser, language="en").new_page()
    partner.goto(link)
    expect(partner.locator(".lead")).to_have_text("Of 3 registered attendees, 2 came (67%).")
    assert "Сорбон" not in partner.content()
    # It stands above what is over, after all that other journeys have planned.
    compare = reader.installation.find(page, page.get_by_role("link", name=re.compile("^Compare events")))
    reader.look()
    compare.click()
    expect(page.locator("main table")).to_be_visible()
    reader.open("/account/")
    reader.press("Members", role="link")
    reader.open("edit/recap")


def is_everything_well(reader: Reader) -> None:
    reader.open("/organize/health")
    reader.open("")
    reader.press("See who did what and when", role="link")


WALKS: dict[str, Callable[[Reader], None]] = {
    "A new event": a_new_event,
    "What it says and how people register": what_it_says,
    "Preview, publish, share": preview_publish_share,
    "Registrations and attendees": registrations_and_attendees,
    "Emails": emails,
    "When something changes": when_something_changes,
    "Attendees without an email address": attendees_without_an_email_address,
    "The day": the_day,
    "Afterwards": afterwards,
    "Is everything well?": is_everything_well,
}
