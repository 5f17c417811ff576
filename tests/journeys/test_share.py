"""The page with an event's links and texts, in a browser."""

from playwright.sync_api import Browser, expect
from sqlalchemy import select

from shared.models import Event
from tests.journeys.conftest import Installation


def test_a_button_that_copies_says_each_time_what_became_of_it(installation: Installation, visitor: Browser) -> None:
    with installation.sessions.begin() as db:
        event_id = db.scalars(select(Event.id).where(Event.state == "published").order_by(Event.id)).first()
    page = visitor.new_context(locale="en").new_page()
    page.clock.install()
    installation.sign_in(page)
    page.goto(installation.address(f"/organize/events/{event_id}/share/"))
    permissions = page.context.new_cdp_session(page)
    here = permissions.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    button = page.locator("[data-copy]").first
    words = button.inner_text()
    for setting, message in (("granted", "Copied"), ("denied", "Not copied: select the text")):
        parameters = {"permission": {"name": "clipboard-write"}, "setting": setting, "browserContextId": here}
        permissions.send("Browser.setPermission", parameters)
        for _ in range(2):
            button.click()
            expect(button).to_have_text(message)
        page.clock.run_for(3000)
        expect(button).to_have_text(words)
