"""An event from the idea to the partner's report, by its organizer alone: a colleague, an evening, emails, a link."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import APIRequestContext, Browser, Locator, Page, expect

from shared import clock, links
from shared.i18n import format_percent, gettext, ngettext, use_language
from tests.journeys.conftest import Installation
from tests.support.bare_phone import BarePhone, pair
from tests.support.browser import phone, read
from tests.support.page_words import translated
from tests.support.pdf_text import words_of

ZONE = ZoneInfo("Asia/Dushanbe")
TITLES = {"en": "Evening of questions", "ru": "Вечер вопросов"}
COME = ("Мадина Назарова", "Шариф Каримов", "Нигина Рахимова", "Далер Юсупов")
STAY_AWAY = ("Зарина Саидова", "Рустам Шарипов")
NEWCOMER = "Гулнора Ҳакимова"
VOLUNTEERS = ("Сорбон", "Манижа")
SEATS = 12


@dataclass(frozen=True)
class Story:
    """The installation, the language, and the words that tell this run's emails from any other's."""

    installation: Installation
    browser: Browser
    language: str
    mark: str

    @property
    def title(self) -> str:
        return f"{TITLES[self.language]} {self.mark}"

    def visit(self) -> Page:
        """Open a phone with an empty context."""
        return phone(self.browser, language=self.language).new_page()

    def open(self, page: Page, path: str) -> Page:
        """Open a page of the installation in the language of the story."""
        page.goto(self.installation.address(path))
        expect(page.locator("html")).to_have_attribute("lang", self.language)
        return page

    def mailbox_of(self, name: str) -> str:
        return f"{self.mark}-{(*COME, *STAY_AWAY).index(name)}@example.org"


@pytest.fixture(params=[pytest.param("en", marks=pytest.mark.scale), "ru"])
def story(installation: Installation, visitor: Browser, request: pytest.FixtureRequest) -> Iterator[Story]:
    with use_language(request.param):
        yield Story(installation, visitor, request.param, uuid4().hex[:8])


def test_an_organizer_runs_an_event_alone(story: Story) -> None:
    organizer = story.installation.sign_in(story.visit())
    event = _publish(story, organizer)
    _invite_a_colleague(story, organizer)
    _sign_up(story, organizer, event)

    north, south = _pair_two_doors(story, organizer, event)
    _watch_people_arrive(story, organizer, event, north, south)
    _close_the_doors(organizer)
    _write_to_who_did_not_come(story, organizer, event)

    link = _link_for_the_partner(story, organizer, event)
    partner = story.visit()
    _reads_the_report(partner, link)
    _keeps_the_report(partner)


def _publish(story: Story, page: Page) -> str:
    """Make the event, which began ten minutes ago, and publish it; return the path of its organizer pages."""
    start = clock.now().astimezone(ZONE).replace(tzinfo=None, microsecond=0) - timedelta(minutes=10)
    story.open(page, "/organize/")
    _link(page, "Create event").click()
    page.locator(f"input[name=language][value={story.language}]").check()
    page.get_by_label(gettext("event.title_label"), exact=True).fill(story.title)
    page.get_by_label(gettext("event.starts_label")).fill(f"{start:%Y-%m-%dT%H:%M}")
    page.get_by_label(gettext("event.ends_label")).fill(f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    page.get_by_label(gettext("event.new_venue_label")).fill("Пешрафт")
    page.get_by_label(gettext("event.capacity_label")).fill(str(SEATS))
    _button(page, "Create draft").click()
    expect(page.locator("h1")).to_have_text(story.title)
    _button(page, "Publish event").click()
    expect(_link(page, "Page for visitors")).to_be_visible()
    match = re.search(r"/organize/events/\d+/", page.url)
    assert match
    return match[0]


def _invite_a_colleague(story: Story, page: Page) -> None:
    """Invite a colleague, who joins by the email and finds the event."""
    address = f"{story.mark}-colleague@example.org"
    story.open(page, "/account/")
    _link(page, "Members").click()
    page.get_by_role("region", name=gettext("members.invite_title")).get_by_label(gettext("common.email_label")).fill(
        address
    )
    page.get_by_label(gettext("members.invitation_language_label")).select_option(story.language)
    _button(page, "Send invitation").click()
    expect(page.get_by_role("status")).to_have_text(gettext("members.invited"))
    link = re.search(r"http\S+/account/invitation/\S+", _text(story.installation.letter(address)))
    assert link
    colleague = story.visit()
    colleague.goto(link[0])
    colleague.get_by_label(gettext("common.name_label")).fill("Фирӯза")
    colleague.get_by_label(gettext("common.password_label")).fill("a password of my own")
    _button(colleague, "Accept invitation").click()
    colleague.wait_for_url("**/organize/")
    story.installation.find(colleague, colleague.get_by_role("link", name=story.title)).click()
    expect(colleague.locator("h1")).to_have_text(story.title)


def _sign_up(story: Story, organizer: Page, event: str) -> None:
    """Register one person on a phone, and the others by the same form."""
    path = _link(story.open(organizer, event), "Page for visitors").get_attribute("href")
    assert path
    form_path = links.registrations(story.language, path.rpartition("/")[2])
    first, *others = (*COME, *STAY_AWAY)
    guest = story.open(story.visit(), path)
    guest.get_by_label(gettext("common.your_name")).fill(first)
    guest.get_by_label(gettext("common.email_label")).fill(story.mailbox_of(first))
    read(guest)
    _button(guest, "Register").click()
    expect(guest.get_by_role("heading", name=gettext("own.confirmed_title"))).to_be_visible()
    for name in others:
        form: dict[str, str | float | bool] = {"name": name, "email": story.mailbox_of(name)}
        headers = {"Origin": story.installation.address("")}
        sent = guest.request.post(story.installation.address(form_path), form=form, headers=headers)
        assert "/r/" in sent.url
    assert first in _text(story.installation.letter(story.mailbox_of(first)))


def _pair_two_doors(story: Story, page: Page, event: str) -> tuple[BarePhone, BarePhone]:
    """Add a door, make a code for each, and pair a phone with it."""
    story.open(page, f"{event}doors/")
    page.locator("summary", has_text=gettext("doors.another_door")).click()
    page.locator(f".is-new input[name='name.{story.language}']").fill("2")
    _button(page, "Add door").click()
    scanners = _link(page, "Open the scanner on this device")
    for number in (1, 2):
        _button(page, "Create door pass").first.click()
        expect(scanners).to_have_count(number)
    addresses = [scanner.get_attribute("href") or "" for scanner in scanners.all()]
    request = story.visit().request
    phones = [pair(request, link, volunteer=who) for link, who in zip(addresses, VOLUNTEERS, strict=True)]
    return phones[0], phones[1]


def _watch_people_arrive(story: Story, page: Page, event: str, north: BarePhone, south: BarePhone) -> None:
    """Assert that the numbers of one page, never reloaded, follow the doors."""
    story.open(page, f"{event}live")
    page.evaluate("document.body.dataset.kept = 'yes'")
    _shows(page, admitted=0, inside=0, expected=6, capacity=SEATS)
    assert north.let_in(*COME[:3]) == ["accepted"] * 3
    _shows(page, admitted=3, inside=3)
    expect(page.locator("[data-live=conflicts]")).to_have_text(gettext("common.no_cases_open"))

    assert south.let_in(COME[3], COME[0]) == ["accepted", "conflict"]
    assert south.let_in_newcomer(NEWCOMER, story.language) == ["accepted"]
    assert south.refuse("not_a_ticket") == ["accepted"]
    _shows(page, admitted=5, inside=5)
    message = ngettext("event.conflicts_open", 1)
    expect(page.locator("[data-live=conflicts]")).to_contain_text(message)
    expect(page.locator("[data-live=refused]")).to_contain_text(gettext("figure.refused_not_a_ticket"))
    expect(page.locator("body")).to_have_attribute("data-kept", "yes")


def _close_the_doors(page: Page) -> None:
    """Wait for the report, and assert that it has every fact of the doors."""
    page.locator("summary", has_text=gettext("live.close_doors")).click()
    _button(page, "Close doors and compile report").click()
    page.wait_for_url("**/report")
    _tells_the_figures(page)


def _write_to_who_did_not_come(story: Story, page: Page, event: str) -> None:
    """Email the two no-shows, and no one else."""
    subject = f"{story.mark}: {story.title}"
    story.open(page, f"{event}mailings/")
    _link(page, "Write mailing").click()
    page.get_by_label(gettext("mailing.audience_no_shows")).check()
    page.locator(f"input[name='subject.{story.language}']").fill(subject)
    page.locator(f"textarea[name='body.{story.language}']").fill("https://example.org/")
    _button(page, "Save and preview").click()
    page.locator("summary", has_text=gettext("mailing.send_now")).click()
    page.get_by_role("button", name=ngettext("mailing.send_button", 2)).click()
    done = ngettext("mailing.progress_finished", 2, sent=2, all=2)
    expect(page.get_by_text(done)).to_be_visible()
    assert sorted(_recipients(story, page.request, subject)) == sorted(map(story.mailbox_of, STAY_AWAY))


def _link_for_the_partner(story: Story, page: Page, event: str) -> str:
    story.open(page, f"{event}report")
    return (
        page.get_by_role("region", name=gettext("report.partner_title"))
        .get_by_label(gettext("common.link_label"))
        .input_value()
    )


def _reads_the_report(page: Page, link: str) -> None:
    """Open the report without signing in: it has every figure and no name."""
    page.goto(link)
    assert page.context.cookies() == []
    _tells_the_figures(page)
    _is_about_nobody(page.content())


def _keeps_the_report(page: Page) -> None:
    """Assert that the report says the same on paper."""
    language = page.locator("html").get_attribute("lang")
    with page.expect_download() as download:
        page.locator(f".file-list a[href*='.pdf?language={language}']").click()
    printed = words_of(Path(download.value.path()).read_bytes())
    for text in (_summary(), *_figures(), *_figures().values()):
        assert " ".join(text.split()) in printed
    _is_about_nobody(printed)


def _tells_the_figures(page: Page) -> None:
    expect(page.locator(".lead")).to_have_text(_summary())
    for label, value in _figures().items():
        term = page.get_by_role("term").get_by_text(label, exact=True)
        expect(page.locator(".number", has=term).locator("strong")).to_have_text(value)


def _summary() -> str:
    attended = gettext(
        "figure.attended_sentence",
        registered=6,
        attended=4,
        share=format_percent(4 / 6),
    )
    total = ngettext("figure.with_walk_ins_sentence", 5, people=5)
    return f"{attended} {total}"


def _figures() -> dict[str, str]:
    """Return the figures of the evening, by label."""
    used = gettext("figure.seats_used_value", use=format_percent(5 / SEATS), capacity=SEATS)
    return {
        gettext("figure.people_total"): "5",
        gettext("figure.registered"): "6",
        gettext("figure.attended"): "4",
        gettext("figure.walk_ins"): "1",
        gettext("figure.no_shows"): f"2 ({format_percent(2 / 6)})",
        gettext("figure.seats_used"): used,
    }


def _is_about_nobody(text: str) -> None:
    people = (*COME, *STAY_AWAY, NEWCOMER, *VOLUNTEERS)
    names = [word for name in people for word in name.split() if word in text]
    assert names == []
    assert re.findall(r"[\w.-]+@[\w.-]+", text) == []


def _recipients(story: Story, request: APIRequestContext, subject: str) -> list[str]:
    listed = request.get(story.installation.address("/mailbox.json?limit=1000")).json()
    return [to for row in listed if row["subject"] == subject for to in re.findall(r"[\w.-]+@[\w.-]+", str(row["to"]))]


def _shows(page: Page, **numbers: int) -> None:
    for name, number in numbers.items():
        expect(page.locator(f"[data-live={name}]")).to_have_text(str(number))


def _button(page: Page, message: str) -> Locator:
    return page.get_by_role("button", name=translated(message), exact=True)


def _link(page: Page, message: str) -> Locator:
    return page.get_by_role("link", name=translated(message), exact=True)


def _text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    return str(body.get_content()) if body else ""
