"""A colleague is invited, joins, sets up two-step verification, and signs in with it, with and without the phone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from shared import clock
from shared.accounts import one_time_codes
from shared.command.demo.load import EMAIL, PASSWORD
from shared.i18n import gettext, use_language
from tests.journeys.conftest import Installation
from tests.support import accessibility as obstacles
from tests.support.accessibility import SPOKEN
from tests.support.browser import phone

OWN = "a password of my own"


@pytest.fixture
def guest() -> str:
    """Return an address that is new to the installation."""
    return f"colleague-{uuid4().hex[:8]}@example.org"


@pytest.fixture(params=SPOKEN)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with use_language(request.param):
        yield request.param


def checked(target: Locator) -> Locator:
    """Return an element of a new page, after checking that page for obstacles, light and dark, at 360 px."""
    expect(target).to_be_visible()
    page = target.page
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert obstacles.faults_in_both_themes(page, page.url) == []
    obstacles.assert_fits(page)
    return target


def sign_in(page: Page, installation: Installation, email: str, password: str) -> None:
    page.goto(installation.address("/account/sign-in"))
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button", name=gettext("signin.sign_in_button")).click()


def link_in(installation: Installation, guest: str, kind: str) -> str:
    """Return the newest emailed link of a kind."""
    installation.up.until(lambda: _links(installation, guest, kind))
    return _links(installation, guest, kind)[0]


def _links(installation: Installation, guest: str, kind: str) -> list[str]:
    texts = (letter.get_body(("plain",)) for letter in installation.letters(guest))
    return [link for text in texts if text for link in re.findall(rf"http\S+/account/{kind}/\S+", text.get_content())]


def invite(installation: Installation, browser: Browser, guest: str, language: str) -> None:
    page = phone(browser, language=language).new_page()
    sign_in(page, installation, EMAIL, PASSWORD)
    page.get_by_role("link", name=gettext("account.title"), exact=True).click()
    checked(page.get_by_role("link", name=gettext("members.title")).first).click()
    page.locator("#invite-email").fill(guest)
    page.get_by_role("button", name=gettext("members.invite_button")).click()
    expect(page.get_by_role("status")).to_have_text(gettext("members.invited"))
    expect(checked(page.locator("main"))).to_contain_text(guest)


def join(installation: Installation, page: Page, guest: str) -> None:
    page.goto(link_in(installation, guest, "invitation"))
    checked(page.locator("input[name=name]")).fill("Фирӯза")
    page.locator("input[name=password]").fill(OWN)
    page.get_by_role("button", name=gettext("members.accept_button")).click()
    page.wait_for_url("**/organize/")


def set_up(page: Page) -> tuple[str, list[str]]:
    """Return the secret that the app would read, and the recovery codes."""
    page.get_by_role("link", name=gettext("account.title"), exact=True).click()
    page.get_by_role("link", name=gettext("account.set_up_two_step_button")).click()
    checked(page.locator("#start-password")).fill(OWN)
    page.get_by_role("button", name=gettext("account.set_up_two_step_button")).click()
    checked(page.locator("input[name=code]"))  # its check unfolds the secret
    secret = page.locator(".secret code").inner_text().replace(" ", "")
    page.locator("input[name=code]").fill(one_time_codes.code_at(secret, clock.now()))
    page.get_by_role("button", name=gettext("account.turn_on_button")).click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    codes = page.locator(".recovery-codes code").all_inner_texts()
    checked(page.get_by_role("link", name=gettext("account.codes_saved_button"))).click()
    page.wait_for_url("**/account/second-factor/")
    checked(page.locator("main h1"))
    return secret, codes


def sign_out(page: Page) -> None:
    page.get_by_role("button", name=gettext("site.sign_out_button")).click()
    page.wait_for_url("**/account/sign-in")


def test_a_colleague_joins_and_signs_in_with_a_second_step(
    installation: Installation, visitor: Browser, guest: str, language: str
) -> None:
    invite(installation, visitor, guest, language)
    page = phone(visitor, language=language).new_page()
    join(installation, page, guest)
    secret, codes = set_up(page)
    sign_out(page)

    sign_in(page, installation, guest, OWN)
    checked(page.locator("#app-code")).fill("000000")
    page.get_by_role("button", name=gettext("signin.sign_in_button"), exact=True).click()
    expect(page.locator("#app-code-error")).to_be_visible()
    # The next code: the one before it may be used up, and this one is good already and still in half a minute.
    following = clock.now() + timedelta(seconds=one_time_codes.STEP_SECONDS)
    page.locator("#app-code").fill(one_time_codes.code_at(secret, following))
    page.get_by_role("button", name=gettext("signin.sign_in_button"), exact=True).click()
    page.wait_for_url("**/organize/")
    sign_out(page)

    page.get_by_role("link", name=gettext("signin.link_instead")).click()
    checked(page.get_by_role("button", name=gettext("signin.send_link_button")))
    page.locator("input[name=email]").fill(guest)
    page.get_by_role("button", name=gettext("signin.send_link_button")).click()
    page.wait_for_url("**/account/sent")
    page.goto(link_in(installation, guest, "sign-in/link"))
    checked(page.get_by_role("button", name=gettext("signin.sign_in_button"), exact=True)).click()
    page.get_by_text(gettext("signin.no_phone")).click()
    page.locator("#recovery").fill(codes[0].lower())
    page.get_by_role("button", name=gettext("signin.use_recovery_code_button")).click()
    page.wait_for_url("**/organize/")
