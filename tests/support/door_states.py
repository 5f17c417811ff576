"""Every state of the scanner in order, before a server that answers as a state needs.

A walk goes from state to state on one page and yields the name of each; the page is then in it, and stays in it.
"""

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Page, Request, Route, expect

from shared import tickets
from tests.support import open_event as evening
from tests.support.door_acts import search, show, shows, take_back, turn

HOUR = 3_600_000
PEOPLE = {
    "Абдураҳмонҷон Мирзоқурбонзода": "confirmed",
    "Мадина Намунаева": "cancelled",
    "Шариф Раҳимзода": "waiting",
    "Ҷаҳонгир Ӯғлонов Қӯшғӣ": "confirmed",
    "Sharif Rahimov": "confirmed",
    "Нигина Саидова": "confirmed",
    "Зарина Ализода": "confirmed",
    "Парвина Назарова": "confirmed",
}
IDS = [f"{number:02x}a1b2c3d4e5f607" for number in range(1, len(PEOPLE) + 1)]
LONG, CANCELLED, WAITING, ONE, TWO, WORKSHOP, THREE, FOUR = range(8)
STRANGER = "ee" * 8
KEY, OTHER_KEY = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
TITLE = {
    "en": "iTalk 12: artificial intelligence in Tajik schools",
    "ru": "iTalk 12: искусственный интеллект в таджикских школах",
    "tg": "iTalk 12: зеҳни сунъӣ дар мактабҳои Тоҷикистон",
}
HALL = {"en": "Main hall", "ru": "Главный зал, первый день", "tg": "Толори асосӣ, рӯзи якум"}
STUDIO = {"en": "Workshop", "ru": "Мастерская", "tg": "Коргоҳи амалӣ"}
GUEST = {"en": "Guest", "ru": "Гость", "tg": "Меҳмон"}
STUDENT = {"en": "Student", "ru": "Студент или школьник", "tg": "Донишҷӯ ё хонанда"}
DOORS = [{"id": 1, "name": "Даромадгоҳи шимолӣ"}, {"id": 2, "name": "Даромадгоҳи ҷанубӣ"}]
STILL = """
(() => {
  const later = globalThis.setTimeout;
  globalThis.setTimeout = (run, after, ...given) => (after >= 4000 && after <= 20000 ? 0 : later(run, after, ...given));
})()
"""
"""What fills the screen for some seconds stays, however long it is looked at."""
INSTAGRAM = "Object.defineProperty(navigator, 'userAgent', { get: () => 'Mozilla/5.0 (Linux; Android 13) Instagram' })"
REFUSED = """
navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("The camera is refused", "NotAllowedError"))
"""
HEAR = "dispatchEvent(new Event('online'))"
FULL_DISK = """
() => {
  const refuse = () => { throw new DOMException("The disk is full", "QuotaExceededError"); };
  IDBObjectStore.prototype.put = IDBObjectStore.prototype.add = refuse;
}
"""


class Server:
    """The answers to a phone at a door with two sessions; each state changes them as it needs."""

    def __init__(self) -> None:
        self.rules = {"admit_unlisted": True, "initials": False, "reentry": False, "walk_ins": True}
        self.capacity = 120
        self.closed = False
        self.elsewhere: list[dict[str, Any]] = []
        """Scans of the other door that the next list brings."""
        self.refuses: dict[str, str] = {}
        """Why it refuses "pass", "pair", "roster", "scans"; "silence" where it does not answer at all."""
        self._lists = 0

    def answer(self, route: Route, request: Request) -> None:
        """Answer a phone; for Page.route."""
        asked = request.url.split("/api/door/")[1].split("?")[0]
        reason = self.refuses.get(asked)
        if reason == "silence":
            return route.abort()
        if reason:
            problem = json.dumps({"type": f"/problems/{reason}", "title": reason, "status": 401})
            return route.fulfill(status=401, content_type="application/problem+json", body=problem)
        answers = {"pass": self._told, "pair": self._paired, "roster": self._list, "scans": self._results}
        return route.fulfill(json={"server_time": now(), **answers[asked](request)})

    def _told(self, _: Request) -> dict[str, Any]:
        return {"event": {"title": TITLE, "languages": ["tg"]}, "door": DOORS[0]}

    def _paired(self, _: Request) -> dict[str, Any]:
        self._lists = 0
        return {"token": "t", **self._ground()}

    def _list(self, _: Request) -> dict[str, Any]:
        self._lists += 1
        entries = [_entry(number) for number in range(len(IDS))] if self._lists == 1 else []
        scans, self.elsewhere = self.elsewhere, []
        heard = {"cursor": str(self._lists), "entries": entries, "removed": [], "scans": scans, "merged": {}}
        return {**heard, **self._ground()}

    def _results(self, request: Request) -> dict[str, Any]:
        results = [{"id": scan["id"], "result": "accepted"} for scan in (request.post_data_json or {})["scans"]]
        return {"resend": False, "results": results}

    def _ground(self) -> dict[str, Any]:
        times = {"starts_at": now() - HOUR // 6, "ends_at": now() + 2 * HOUR}
        tomorrow = {"starts_at": now() + 30 * HOUR, "ends_at": now() + 32 * HOUR}
        return {
            "event": {"id": 7, "title": TITLE, "zone": "Asia/Dushanbe", "languages": ["tg"], **times},
            "door": {**DOORS[0], "closed": self.closed},
            "doors": DOORS,
            "sessions": [
                {"id": 1, "title": HALL, "opens_at": None, "capacity": self.capacity, **times},
                {"id": 2, "title": STUDIO, "opens_at": now() + 29 * HOUR, "capacity": None, **tomorrow},
            ],
            "types": [{"id": 1, "title": GUEST, "sessions": []}, {"id": 2, "title": STUDENT, "sessions": [1]}],
            "rules": {**self.rules, "held_until": now() + HOUR // 4, "expires_at": now() + 5 * HOUR},
            "keys": [_key(1, KEY, 7, TITLE), _key(2, OTHER_KEY, 6, {"en": "iTalk 11", "tg": "iTalk 11"})],
        }


def _key(number: int, key: Ed25519PrivateKey, event: int, title: dict[str, str]) -> dict[str, Any]:
    public = base64.urlsafe_b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    return {"number": number, "public": public.decode().rstrip("="), "event": event, "title": title}


def _entry(number: int) -> dict[str, Any]:
    name, status = list(PEOPLE.items())[number]
    return {
        "id": IDS[number],
        "name": name,
        "hint": "41" if number == WAITING else None,
        "type": GUEST if number % 2 else STUDENT,
        "status": status,
        "sessions": [2] if number == WORKSHOP else [1, 2],
        "short": tickets.short_code(IDS[number]),
    }


def now() -> int:
    return int(time.time() * 1000)


def ticket(number: int) -> str:
    """Return the code of a ticket on the list."""
    return tickets.sign(IDS[number], key_number=1, key=KEY)


def rival(number: int) -> dict[str, Any]:
    """Return a scan that checked the same ticket in at the other door, nine minutes ago."""
    scan = {"id": str(uuid4()), "person": IDS[number], "session": 1, "kind": "in", "at": now() - HOUR // 7}
    return {**scan, "device": 55, "door": 2, "doubtful": False, "standing": True}


def hear(page: Page) -> None:
    """Let the phone contact the server now."""
    page.evaluate(HEAR)


def pair(page: Page, start: bool = True) -> None:
    """Pair a phone; by default it begins to scan, and has its list."""
    page.goto("/door/#secret")
    page.locator("input[name=volunteer]").fill("Нигина")
    page.locator("[data-action=pair]").click()
    page.locator("[data-action=start]").wait_for()
    if start:
        evening.take_up(page)
        expect(page.locator("[data-count=list]")).to_contain_text(f"{len(IDS)}")


def close(page: Page) -> None:
    """Close the sheet that is open."""
    page.locator("[data-sheet] [data-action=close]").click()


# Walks ---------------------------------------------------------------------------------------------------------------


def before_the_shift(page: Page, server: Server) -> Iterator[str]:
    """Yield pairing: refused, and at last accepted."""
    page.goto("/door/")
    page.locator("[data-action=pass]").wait_for()
    yield "no pass"
    page.locator("[name=pass]").fill("https://example.org/")
    page.locator("[data-action=pass]").click()
    expect(page.locator(".problem")).not_to_be_empty()
    yield "not a pass"
    page.locator("[data-action=scan-pass]").click()
    page.locator(".camera video").wait_for()
    yield "a camera that looks for a pass"
    page.goto("/door/#secret")
    page.locator("input[name=volunteer]").fill("Нигина")
    yield "who is at the door"
    for reason in ("pass", "pass-used-up", "pass-expired", "device-revoked", "silence"):
        server.refuses = {"pair": reason}
        page.locator("[data-action=pair]").click()
        expect(page.locator(".problem")).not_to_be_empty()
        expect(page.locator("[data-action=pair]")).to_be_enabled()
        yield f"refused: {reason}"
    server.refuses = {}
    page.locator("[data-action=pair]").click()
    page.locator("[data-action=start]").wait_for()
    yield "start"


def in_another_app(page: Page, server: Server) -> Iterator[str]:
    """Yield Instagram's own browser."""
    page.add_init_script(INSTAGRAM)
    pair(page, start=False)
    page.locator("[data-action=copy]").click()
    page.locator(".notice input").wait_for()
    yield "another app's browser"


def without_a_camera(page: Page, server: Server) -> Iterator[str]:
    """Yield a refused camera, during pairing and later."""
    page.add_init_script(REFUSED)
    page.goto("/door/")
    page.locator("[data-action=scan-pass]").click()
    expect(page.locator(".problem")).not_to_be_empty()
    yield "no camera for a pass"
    pair(page)
    page.locator(".blind").wait_for()
    yield "no camera"
    show(page, ticket(ONE), "admitted")
    page.locator(".verdict .word").click()
    yield "no camera, and somebody is in"


def verdicts(page: Page, server: Server) -> Iterator[str]:
    """Yield every verdict on a code."""
    pair(page)
    yield "scanner"
    page.locator("[data-action=heard]").click()
    show(page, ticket(LONG), "admitted")
    page.locator("[data-confirmed=true]").wait_for()
    yield "admitted"
    for number, verdict in ((LONG, "already_in"), (CANCELLED, "cancelled"), (WAITING, "waiting")):
        show(page, ticket(number), verdict)
        yield verdict
    show(page, ticket(WORKSHOP), "other_session")
    yield "other session"
    show(page, tickets.sign(STRANGER, key_number=2, key=OTHER_KEY), "other_event")
    yield "other event"
    show(page, "A" * 120, "not_a_ticket")
    yield "not a ticket"
    page.locator("[data-action=menu]").click()
    page.locator("[data-sheet] input[type=file]").set_input_files(
        {"name": "a.txt", "mimeType": "image/png", "buffer": b"none"}
    )
    shows(page, "no_code")
    yield "no code in a picture"
    show(page, tickets.sign(STRANGER, key_number=1, key=KEY), "unlisted")
    yield "unlisted"
    yield from _by_rule(page, server)


def _by_rule(page: Page, server: Server) -> Iterator[str]:
    server.rules |= {"admit_unlisted": False, "reentry": True}
    hear(page)
    turn(page, "out")
    yield "going out"
    show(page, ticket(LONG), "left")
    yield "left"
    show(page, ticket(ONE), "not_inside")
    yield "not inside"
    turn(page, "in")
    yield "coming in"
    show(page, tickets.sign("dd" * 8, key_number=1, key=KEY), "unlisted_stop")
    yield "unlisted, to be stopped"
    page.locator("[data-action=menu]").click()
    page.locator("[data-option='2']").click()
    show(page, ticket(WORKSHOP), "not_open")
    yield "not open"


def sheets(page: Page, server: Server) -> Iterator[str]:
    """Yield the sheets over the scanner: undo, search, menu, a door pass."""
    pair(page)
    for number in (LONG, ONE, TWO):
        show(page, ticket(number), "admitted", list(PEOPLE)[number])
    page.locator("[data-action=undo]").click()
    page.locator("[data-sheet=undo]").wait_for()
    yield "undo"
    page.locator(".earlier .person").first.click()
    yield "undo of an earlier one"
    close(page)
    take_back(page, "mistake")
    yield "taken back"
    yield from _search(page, server)
    page.locator("[data-action=menu]").click()
    page.locator("[data-sheet=menu]").wait_for()
    yield "menu"
    close(page)
    evening.show(page, [f"{page.url.split('#')[0]}#another"])
    page.locator("[data-sheet=pass]").wait_for()
    yield "another pass"
    page.locator("[data-action=pair-this]").click()
    page.locator("[data-action=back]").wait_for()
    yield "pair again"


def _search(page: Page, server: Server) -> Iterator[str]:
    search(page, "sharif")
    page.locator("[data-action=walk-in]").wait_for()
    yield "search"
    page.locator("[data-person]").last.click()
    page.locator(".card").wait_for()
    yield "somebody found"
    close(page)
    search(page, "Баҳром Абдураҳмонзода")
    expect(page.locator("[data-sheet] .hint")).not_to_be_empty()
    yield "nobody found"
    page.locator("[data-action=walk-in]").click()
    page.locator("[data-action=let-in]").wait_for()
    yield "walk-in"
    close(page)
    server.capacity = 0
    hear(page)
    expect(page.locator("[data-count=free]")).to_have_text("0")
    search(page, "Баҳром")
    page.locator("[data-action=walk-in]").click()
    page.locator(".card .warning").wait_for()
    yield "walk-in, no place free"
    page.locator("[data-action=let-in]").click()
    shows(page, "admitted")
    yield "walk-in admitted"


def conflicts(page: Page, server: Server) -> Iterator[str]:
    """Yield one ticket used at two doors, then several."""
    pair(page)
    for number in (LONG, ONE, TWO):
        show(page, ticket(number), "admitted", list(PEOPLE)[number])
    server.elsewhere = [rival(LONG)]
    hear(page)
    shows(page, "conflict")
    yield "one conflict"
    page.locator(".verdict .word").click()
    page.locator("[data-action=conflicts]").wait_for()
    yield "a conflict is still there"
    server.elsewhere = [rival(ONE), rival(TWO)]
    hear(page)
    page.locator("[data-action=conflict-list]").wait_for()
    yield "several conflicts"
    page.locator("[data-action=conflict-list]").click()
    page.locator("[data-sheet=conflicts]").wait_for()
    yield "conflicts"


def troubles(page: Page, server: Server) -> Iterator[str]:
    """Yield a closed door, no network, a full disk."""
    pair(page)
    server.closed = True
    hear(page)
    expect(page.locator(".trouble")).not_to_be_empty()
    yield "closed"
    server.closed, server.refuses = False, {"roster": "silence", "scans": "silence"}
    hear(page)
    show(page, ticket(ONE), "admitted")
    expect(page.locator("[data-count=waiting]")).to_have_text("1")
    yield "offline"
    page.evaluate(FULL_DISK)
    show(page, ticket(TWO), "admitted", list(PEOPLE)[TWO])
    yield "forgetful"


def endings(page: Page, server: Server) -> Iterator[str]:
    """Yield a phone that may not check in any more, with scans left to upload and without."""
    for number, reason in enumerate(("device-revoked", "device-expired", "device")):
        server.refuses = {}
        pair(page)
        server.refuses = {"scans": "silence"}
        show(page, ticket((LONG, ONE, TWO)[number]), "admitted")
        page.locator(".verdict .word").click()
        server.refuses["roster"] = reason
        hear(page)
        page.locator(".ended .unsent").wait_for()
        yield f"{reason}, something owed"
        server.refuses = {"roster": reason}
        hear(page)
        expect(page.locator("[data-count=waiting]")).to_have_text("0")
        expect(page.locator(".unsent")).to_have_count(0)
        yield reason


WALKS: list[Callable[[Page, Server], Iterator[str]]] = [
    before_the_shift,
    in_another_app,
    without_a_camera,
    verdicts,
    sheets,
    conflicts,
    troubles,
    endings,
]
