"""Words as long as they can be typed, without a space: no page slides sideways, and those that fit stay whole."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from shared import links, tokens
from shared.models import Event, EventSession, Partner, Question, Registration, Speaker, TicketType
from shared.registrations import self_service
from shared.registrations.new_registration import NewRegistration
from tests.journeys.conftest import Installation, Make
from tests.support import accessibility as obstacles
from tests.support.browser import phone

NAME = "Ҷ" * 120
WORD = "Қ" * 190
SAID = {"tg": WORD, "ru": WORD, "en": WORD}
TEXTS = ("title", "summary", "description", "city", "venue", "address", "time_note", "bring", "accessibility")
OWN = {"title": SAID}
ASKED = {"tg": "Боз чиро бояд донем, пешакӣ?", "ru": "Что ещё нам нужно знать, заранее?"}
ANSWER = " ".join(["Мехоҳам дар бораи дастрасии толор барои аробача пурсам."] * 4)
GUEST = "Абдуманнонзода Муҳаммадшариф Муҳаммадшарифзода"
BROKEN = """() => {
  const isSeen = (one) => !one || (getComputedStyle(one).clipPath === "none" && isSeen(one.parentElement));
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), broken = [];
  while (texts.nextNode()) {
    const text = texts.currentNode, range = document.createRange();
    if (!text.parentElement.checkVisibility() || !isSeen(text.parentElement)) continue;
    for (const word of text.data.matchAll(/[\\p{L}]+/gu)) {
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1 && !text.parentElement.closest("a[href^='mailto:']")) broken.push(word[0]);
    }
  }
  return broken;
}"""
"""Every word of a page that begins in one line and ends in the next; an address may."""


@pytest.fixture
def page(visitor: Browser) -> Iterator[Page]:
    """Open a phone that remembers its registrations."""
    context = phone(visitor, language="tg")
    yield context.new_page()
    context.close()


@pytest.fixture
def event(make: Make, installation: Installation) -> Event:
    """Add an event of long words only, with two sessions and two ticket types."""
    kinds = [TicketType(**OWN), TicketType(**OWN)]
    texts = dict.fromkeys(TEXTS, SAID)
    row = make(**texts, contact=WORD, ticket_types=kinds, sessions=[EventSession(**OWN, place=SAID) for _ in range(2)])
    with installation.sessions.begin() as db:
        db.add(Speaker(event_id=row.id, name=SAID, about=SAID))
        db.add(Partner(event_id=row.id, name=SAID, role=SAID))
        choice = [{"key": "a", "label": SAID}, {"key": "b", "label": SAID}]
        db.add(Question(event_id=row.id, key="one", kind="one", label=SAID, hint=SAID, options=choice))
        db.add(Question(event_id=row.id, key="text", kind="short", label=SAID, hint=SAID))
    return row


def sign_up(installation: Installation, event: Event) -> Registration:
    with installation.sessions.begin() as db:
        kind = db.scalars(select(TicketType.id).where(TicketType.event_id == event.id)).first()
        address = f"{'j' * 60}{event.id}@{'d' * 60}.example.org"
        new_registration = NewRegistration(
            name=NAME, language="tg", email=address, companions=(NAME,), ticket_type_id=kind
        )
        registration = self_service.register(db, slug=event.slug, new_registration=new_registration).registration
    installation.letter(address)
    with installation.sessions.begin() as db:
        return db.get_one(Registration, registration.id)


def own_address(installation: Installation, registration: Registration) -> str:
    token = tokens.make(installation.secrets[0], "registration", id=registration.id, version=registration.version)
    return links.registration("tg", token)


def test_no_page_of_an_attendee_slides_sideways(installation: Installation, page: Page, event: Event) -> None:
    registration = sign_up(installation, event)
    own = own_address(installation, registration)
    public = [
        links.home("tg") + f"?q={WORD}",
        links.home("tg"),
        links.event("tg", event.slug),
        links.sent("tg", event.slug),
    ]
    too_wide = {}
    for path in (*public, own, "/tg/my", links.ticket(registration.code or ""), links.event("tg", event.slug)):
        page.goto(installation.address(path))
        obstacles.settle(page)
        page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
        too_wide[path] = page.evaluate("document.documentElement.scrollWidth")
    assert {path: width for path, width in too_wide.items() if width > obstacles.PHONE_WIDTH} == {}


def test_a_long_name_leaves_the_event_its_half_of_a_ticket(
    installation: Installation, page: Page, event: Event
) -> None:
    page.set_viewport_size({"width": 700, "height": 800})
    page.goto(installation.address(own_address(installation, sign_up(installation, event))))
    obstacles.settle(page)
    assert page.locator(".ticket-text").first.evaluate("text => text.offsetWidth") > 300


def test_a_form_that_is_refused_does_not_slide_either(installation: Installation, page: Page, event: Event) -> None:
    page.goto(installation.address(links.event("tg", event.slug)))
    page.locator("input[name=name]").fill(NAME)
    page.locator("input[name=email]").fill(f"{'j' * 60}@gmial.com")
    page.locator("form[action$='/registrations']").evaluate("form => HTMLFormElement.prototype.submit.call(form)")
    page.locator(".summary").wait_for()
    obstacles.assert_fits(page)


def test_a_cancelled_event_does_not_slide_either(installation: Installation, page: Page, event: Event) -> None:
    with installation.sessions.begin() as db:
        row = db.get_one(Event, event.id)
        row.state, row.cancelled_because = "cancelled", SAID
    page.goto(installation.address(links.event("tg", event.slug)))
    obstacles.assert_fits(page)


@pytest.fixture(params=["tg", "ru"])
def organizer(request: pytest.FixtureRequest, installation: Installation, visitor: Browser) -> Iterator[Page]:
    """Sign an organizer in on a phone; return the page."""
    context = phone(visitor, language=request.param)
    yield installation.sign_in(context.new_page())
    context.close()


def test_no_page_of_an_organizer_slides_sideways(installation: Installation, organizer: Page, event: Event) -> None:
    registration = sign_up(installation, event)
    with installation.sessions.begin() as db:
        db.get_one(Registration, registration.id).answers = {"text": WORD}
    for path in ("", f"{registration.id}/"):
        organizer.goto(installation.address(f"/organize/events/{event.id}/people/{path}"))
        obstacles.assert_fits(organizer)


def test_no_word_that_fits_is_broken(installation: Installation, organizer: Page, make: Make) -> None:
    event = make()
    address = f"guest{event.id}@a-university-far-away.example.org"
    with installation.sessions.begin() as db:
        db.add(Question(event_id=event.id, key="more", kind="long", label=ASKED))
        new_registration = NewRegistration(name=GUEST, language="tg", email=address, phone="+992 90 123 45 67")
        registration = self_service.register(db, slug=event.slug, new_registration=new_registration).registration
        registration.answers = {"more": ANSWER}
    people = installation.address(f"/organize/events/{event.id}/people/")
    broken = {}
    for path, width in ((f"{registration.id}/", 360), (f"{registration.id}/", 1280), ("", 360), ("", 700)):
        organizer.set_viewport_size({"width": width, "height": 800})
        organizer.goto(people + path)
        expect(organizer.get_by_text(GUEST, exact=True).last).to_be_visible()
        obstacles.settle(organizer)
        broken[path, width] = organizer.evaluate(BROKEN)
    assert {screen: words for screen, words in broken.items() if words} == {}
