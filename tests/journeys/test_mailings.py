"""An organizer emails the no-shows: previews, sends a test, sends, follows the progress, and stops a mailing."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select, update

from shared import clock
from shared.command.demo.load import EMAIL
from shared.events import events
from shared.models import Admission, Event, Mailing, OutboxMessage
from tests.factories import make_registration
from tests.journeys.conftest import Installation
from tests.support import accessibility as obstacles

AWAY = ["azim@example.org", "bahor@example.org"]


@pytest.fixture
def event_id(installation: Installation) -> int:
    """Add a past event: one person came; two with an address, and one with a number only, did not."""
    with installation.sessions.begin() as db:
        like = db.scalars(select(Event).order_by(Event.id)).first()
        assert like is not None
        values = {name: getattr(like, name) for name in ("organization_id", "title", "zone", "venue")}
        start = clock.now().replace(tzinfo=None, microsecond=0) - timedelta(days=1)
        event = Event(
            **values,
            languages=["en", "ru"],
            slug=f"mailings-{uuid4().hex}",
            state="published",
            starts_local=start,
            ends_local=start + timedelta(hours=2),
        )
        events.add(db, event, secret=installation.secrets[0])
        attendee = make_registration(db, event, name="Came", email="came@example.org", code=None)
        at = {"first": uuid4(), "first_at": clock.milliseconds(clock.now()), "entries": 1}
        db.add(Admission(person=attendee.ticket_id, session_id=event.sessions[0].id, event_id=event.id, **at))
        for address, language in zip(AWAY, ("en", "ru"), strict=True):
            make_registration(db, event, name=address[:5].title(), email=address, language=language, code=None)
        make_registration(db, event, name="Karim", email=None, phone="+992918123456", language="ru", code=None)
        return event.id


@pytest.fixture
def organizer(installation: Installation, visitor: Browser) -> Iterator[Page]:
    """Sign an organizer in; return the page."""
    context = visitor.new_context(viewport={"width": 360, "height": 640}, locale="en")
    page = context.new_page()
    installation.sign_in(page)
    yield page
    context.close()


def write(page: Page, subject: str) -> None:
    """Write a draft to the no-shows, in English alone."""
    page.locator("a.button", has_text="Write mailing").click()
    page.get_by_text("No-shows").click()
    page.get_by_label("Subject, English").fill(subject)
    text = page.get_by_label("Text, English")
    expect(text).to_have_value("Hello, {name}.\n\n")
    text.fill(text.input_value() + "The talks are here:\nhttps://example.org/talks")
    obstacles.assert_none(page)
    page.get_by_role("button", name="Save and preview").click()
    expect(page.locator(".said")).to_have_text("Draft saved. Nothing has been sent yet.")


def mailing_on(page: Page) -> int:
    """Return the id of the mailing on a page."""
    return int(page.url.partition("/mailings/")[2].partition("/")[0])


def begin_and_be_refused(installation: Installation, page: Page) -> int:
    """Act as if the mail server refused the mailing on the page: enqueue it, due again in an hour."""
    mailing_id = mailing_on(page)
    with installation.sessions.begin() as db:
        mailing = db.get_one(Mailing, mailing_id)
        mailing.due_at = mailing.started_at = clock.now()
        for subject in (1, 2):
            later = clock.now() + timedelta(hours=1)
            db.add(OutboxMessage(kind="mailing", subject=subject, key=str(mailing_id), due_at=later, priority=9))
    page.goto(page.url)
    return mailing_id


def test_those_who_did_not_come_are_written_to(installation: Installation, organizer: Page, event_id: int) -> None:
    organizer.goto(installation.address(f"/organize/events/{event_id}/"))
    organizer.get_by_role("link", name="Mailings").click()
    subject = f"We missed you {event_id}"
    write(organizer, subject)

    expect(
        organizer.get_by_text("There is no text in Русский. People who chose this language get the email in English.")
    ).to_be_visible()
    preview = organizer.frame_locator("iframe.mailing-preview")
    expect(preview.locator("h1")).to_have_text(subject)
    expect(preview.get_by_role("link", name="https://example.org/talks")).to_be_visible()
    obstacles.assert_none(organizer)

    organizer.get_by_role("button", name="Send me a test email, English").click()
    expect(organizer.locator(".said")).to_have_text("The test email is being sent to you.")
    installation.up.until(
        lambda: [letter for letter in installation.letters(EMAIL) if letter["Subject"] == f"Test: {subject}"]
    )

    expect(organizer.get_by_text("1 more person gave no email address.")).to_be_visible()
    organizer.get_by_text("Send now").click()
    expect(organizer.get_by_text("This sends 2 emails and cannot be undone.")).to_be_visible()
    organizer.get_by_role("button", name="Send 2 emails").click()
    expect(organizer.get_by_text("Finished: 2 of 2 emails were sent.")).to_be_visible()
    obstacles.assert_none(organizer)
    letters = [letter for address in AWAY for letter in installation.letters(address) if letter["Subject"] == subject]
    assert len({str(letter["Message-ID"]) for letter in letters}) == len(letters) == 2
    assert [letter for letter in installation.letters("came@example.org") if letter["Subject"] == subject] == []

    organizer.get_by_role("link", name="Emails by recipient").click()
    expect(organizer.locator("li.line")).to_have_count(2)
    obstacles.assert_none(organizer)
    organizer.go_back()
    organizer.get_by_role("link", name="People to call").click()
    expect(organizer.get_by_role("link", name="+992918123456")).to_have_attribute("href", "tel:+992918123456")
    organizer.get_by_text("Message text").click()
    expect(organizer.locator("pre")).to_contain_text("Hello, Karim.")
    obstacles.assert_none(organizer)


def test_what_is_stopped_goes_no_further(installation: Installation, organizer: Page, event_id: int) -> None:
    organizer.goto(installation.address(f"/organize/events/{event_id}/mailings/"))
    write(organizer, f"Stopped {event_id}")
    mailing_id = begin_and_be_refused(installation, organizer)
    expect(organizer.get_by_text("0 of 2 emails processed, 2 queued.")).to_be_visible()
    with installation.sessions.begin() as db:
        sent = {"finished_at": func.now(), "outcome": "sent"}
        db.execute(
            update(OutboxMessage).where(OutboxMessage.key == str(mailing_id), OutboxMessage.subject == 1).values(sent)
        )
    expect(organizer.get_by_text("1 of 2 emails processed, 1 queued.")).to_be_visible()
    organizer.locator("summary", has_text="Stop mailing").click()
    organizer.get_by_role("button", name="Stop now").click()
    expect(organizer.locator(".said")).to_have_text("Mailing stopped. Unsent emails are skipped.")
    expect(organizer.get_by_text("mailing stopped: 1")).to_be_visible()
    obstacles.assert_none(organizer)


def test_a_page_that_was_left_open_offers_to_send_only_until_it_is_sent(
    installation: Installation, organizer: Page, event_id: int
) -> None:
    organizer.goto(installation.address(f"/organize/events/{event_id}/mailings/"))
    write(organizer, f"Planned {event_id}")
    mailing_id = mailing_on(organizer)
    organizer.locator("summary", has_text="Send later").click()
    organizer.get_by_label("Date and time, in ").fill(f"{clock.now().year + 1}-05-05T10:00")
    organizer.get_by_role("button", name="Schedule mailing").click()
    expect(organizer.locator(".said")).to_have_text("Mailing scheduled.")
    expect(organizer.get_by_text("Send now")).to_be_visible()
    with installation.sessions.begin() as db:
        db.get_one(Mailing, mailing_id).due_at = clock.now()
    expect(organizer.get_by_text("Finished: 2 of 2 emails were sent.")).to_be_visible()
    for words in ("Mailing scheduled.", "Send now", "Move to another time", "2 emails would be sent now."):
        expect(organizer.get_by_text(words)).to_have_count(0)


def test_what_is_done_is_asked_for_no_more(installation: Installation, organizer: Page, event_id: int) -> None:
    organizer.clock.install()
    organizer.goto(installation.address(f"/organize/events/{event_id}/mailings/"))
    write(organizer, f"Done {event_id}")
    mailing_id = begin_and_be_refused(installation, organizer)
    expect(organizer.get_by_text("0 of 2 emails processed, 2 queued.")).to_be_visible()
    with installation.sessions.begin() as db:
        sent = {"finished_at": func.now(), "outcome": "sent"}
        db.execute(update(OutboxMessage).where(OutboxMessage.key == str(mailing_id)).values(sent))
    expect(organizer.get_by_text("Finished: 2 of 2 emails were sent.")).to_be_visible()
    asked: list[str] = []
    organizer.on("request", lambda request: asked.append(request.url))
    organizer.clock.run_for(20_000)
    organizer.locator("h1").click()
    assert asked == []


def test_health_says_that_worker_and_scheduler_are_at_work(installation: Installation, organizer: Page) -> None:
    def is_well() -> bool:
        organizer.goto(installation.address("/organize/health"))
        return organizer.get_by_text("is running.").count() == 2

    installation.up.until(is_well)
    obstacles.assert_none(organizer)
