"""The requests of each client, one after the other, and the check of each answer.

A sender is a generator: it goes on only when its last request has been answered.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import md5
from itertools import count
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from shared import clock, links

_LOCATION = re.compile(rb"\r\nlocation: *([^\r]+)", re.IGNORECASE)


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


def page(*, slug: str, title: str) -> Iterator[Request]:
    """Yield the requests of a visitor who reads an event's page again and again."""
    request = Request(_raw("GET", links.event("en", slug)), lambda answer: _fault_of_page(answer, title))
    while True:
        yield request


def registration(*, slug: str, client: int) -> Iterator[Request]:
    """Yield registrations for one event, each of a new person."""
    address, own = links.registrations("en", slug), links.registration("en", "").encode()
    content_type = "application/x-www-form-urlencoded"
    for number in count():
        form = {
            "name": f"Шариф {client}-{number}",
            "email": f"guest{client}-{number}@example.org",
            "once": secrets.token_urlsafe(16),
        }
        raw = _raw("POST", address, urlencode(form).encode(), content_type, "Sec-Fetch-Site: same-origin")
        yield Request(raw, lambda answer: _fault_of_registration(answer, own))


def scans(*, token: str, session: int, event: int, people: tuple[int, int], batch: int) -> Iterator[Request]:
    """Yield the scans of a phone that admits the people from one number to before another, so many at a time."""
    first, end = people
    for acknowledged, number in enumerate(range(first, end - batch + 1, batch)):
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


SENDERS: dict[str, Callable[..., Iterator[Request]]] = {"page": page, "registration": registration, "scans": scans}


def _raw(method: str, address: str, body: bytes = b"", content_type: str = "", *headers: str) -> bytes:
    lines = [f"{method} {address} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if body:
        lines += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _fault_of_page(answer: Answer, title: str) -> str:
    if answer.status != 200:
        return f"status {answer.status}"
    return "" if title.encode() in answer.body else "a page without the event's title"


def _fault_of_registration(answer: Answer, own: bytes) -> str:
    if answer.status != 303:
        return f"status {answer.status}"
    location = _LOCATION.search(answer.head)
    return "" if location and location[1].startswith(own) else "not sent to a registration of one's own"


def _fault_of_scans(answer: Answer, batch: int) -> str:
    if answer.status != 200:
        return f"status {answer.status}"
    answers: dict[str, Any] = json.loads(answer.body)
    if answers["resend"]:
        return "asked to send everything again"
    results = [answer_to_scan["result"] for answer_to_scan in answers["results"]]
    return "" if results == ["accepted"] * batch else f"a scan is {({*results} - {'accepted'}) or 'not answered'}"
