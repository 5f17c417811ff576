"""Chromium as a phone: pages, and a camera that films a ticket of the test."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

PHONE = {"width": 360, "height": 640}
FRAME = (640, 480)
FRAMES_PER_SECOND = 30
READING_MS = 2_200
PATIENCE = 30_000
"""Milliseconds that a fact may take on a machine with much else to do; how fast things are is the bench's matter."""
LASTING = """
(() => {
  const later = globalThis.setTimeout, dwells = [4000, 6000, 8000, 20000];
  globalThis.setTimeout = (run, after, ...given) => (dwells.includes(after) ? 0 : later(run, after, ...given));
})()
"""
"""A verdict of the scanner stays until the next, however late a busy machine looks at it; Escape puts it away."""
SINCE_IT_CAME = "performance.now() - performance.getEntriesByType('navigation')[0].responseEnd"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
expect.set_options(timeout=PATIENCE)
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def chromium() -> str:
    """Return the path of the browser; `make test` installs one."""
    paths = (which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next(path for path in paths if path)


@contextmanager
def browser(playwright: Playwright, *, camera: Path | None = None) -> Iterator[Browser]:
    """Launch a browser; `camera` is the film that its camera sees."""
    film = (*CAMERA, f"--use-file-for-fake-video-capture={camera}") if camera else ()
    launched = playwright.chromium.launch(executable_path=chromium(), args=[*QUIET, *film])
    try:
        yield launched
    finally:
        launched.close()


def phone(browser: Browser, *, language: str = "tg", permissions: tuple[str, ...] = ()) -> BrowserContext:
    """Open a phone of 360 by 640 pixels, whose browser has stored nothing yet."""
    context = browser.new_context(viewport=PHONE, locale=language, device_scale_factor=2, permissions=permissions)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(LASTING)
    return context


def read(page: Page) -> None:
    """Take the time that a person needs to read a page: a form that is sent within two seconds is a robot's."""
    while page.evaluate(SINCE_IT_CAME) < READING_MS:
        page.wait_for_timeout(50)


def until(page: Page, fact: str, seconds: float = PATIENCE / 1000) -> None:
    """Wait for a fact of the page. Not wait_for_function, which our policy against eval stops."""
    ends = time.monotonic() + seconds
    while not page.evaluate(fact):
        assert time.monotonic() < ends, fact
        page.wait_for_timeout(50)


def film(path: Path, code: bytes, *, shown_seconds: float = 2, hidden_seconds: float = 4) -> Path:
    """Write a film (MJPEG, which Chromium plays round and round): an empty picture, a code, and an empty picture again.

    The empty picture comes first: a phone that still reads its list would tell the truth about that, not about the
    ticket.
    """
    code_frame, blank_frame = frame(code), frame(None)
    frames = [blank_frame] * int(hidden_seconds * FRAMES_PER_SECOND) + [code_frame] * int(
        shown_seconds * FRAMES_PER_SECOND
    )
    path.write_bytes(b"".join(frames))
    return path


def frame(code: bytes | None) -> bytes:
    """Return a picture as a camera takes it (JPEG): a code at 60 % of the height, on a grey background."""
    frame = Image.new("RGB", FRAME, (120, 120, 120))
    if code:
        side = FRAME[1] * 6 // 10
        picture = Image.open(io.BytesIO(code)).convert("RGB").resize((side, side))
        frame.paste(picture, ((FRAME[0] - side) // 2, (FRAME[1] - side) // 2))
    jpeg = io.BytesIO()
    frame.save(jpeg, "JPEG", quality=85)
    return jpeg.getvalue()
