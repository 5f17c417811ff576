"""The size of a first visit."""

from io import BytesIO

from PIL import Image
from playwright.sync_api import Browser, Request

from shared import links
from shared.events import pictures
from tests.journeys.conftest import Installation, Make
from tests.support.browser import phone

MOST = 100_000


def photograph() -> bytes:
    """Return a picture that hardly compresses, as one of leaves or faces."""
    content = BytesIO()
    Image.effect_noise((1600, 900), 40).convert("RGB").save(content, "JPEG", quality=90)
    return content.getvalue()


def test_a_first_visit_to_an_event_with_a_photograph_weighs_less_than_100_kb(
    installation: Installation, visitor: Browser, make: Make
) -> None:
    with installation.sessions.begin() as db:
        photo = pictures.store(db, content=photograph())
    event = make(capacity=40, picture=photo)
    page = phone(visitor).new_page()
    loaded: list[Request] = []
    page.on("requestfinished", lambda request: loaded.append(request))
    page.goto(installation.address(links.event("tg", event.slug)), wait_until="networkidle")
    weights = {request.url: request.sizes()["responseBodySize"] for request in loaded}
    assert any("/img/" in url for url in weights)
    assert sum(weights.values()) < MOST, weights
