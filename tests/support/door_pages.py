"""The scanner's page: what it has stored, and several tabs of it."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import Installation

KEPT = """
async (store) => {
  const database = await new Promise((done, failed) => {
    const asked = indexedDB.open("turnout-door");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const kept = await new Promise((done) => {
    database.transaction(store).objectStore(store).getAll().onsuccess = (event) => done(event.target.result);
  });
  database.close();
  return kept;
}
"""


NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined })"
"""What a browser has on plain http."""


def open_door(phone: BrowserContext, installation: Installation) -> Page:
    """Open the scanner in another tab of the same phone, after the start tap."""
    page = phone.new_page()
    page.goto(installation.address("/door/"))
    page.locator("[data-action=start]").click()
    return page


def steps_aside(page: Page) -> None:
    expect(page.locator("[data-action=scan-here]")).to_be_visible()
    expect(page.locator("[data-count=in]")).to_have_count(0)


def take_over(page: Page) -> None:
    page.locator("[data-action=scan-here]").click()
    page.locator("[data-count=in]").wait_for()
