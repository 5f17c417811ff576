"""An attendee's way, on a phone and in the mailbox; in every language with TURNOUT_TESTS=all."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select, update

from shared import clock, links
from shared.door import attendance, passes
from shared.door.batches import Batch, ScanClaim
from shared.events import announcements, events
from shared.i18n import use_language
from shared.mailings import mailings
from shared.models import Door, Event, Registration, TicketType
from shared.registrations import self_service
from tests.factories import move_event
from tests.journeys.conftest import ZONE, Installation, Make
from tests.support.accessibility import SPOKEN
from tests.support.browser import PHONE, phone, read
from tests.support.open_event import organizer_account
from tests.support.page_words import translated


class Attendee:
    """A person with a phone and an address, who reads one language."""

    def __init__(self, installation: Installation, browser: Browser, language: str, name: str) -> None:
        self.installation, self.language, self.name = installation, language, name
        self.address = f"attendee-{uuid4().hex[:12]}@example.org"
        self.page: Page = phone(browser, language=language).new_page()

    def words(self, message: str, **values: object) -> str:
        with use_language(self.language):
            return translated(message, **values)

    def button(self, message: str) -> Locator:
        return self.page.get_by_role("button", name=self.words(message), exact=True)

    def heading(self, message: str) -> Locator:
        return self.page.get_by_role("heading", name=self.words(message), level=1)

    def sign_up(self, event: Event) -> None:
        self.page.goto(self.installation.address(links.event(self.language, event.slug)))
        self.page.locator("input[name=name]").fill(self.name)
        self.page.locator("input[name=email]").fill(self.address)
        read(self.page)
        self.page.locator("#register button[type=submit], form button[type=submit]").last.click()

    def unfold(self, message: str) -> None:
        self.stay()
        self.page.locator("summary", has_text=self.words(message)).click()

    def stay(self) -> None:
        """Wait until the code of the ticket is made: the page then reloads itself, which would close an open fold."""
        expect(self.page.locator("meta[http-equiv=refresh]")).to_have_count(0)

    def mail(self, number: int) -> EmailMessage:
        """Wait for so many emails; return the last one."""
        self.installation.up.until(lambda: len(self.installation.letters(self.address)) >= number)
        assert len(self.installation.letters(self.address)) == number
        return self.installation.letters(self.address)[0]

    def open_link_of(self, letter: EmailMessage) -> None:
        link = re.search(rf"http\S+/{self.language}/r/\S+", text_of(letter))
        assert link is not None
        self.page.goto(link[0].rstrip(".)"))


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


def calendar_of(letter: EmailMessage) -> Calendar:
    part = next(part for part in letter.walk() if part.get_content_type() == "text/calendar")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return Calendar.from_ical(content)


@pytest.mark.parametrize("language", SPOKEN)
def test_a_freed_seat_goes_to_who_waits(
    installation: Installation, visitor: Browser, make: Make, language: str
) -> None:
    event = make(capacity=1)
    first = Attendee(installation, visitor, language, "Мадина")
    second = Attendee(installation, visitor, language, "Шариф")
    first.sign_up(event)
    expect(first.heading("Your seat is confirmed")).to_be_visible()
    first.mail(1)

    second.sign_up(event)
    expect(second.heading("You are on the waiting list")).to_be_visible()
    second.mail(1)

    first.unfold("I cannot come")
    first.button("Cancel registration").click()
    expect(first.heading("Your registration is cancelled")).to_be_visible()
    assert calendar_of(first.mail(2))["METHOD"] == "CANCEL"

    second.open_link_of(second.mail(2))
    expect(second.heading("A seat is free for you")).to_be_visible()
    second.button("Take the seat").click()
    expect(second.heading("Your seat is confirmed")).to_be_visible()
    assert calendar_of(second.mail(3))["METHOD"] == "REQUEST"
    expect(second.page.locator(".qr svg").first).to_be_visible()


def press_with_a_mouse(page: Page, spot: Locator) -> None:
    """Press as a hand does: the page draws the change before the button comes up again."""
    page.mouse.move(*middle_of(spot))
    page.mouse.down()
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    page.mouse.up()


def tap(page: Page, spot: Locator) -> None:
    """Tap with a finger."""
    page.touchscreen.tap(*middle_of(spot))


def middle_of(spot: Locator) -> tuple[float, float]:
    spot.scroll_into_view_if_needed()
    box = spot.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("press", [press_with_a_mouse, tap])
def test_what_is_pressed_right_after_a_slip_in_the_address_is_pressed(
    installation: Installation, visitor: Browser, make: Make, press: Callable[[Page, Locator], None]
) -> None:
    event = make(ticket_types=[TicketType(title={"en": "Hall"}), TicketType(title={"en": "Balcony"})])
    page = visitor.new_context(viewport=PHONE, locale="tg", has_touch=True).new_page()
    page.goto(installation.address(links.event("tg", event.slug)))
    page.locator("input[name=name]").fill("Мадина")
    page.locator("input[name=email]").fill("madina@gmial.com")
    kind, offer = page.locator("input[name=ticket_type]").first, page.locator("#email-offer")
    press(page, kind)
    expect(kind).to_be_checked()
    expect(offer).to_be_visible()

    # Mended, it takes the offer away again: the button moves up.
    page.locator("input[name=email]").fill("madina@example.org")
    read(page)
    press(page, page.locator("#register form button.button"))
    page.wait_for_url("**/r/**")


def test_a_slip_that_is_sent_at_once_is_asked_about_before_it_is_taken(
    installation: Installation, visitor: Browser, make: Make
) -> None:
    page = visitor.new_context(viewport=PHONE, locale="tg").new_page()
    page.goto(installation.address(links.event("tg", make().slug)))
    page.locator("input[name=name]").fill("Мадина")
    page.locator("input[name=email]").fill("madina@gmial.com")
    read(page)
    with page.expect_response("**/registrations") as answer:
        press_with_a_mouse(page, page.locator("#register form button.button"))
    assert answer.value.status == 422
    page.wait_for_load_state()  # the script listens to what is typed next
    offer = page.locator("#email-offer button")
    expect(offer).to_have_text("madina@gmail.com")

    page.locator("input[name=email]").fill("zarina@gmial.com")
    page.locator("input[name=name]").focus()
    expect(offer).to_have_text("zarina@gmail.com")
    read(page)
    press_with_a_mouse(page, offer)
    page.wait_for_url("**/r/**")
    expect(page.locator("main")).to_contain_text("zarina@gmail.com")


@pytest.mark.parametrize("language", SPOKEN)
def test_a_private_discussion_tells_nobody_anything_but_by_mail(
    installation: Installation, visitor: Browser, make: Make, language: str
) -> None:
    event = make(private=True, title={"en": "Secret topic", "ru": "Тайная тема", "tg": "Мавзӯи махфӣ"})
    guest = Attendee(installation, visitor, language, "Зарина")
    guest.sign_up(event)
    guest.page.wait_for_url("**/sent")
    assert guest.name not in guest.page.locator("main").inner_text()

    letter = guest.mail(1)
    with use_language(language):
        topic = event.title[language]
    assert topic not in str(letter["Subject"])
    guest.open_link_of(letter)
    expect(guest.heading("One more step")).to_be_visible()
    guest.button("Confirm seat").click()
    expect(guest.heading("Your seat is confirmed")).to_be_visible()
    assert topic not in str(calendar_of(guest.mail(2)).walk("VEVENT")[0]["SUMMARY"])


@pytest.mark.parametrize("language", SPOKEN)
def test_a_place_is_changed_without_a_question_to_anybody(
    installation: Installation, visitor: Browser, make: Make, language: str
) -> None:
    kinds = [TicketType(title={"en": "Hall", "tg": "Толор"}), TicketType(title={"en": "Balcony", "tg": "Балкон"})]
    event = make(ticket_types=kinds)
    guest = Attendee(installation, visitor, language, "Далер")
    page = guest.page
    page.goto(installation.address(links.event(language, event.slug)))
    page.locator("input[name=name]").fill(guest.name)
    page.locator("input[name=email]").fill(guest.address)
    page.locator("input[name=ticket_type]").first.check()
    read(page)
    page.locator("form button[type=submit]").last.click()
    expect(guest.heading("Your seat is confirmed")).to_be_visible()
    guest.mail(1)
    guest.stay()
    code = page.locator(".code").inner_text()

    page.locator("details.change input[name=name]").first.evaluate("field => field.closest('details').open = true")
    page.locator("details.change input[name=name]").first.fill("Далер Намунаев")
    page.locator("form[action$='/edit'] button[type=submit]").click()
    expect(page.locator(".ticket-name")).to_have_text("Далер Намунаев")
    expect(page.locator(".code")).to_have_text(code)

    page.goto(installation.address(links.my_registrations(language)))
    expect(page.locator("main a[href*='/r/']").first).to_be_visible()


def test_a_moved_event_moves_in_calendars_and_news_can_be_refused(
    installation: Installation, visitor: Browser, make: Make
) -> None:
    event = make()
    guest = Attendee(installation, visitor, "tg", "Нигина")
    guest.sign_up(event)
    before = calendar_of(guest.mail(1)).walk("VEVENT")[0]

    with installation.sessions.begin() as db:
        row = db.get_one(Event, event.id)
        assert row.starts_local is not None
        later = row.starts_local + timedelta(days=1)
        move_event(db, row, starts=later, ends=later + timedelta(hours=2))
    after = calendar_of(guest.mail(2)).walk("VEVENT")[0]
    assert (after["UID"], int(after["SEQUENCE"])) == (before["UID"], int(before["SEQUENCE"]) + 1)
    assert after["DTSTART"].dt - before["DTSTART"].dt == timedelta(days=1)

    with installation.sessions.begin() as db:
        row = db.get_one(Event, event.id)
        assert row.starts_at is not None
        mailings.enqueue_reminders(db, now=row.starts_at - timedelta(hours=47))
    reminder = guest.mail(3)
    assert reminder["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    guest.page.goto(str(reminder["List-Unsubscribe"]).strip("<>"))
    guest.page.locator("main form button[type=submit]").click()
    expect(guest.page.locator("main")).to_be_visible()
    with installation.sessions.begin() as db:
        row = db.get_one(Event, event.id)
        assert row.starts_at is not None
        assert mailings.enqueue_reminders(db, now=row.starts_at - timedelta(hours=2)) == 0


def test_a_cancelled_event_says_why_and_leaves_the_calendar(
    installation: Installation, visitor: Browser, make: Make
) -> None:
    event = make()
    guest = Attendee(installation, visitor, "tg", "Рустам")
    guest.sign_up(event)
    guest.mail(1)
    with installation.sessions.begin() as db:
        because = {"tg": "Толорро об гирифт.", "en": "The hall is flooded."}
        announcements.cancel(db, event=db.get_one(Event, event.id), because=because, by=organizer_account(db))
    letter = guest.mail(2)
    assert "Толорро об гирифт." in text_of(letter)
    assert calendar_of(letter)["METHOD"] == "CANCEL"
    guest.page.goto(installation.address(links.event("tg", event.slug)))
    expect(guest.page.locator("main")).to_contain_text("Толорро об гирифт.")
    expect(guest.page.locator("input[name=name]")).to_have_count(0)


def test_an_offer_that_nobody_takes_lapses_and_says_so(
    installation: Installation, visitor: Browser, make: Make
) -> None:
    event = make(capacity=1)
    first = Attendee(installation, visitor, "tg", "Фирӯза")
    second = Attendee(installation, visitor, "tg", "Сӯҳроб")
    for guest in (first, second):
        guest.sign_up(event)
        guest.mail(1)
    with installation.sessions.begin() as db:
        registration = db.scalars(select(Registration).where(Registration.email == first.address)).one()
        self_service.cancel(db, registration_id=registration.id, by="organizer")
    assert first.name in text_of(first.mail(2))
    offer = second.mail(2)
    with installation.sessions.begin() as db:
        late = clock.now() - timedelta(minutes=1)
        db.execute(update(Registration).where(Registration.email == second.address).values(deadline=late))
    second.mail(3)
    second.open_link_of(offer)
    expect(second.heading("This seat was not confirmed in time")).to_be_visible()


def test_who_came_is_thanked_with_the_recap(installation: Installation, visitor: Browser, make: Make) -> None:
    event = make()
    guest = Attendee(installation, visitor, "tg", "Ситора")
    guest.sign_up(event)
    guest.mail(1)
    with installation.sessions.begin() as db:
        row = db.get_one(Event, event.id)
        door = db.scalars(select(Door).where(Door.event_id == event.id)).one()
        door_pass = passes.create(db, door=door, by=organizer_account(db))
        device, _ = passes.pair(db, pass_id=door_pass.id, version=1, phone=uuid4(), volunteer="Нигина")
        registration = db.scalars(select(Registration).where(Registration.email == guest.address)).one()
        now = clock.milliseconds(clock.now())
        scan = ScanClaim(id=uuid4(), session=row.sessions[0].id, kind="in", at=now, person=registration.ticket_id)
        attendance.record(db, device=device, batch=Batch(scans=[scan]))
        row.recap = {"tg": "Ташаккур: ҳама ҷойҳо пур буданд."}
        start = clock.now().astimezone(ZONE).replace(microsecond=0, tzinfo=None) - timedelta(hours=3)
        row.starts_local, row.ends_local = start, start + timedelta(hours=2)
        events.derive_instants(row, row.zone)
        assert mailings.enqueue_thanks(db, now=clock.now()) >= 1
    thanks = guest.mail(2)
    assert "Ташаккур: ҳама ҷойҳо пур буданд." in text_of(thanks)
    assert thanks["List-Unsubscribe"] is not None
