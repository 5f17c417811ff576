"""The first ten minutes: what `make up` prints in a fresh clone is followed step by step, by what is printed alone."""

import io
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import psutil
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from shared.command.embedded import temporary_directory
from shared.command.home import DATA, free_port
from shared.command.orphans import stop_orphans
from shared.command.processes import wait_until
from tests.journeys.browser import browser, film, phone, read
from tests.shared.command.running import PATIENCE, Up

ROOT = Path(__file__).parents[2]
NAME, ADDRESS = "Ҷаҳонгир Ӯғлонов", "jahongir@example.org"
SOME = re.compile(r"^[1-9]\d*$")
OWN_NAME, OWN_ADDRESS, OWN_PASSWORD = "Дониш", "manizha@example.org", "a password of my own"

Keep = Callable[[str, bytes], None]


@dataclass(frozen=True)
class Step:
    """A step of the printed tour: an address or a command, and what to do there."""

    where: str
    hint: str


@dataclass(frozen=True)
class Clone:
    """A clone in which `make up` runs, and the tour that it printed."""

    folder: Path
    up: Up
    tour: dict[str, Step]

    def turnout(self, *words: str) -> str:
        """Run a command in the clone's folder; return its output."""
        command = [".venv/bin/turnout", *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def clone() -> Iterator[Clone]:
    """Run `make up` in a clone, as README says, until it is ready."""
    with temporary_directory() as home:
        folder, screen, port = home / "turnout", home / "screen", free_port()
        _clone_into(folder)
        with screen.open("w") as output:
            command = ["make", "up", f"PORT={port}"]
            process = psutil.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, text=True)
        up = Up(folder / DATA, port, process, screen)
        try:
            yield Clone(folder, up, _printed(up.ready().said()))
        finally:
            process.terminate()
            process.wait(PATIENCE)
            stop_orphans(up.data, seconds=1)


def _clone_into(folder: Path) -> None:
    """Copy the files that git tracks, with the results of `make environment front-end`: an environment of the clone's
    own code and our packages, and the scanner as it is built here.
    """
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    venv.create(folder / ".venv", symlinks=True)
    ours = Path(sys.executable).parent.parent
    [packages] = ours.glob("lib/python3*/site-packages")
    path = f"{folder}\nimport site; site.addsitedir({str(packages)!r})\n"
    (folder / ".venv" / packages.relative_to(ours) / "clone.pth").write_text(path)
    script = folder / ".venv" / "bin" / "turnout"
    script.write_text(f"#!{folder}/.venv/bin/python\nfrom shared.command import main\n\nmain()\n")
    script.chmod(0o755)
    (script.parent / "caddy").symlink_to(ours / "bin" / "caddy")
    shutil.copy(ours / "made-from", folder / ".venv" / "made-from")
    shutil.copytree(ROOT / "web" / "static" / "built", folder / "web" / "static" / "built")
    shutil.copy(ROOT / "web" / "door" / "src" / "lib" / "languages.ts", folder / "web" / "door" / "src" / "lib")
    (folder / "web" / "door" / "node_modules").mkdir()
    shutil.copy(ROOT / "web" / "door" / "node_modules" / ".built-from", folder / "web" / "door" / "node_modules")
    where = [folder / ".venv" / "bin" / "python", "-c", "import web; print(web.__path__[0])"]
    assert subprocess.check_output(where, cwd="/", text=True) == f"{folder}/web\n"


def _printed(screen: str) -> dict[str, Step]:
    steps = re.findall(r"^  \d  (\w[\w ]*?)  +(\S.*)\n +(\S.*)$", click.unstyle(screen), re.MULTILINE)
    return {what: Step(where, hint) for what, where, hint in steps}


def test_the_printed_tour_is_followed_to_ones_own_organization(
    clone: Clone, playwright: Playwright, visitor: Browser, tmp_path: Path, keep_picture: Keep
) -> None:
    tour = clone.tour
    assert list(tour) == ["Event", "Mailbox", "Organizer", "Door", "Live", "Evening", "Report", "Your own"]

    _register(phone(visitor).new_page(), tour["Event"].where, keep_picture)
    picture = _picture_of_ticket(phone(visitor).new_page(), tour["Mailbox"].where)
    assert "/T/" in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))[0].text.upper()

    organizer = phone(visitor, language="en").new_page()
    _sign_in(organizer, tour["Organizer"])
    with browser(playwright, camera=film(tmp_path / "ticket.mjpeg", picture)) as volunteers:
        _is_admitted(phone(volunteers, permissions=("camera",)).new_page(), tour["Door"].where, keep_picture)

    clone.up.until(lambda: "sample evenings are complete" in clone.up.said())
    organizer.goto(tour["Live"].where)
    expect(organizer.locator("[data-live=admitted]")).to_have_text(SOME)
    _play(clone, organizer, tour["Evening"].where)
    _read_report(organizer, tour["Report"].where, keep_picture)

    _make_own(organizer, tour["Your own"])
    assert clone.turnout("organization", "create", "Ёд", "--owner", OWN_ADDRESS) == f"{OWN_ADDRESS} owns Ёд\n"


def _register(page: Page, address: str, keep_picture: Keep) -> None:
    page.goto(address)
    keep_picture("event", page.screenshot())
    page.locator("input[name=name]").fill(NAME)
    page.locator("input[name=email]").fill(ADDRESS)
    read(page)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url("**/tg/r/**")
    page.locator(".qr svg").first.wait_for()
    keep_picture("ticket", page.screenshot())


def _picture_of_ticket(page: Page, mailbox: str) -> bytes:
    """Read the email in the mailbox; return the QR code as it is on the visitor's screen."""
    page.goto(mailbox)
    letter = page.locator(".letters a").first
    assert wait_until(lambda: page.reload() is not None and letter.count() > 0, lambda: True, PATIENCE)
    letter.click()
    code = page.frame_locator("iframe.letter-html").locator("img.qr")
    expect(code).to_have_js_property("complete", True)
    with page.context.expect_page() as opened:
        page.frame_locator("iframe.letter-html").locator("a[href*='/r/']").first.click()
    expect(opened.value.locator("main")).to_contain_text(NAME)
    return code.screenshot()


def _sign_in(page: Page, step: Step) -> None:
    email, password = step.hint.removeprefix("sign in: ").split()
    page.goto(step.where)
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("main form:has(input[name=password]) button[type=submit]").click()
    page.wait_for_url("**/organize/**")


def _is_admitted(page: Page, door: str, keep_picture: Keep) -> None:
    page.goto(door)
    page.locator("input[name=volunteer]").fill("Нигина")
    page.locator("[data-action=pair]").click()
    page.locator("[data-action=start]").click()
    expect(page.locator("[data-verdict=admitted][data-confirmed=true]")).to_contain_text(NAME)
    keep_picture("door", page.screenshot())


def _play(clone: Clone, organizer: Page, command: str) -> None:
    """Run the command, watch the live page that it names, and read the report at the end."""
    typed = [*command.split(), "--seconds", "10"]
    with subprocess.Popen(typed, cwd=clone.folder, stdout=subprocess.PIPE, text=True) as playing:
        assert playing.stdout is not None
        organizer.goto(next(line.split()[-1] for line in playing.stdout if "Watch it:" in line))
        expect(organizer.locator("[data-live=admitted]")).to_have_text(SOME)
        output = playing.stdout.read()
    assert playing.returncode == 0, output
    counted = dict(re.findall(r"^  (\w[\w -]*?)  +\d+ +(\d+)$", output, re.MULTILINE))
    assert (counted["people"], counted["walk-ins"], counted["tickets used twice"]) == ("300", "12", "1")
    organizer.goto(output.split()[-1])
    expect(organizer.locator("main")).to_contain_text("300")


def _read_report(organizer: Page, address: str, keep_picture: Keep) -> None:
    """Read the report of an evening of hundreds, and the same in Tajik for the picture."""
    term = organizer.get_by_role("term").get_by_text("Registered attendees who came", exact=True)
    attended = organizer.locator(".number", has=term).locator("strong")
    organizer.goto(address)
    expect(attended).to_have_text(re.compile(r"^\d{3}$"))
    organizer.locator("footer button[name=language][value=tg]").click()
    expect(organizer.locator("html")).to_have_attribute("lang", "tg")
    keep_picture("report", organizer.screenshot())
    organizer.locator("footer button[name=language][value=en]").click()


def _make_own(page: Page, step: Step) -> None:
    """Create an organization from the demo organizer's first page, with the printed code."""
    page.goto(step.where.replace("/account/first", "/organize/"))
    page.get_by_role("link", name="Create your own organization").click()
    assert page.url == step.where
    values = {"organization": OWN_NAME, "name": "Манижа", "email": OWN_ADDRESS, "password": OWN_PASSWORD}
    for name, value in {**values, "code": step.hint.rpartition(" ")[2]}.items():
        page.locator(f"input[name={name}]").fill(value)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/organize/")
    expect(page.locator("main")).to_contain_text(OWN_NAME)
    expect(page.get_by_role("link", name="Create event")).to_be_visible()
