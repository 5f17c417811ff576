"""The requests of each client, one after the other, and the check of each answer.

A sender is a generator: it goes on only when its last request has been answered.
"""

import json
import re
import secrets
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from gzip import decompress
from hashlib import md5
from itertools import count, cycle, product
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from shared import clock, links
from shared.i18n import gettext, use_language

UNPACKED = 20
"""Each so many answers with a page one is unpacked and read; of the others the status and the encoding are checked."""

_LOCATION = re.compile(rb"\r\nlocation: *([^\r]+)", re.IGNORECASE)
_TAG = re.compile(rb"\r\netag: *([^\r]+)", re.IGNORECASE)
_PACKED = re.compile(rb"\r\ncontent-encoding: *gzip\r", re.IGNORECASE)
with use_language("en"):
    _FULL = gettext("registration.full_error").encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came."""

    status: int
    head: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """The bytes of a request, and the check that returns an answer's error; empty when there is none."""

    raw: bytes
    fault: Callable[[Answer], str]


def pages(*, address: str, holds: str) -> Iterator[Request]:
    """Yield the requests of visitors whose browsers take gzip and have nothing yet."""
    answers = count()
    # Unpacking each answer would cost the machine a tenth of what the page does.
    request = _get(address, lambda answer: _fault_of_page(answer, holds if next(answers) % UNPACKED == 0 else ""))
    while True:
        yield request


def first_looks(*, addresses: list[str], holds: str) -> Iterator[Request]:
    """Yield a request for each page, which no one has seen before."""
    for address in addresses:
        yield _get(address, lambda answer: _fault_of_page(answer, holds))


def revisits(*, address: str, holds: str) -> Iterator[Request]:
    """Yield the requests of a visitor who reads a page, and then asks again and again if it changed."""
    tags: list[str] = []

    def fault(answer: Answer) -> str:
        tags.extend(match[1].decode() for match in _TAG.finditer(answer.head))
        return _fault_of_page(answer, holds) or ("" if tags else "a page without a tag")

    yield _get(address, fault)
    request = _get(address, lambda answer: _fault_of_status(answer, 304), f"If-None-Match: {tags[0]}")
    while True:
        yield request


def alive() -> Iterator[Request]:
    """Yield requests that cost only what every request does."""
    request = _get("/healthz", lambda answer: _fault_of_status(answer, 200))
    while True:
        yield request


def registration(*, slugs: list[str], client: int, right: Collection[int] = (303,)) -> Iterator[Request]:
    """Yield registrations for events in turn, each of a new person. `right`: the statuses of right answers."""
    own, content_type = links.registration("en", "").encode(), "application/x-www-form-urlencoded"
    headers = ("Sec-Fetch-Site: same-origin", "Accept-Encoding: gzip")
    for number, slug in enumerate(cycle(slugs)):
        form = {
            "name": f"Шариф {client}-{number}",
            "email": f"guest{client}-{number}@example.org",
            "once": secrets.token_urlsafe(16),
        }
        address, body = links.registrations("en", slug), urlencode(form).encode()
        raw = _raw("POST", address, body, content_type, *headers)
        holds = _FULL if number % UNPACKED == 0 else b""
        yield Request(raw, lambda answer, holds=holds: _fault_of_registration(answer, own, right, holds))


def polls(*, token: str) -> Iterator[Request]:
    """Yield the requests of a phone that fetches its list, and then asks again and again what is new."""
    cursor = setup = ""

    def fault(answer: Answer) -> str:
        if fault := _fault_of_status(answer, 200):
            return fault
        nonlocal cursor, setup
        roster: dict[str, Any] = json.loads(_unpacked(answer))
        is_first, cursor, setup = not cursor, roster["cursor"], roster["setup"]
        has_news = any(roster[name] for name in ("whole", "entries", "scans"))
        return "something is new" if has_news and not is_first else ""

    while True:
        yield _get(f"/api/door/roster?since={cursor}&setup={setup}", fault, f"Authorization: Bearer {token}")


def scans(*, token: str, sessions: list[int], event: int, people: tuple[int, int], batch: int) -> Iterator[Request]:
    """Yield the scans of a phone that admits the people from one number to before another, so many at a time; to one
    session, then to the next.
    """
    first, end = people
    rounds = product(sessions, range(first, end - batch + 1, batch))
    for acknowledged, (session, number) in enumerate(rounds):
        now = clock.milliseconds(clock.now())
        batched = [
            {"id": str(uuid4()), "person": person(event, person_number), "session": session, "kind": "in", "at": now}
            for person_number in range(number, number + batch)
        ]
        handed = {"device_time": now, "handed_in": acknowledged * batch, "shifts": [], "walk_ins": [], "scans": batched}
        body = json.dumps(handed).encode()
        raw = _raw("POST", "/api/door/scans", body, "application/json", f"Authorization: Bearer {token}")
        yield Request(raw, lambda answer: _fault_of_scans(answer, batch))


def person(event: int, number: int) -> str:
    """Return the ticket id of a person on an event's list; scene.py uses the same. Spread like random ids."""
    return md5(f"{event}.{number}".encode()).hexdigest()[:16]


SENDERS: dict[str, Callable[..., Iterator[Request]]] = {
    sender.__name__: sender for sender in (alive, first_looks, pages, polls, registration, revisits, scans)
}


def _get(address: str, fault: Callable[[Answer], str], *headers: str) -> Request:
    raw = _raw("GET", address, b"", "", "Accept-Encoding: gzip", *headers)
    return Request(raw, fault)


def _raw(method: str, address: str, body: bytes = b"", content_type: str = "", *headers: str) -> bytes:
    lines = [f"{method} {address} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if body:
        lines += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _fault_of_status(answer: Answer, *right: int) -> str:
    return "" if answer.status in right else f"status {answer.status}"


def _fault_of_page(answer: Answer, holds: str) -> str:
    if fault := _fault_of_status(answer, 200):
        return fault
    if not _PACKED.search(answer.head):
        return "a page that is not packed"
    return "" if not holds or holds.encode() in _unpacked(answer) else "a page without its title"


def _fault_of_registration(answer: Answer, own: bytes, right: Collection[int], holds: bytes) -> str:
    if fault := _fault_of_status(answer, *right):
        return fault
    if answer.status == 409:
        return "" if holds in (_unpacked(answer) if holds else b"") else "a refusal that does not say why"
    location = _LOCATION.search(answer.head)
    return "" if location and location[1].startswith(own) else "not sent to a registration of one's own"


def _unpacked(answer: Answer) -> bytes:
    return decompress(answer.body) if _PACKED.search(answer.head) else answer.body


def _fault_of_scans(answer: Answer, batch: int) -> str:
    if fault := _fault_of_status(answer, 200):
        return fault
    answers: dict[str, Any] = json.loads(answer.body)
    if answers["resend"]:
        return "asked to send everything again"
    results = [answer_to_scan["result"] for answer_to_scan in answers["results"]]
    return "" if results == ["accepted"] * batch else f"a scan is {({*results} - {'accepted'}) or 'not answered'}"
