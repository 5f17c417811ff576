"""The page for a projector, until its link is revoked."""

from playwright.sync_api import Browser, expect
from sqlalchemy import select

from shared.models import Event
from tests.journeys.conftest import Installation


def test_a_projector_forgets_its_numbers_when_its_link_is_withdrawn(
    installation: Installation, visitor: Browser
) -> None:
    with installation.sessions.begin() as db:
        event_id = db.scalars(select(Event.id).where(Event.state == "published").order_by(Event.id)).first()
    organizer, screen = (visitor.new_context(locale="en").new_page() for _ in range(2))
    installation.sign_in(organizer)
    organizer.goto(installation.address(f"/organize/events/{event_id}/live"))
    screen.goto(organizer.get_by_label("Link", exact=True).input_value())
    state = screen.locator("#live-state")
    expect(state).to_have_text("Up to date")
    expect(screen.get_by_text("inside now")).to_be_visible()
    organizer.locator("summary", has_text="Revoke and replace link").click()
    organizer.get_by_role("button", name="Revoke link").click()
    expect(state).to_have_text("This link is revoked.")
    expect(screen.get_by_text("inside now")).to_have_count(0)
