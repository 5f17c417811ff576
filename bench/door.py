"""The door in a real browser, beside its limits: a list of 10,000 people, tickets before a camera, a queue of 5,000."""

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median, quantiles

from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bench import scene
from bench.service import Service
from bench.table import Limited
from shared import links, tickets, tokens
from shared.database import make_sessions
from shared.i18n import search_key
from shared.models import Door, Event, Registration, TicketKey
from shared.papers import qr
from tests.factories import make_pass
from tests.support import browser
from tests.support.open_event import queue, show

PEOPLE = 10_000
QUEUED = 5_000
TICKETS = 60
PATIENCE = 120_000

FIRST = ("Шариф", "Мадина", "Ҷаҳонгир", "Нигина", "Фирӯза", "Далер", "Сорбон", "Манижа", "Зарина", "Рустам", "Гулнора")
LAST = ("Забиров", "Ҷӯраева", "Ғуломов", "Раҳимова", "Қодиров", "Назарова", "Шарипов", "Юсупов", "Ҳакимова", "Саидов")

_PEOPLE = text("""
    INSERT INTO registration (event_id, ticket_type_id, state, confirmed_at, ticket_id, short_code, name, name_key,
                              email, contact_key, language)
    SELECT :event, :kind, 'confirmed', now(), id, short, name, key, email, email, 'tg'
    FROM jsonb_to_recordset(:people) AS person (id text, short text, name text, key text, email text)
""")

# The verdict's own mark is overwritten by the next one: each is stored as it comes.
WATCH = """
globalThis.marks = [];
new MutationObserver((changes) => {
  for (const { target: { dataset } } of changes) if (dataset.ms) marks.push([dataset.verdict, Number(dataset.ms)]);
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-ms"] });
"""


@dataclass(frozen=True)
class Evening:
    """An event with a long list, the link of its pass, and the codes of the first people on it."""

    event: int
    link: str
    codes: Sequence[str]


def measure(
    service: Service, *, people: int = PEOPLE, queued: int = QUEUED, tickets: int = TICKETS
) -> Iterator[Limited]:
    """Measure everything that a volunteer would notice, in milliseconds; the list's size in kB."""
    evening = _prepare(service, people, max(queued, tickets))
    with tempfile.TemporaryDirectory(prefix="turnout-", dir="/var/tmp") as folder, sync_playwright() as playwright:
        pictures = [qr.png(links.ticket_code(service.settings.base_url, code)) for code in evening.codes[:tickets]]
        film = queue(Path(folder) / "queue.mjpeg", pictures, before=5)
        yield from _one_scan(service, playwright)
        yield from _list_and_camera(evening, playwright, film, people, tickets)
        yield _hand_in(evening, playwright, people, queued)


def _one_scan(service: Service, playwright: Playwright) -> Iterator[Limited]:
    """Measure with the door's own bench page: decode, verify, look up and write, six times slower."""
    with _phone(playwright) as context:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{service.port}/door/bench")
        page.locator("body[data-state]").wait_for(state="attached", timeout=PATIENCE)
        results = page.evaluate("benchResults")
        yield Limited("one scan on a phone 6 times slower", results["slower"]["p50"], results["slower"]["p95"], 100)
        search = results["steps"]["search"]
        yield Limited("search among 10,000", search["p50"], search["p95"], 50)


def _list_and_camera(
    evening: Evening, playwright: Playwright, film: Path, people: int, tickets: int
) -> Iterator[Limited]:
    with _phone(playwright, film) as context:
        page = context.new_page()
        page.add_init_script(WATCH)
        with page.expect_response("**/api/door/roster*", timeout=PATIENCE) as answer:
            began = _pair(page, evening.link)
        _until_listed(page, people)
        ready = (time.monotonic() - began) * 1000
        yield Limited(f"list of {people:,}, paired to ready", ready, ready, 3_000)
        size = answer.value.request.sizes()["responseBodySize"] / 1000
        yield Limited(f"list of {people:,}, kB on the wire", size, size, 600)
        expect(page.locator("[data-count=in]")).to_have_text(str(tickets), timeout=PATIENCE)
        times = [ms for verdict, ms in page.evaluate("marks") if verdict == "admitted"]
        yield Limited("decoded frame to verdict", median(times), quantiles(times, n=20)[-1], 100)


def _hand_in(evening: Evening, playwright: Playwright, people: int, queued: int) -> Limited:
    with _phone(playwright) as context:
        page = context.new_page()
        _pair(page, evening.link)
        _until_listed(page, people)
        context.set_offline(True)
        show(page, evening.codes[:queued])
        counter = page.locator("[data-count=waiting]")
        expect(counter).to_have_text(str(queued), timeout=PATIENCE)
        began = time.monotonic()
        context.set_offline(False)
        expect(counter).to_have_text("0", timeout=PATIENCE)
        took = (time.monotonic() - began) * 1000
        return Limited(f"{queued:,} queued scans handed in", took, took, 10_000)


def _until_listed(page: Page, people: int) -> None:
    expect(page.locator("[data-count=list]")).to_contain_text(f"{people} names", timeout=PATIENCE)


def _pair(page: Page, link: str) -> float:
    """Pair a phone and start scanning; return the time of the click."""
    page.goto(link)
    page.locator("input[name=volunteer]").fill("Manizha")
    began = time.monotonic()
    page.locator("[data-action=pair]").click()
    page.locator("[data-action=start]").click()
    return began


@contextmanager
def _phone(playwright: Playwright, film: Path | None = None) -> Iterator[BrowserContext]:
    with browser.browser(playwright, camera=film) as launched:
        yield browser.phone(launched, language="en", permissions=("camera",) if film else ())


def _prepare(service: Service, people: int, signed: int) -> Evening:
    with make_sessions(service.engine).begin() as db:
        event = scene.event_now(db, service)
        _fill(db, event, people)
        door = db.scalars(select(Door).where(Door.event_id == event.id)).one()
        door_pass = make_pass(db, door)
        secret = service.settings.secrets[0]
        pairing = tokens.make(secret, "pairing", id=door_pass.id, version=door_pass.version)
        link = f"http://127.0.0.1:{service.port}{links.door(pairing)}"
        return Evening(event.id, link, _codes(db, event, secret, signed))


def _fill(db: Session, event: Event, people: int) -> None:
    """Fill the list with names and ticket ids that compress no better than real ones."""
    draw = Random(people)
    rows = []
    for number in range(people):
        ticket_id, name = f"{draw.getrandbits(64):016x}", f"{draw.choice(FIRST)} {draw.choice(LAST)} {number}"
        rows.append(
            {
                "id": ticket_id,
                "short": tickets.short_code(ticket_id),
                "name": name,
                "key": search_key(name),
                "email": f"guest{number}@example.org",
            }
        )
    db.execute(_PEOPLE, {"event": event.id, "kind": event.ticket_types[0].id, "people": json.dumps(rows)})
    db.execute(text("ANALYZE registration"))


def _codes(db: Session, event: Event, secret: bytes, signed: int) -> list[str]:
    key = db.scalars(select(TicketKey).where(TicketKey.event_id == event.id)).one()
    private = tickets.private_key(secret, event_id=event.id, version=key.version)
    people = select(Registration.ticket_id).where(Registration.event_id == event.id).order_by(Registration.id)
    ids = db.scalars(people.limit(signed))
    return [tickets.sign(ticket_id, key_number=key.number, key=private) for ticket_id in ids]
