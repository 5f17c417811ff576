"""The organizer's pages over HTTP, beside their limits: one event with 100,000 people and 300,000 scans."""

import http.client
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from http import HTTPStatus
from io import BytesIO
from itertools import cycle, islice
from urllib.parse import urlencode
from zipfile import ZipFile

from sqlalchemy.orm import Session

from bench import crowd, memory, scene
from bench.load import percentile
from bench.service import Service
from bench.table import Limited
from shared.command.processes import CannotStart
from shared.database import make_sessions
from shared.models import Event, Shift
from tests.factories import make_account, make_device, make_door, make_sign_in

PEOPLE = 100_000
LOOKS = 60
"""The number of counted requests for each page; a few more before them do not count."""
WARM_UP = 5
DOORS, PHONES = 4, 10
LISTS = ("", "came=not", "came=inside", "language=ru", "source=poster")
SEARCHES = ("madina", "sharif", "ja", "a", "nigina 1", "7 manizha")
PATIENCE_SECONDS = 120
_NEXT = re.compile(r'rel="next" href="\?([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """An answer that was read to its end: milliseconds to its first byte and to its last."""

    status: int
    tag: str
    body: bytes
    first_ms: float
    whole_ms: float


@dataclass(frozen=True)
class Desk:
    """An organizer's browser: one connection, signed in, at the pages of one event."""

    connection: http.client.HTTPConnection
    token: str
    pages: str

    def ask(
        self, page: str, form: Mapping[str, str] | None = None, *, tag: str = "", expect: tuple[int, ...] = (200,)
    ) -> Answer:
        """Request a page, or send a form to it. Raises CannotStart on an unexpected answer."""
        headers = {"Cookie": f"sign_in={self.token}", "Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
        headers |= {"If-None-Match": tag} if tag else {}
        headers |= {} if form is None else {"Content-Type": "application/x-www-form-urlencoded"}
        body = None if form is None else urlencode(form)
        began = time.perf_counter()
        self.connection.request("GET" if form is None else "POST", f"{self.pages}{page}", body, headers)
        response = self.connection.getresponse()
        content = response.read(1)
        first = time.perf_counter()
        content += response.read()
        end = time.perf_counter()
        if response.status not in expect:
            raise CannotStart(f"{page} is answered with {response.status}")
        etag = response.getheader("ETag", "")
        return Answer(response.status, etag, content, (first - began) * 1000, (end - began) * 1000)


def measure(service: Service, *, people: int = PEOPLE, looks: int = LOOKS) -> Iterator[Limited]:
    """Measure every page that an organizer waits for, in milliseconds, and a file's cost to the web tier, in MB.

    Raises CannotStart where a page disagrees with the tables.
    """
    with make_sessions(service.engine).begin() as db:
        event = _prepare(db, service, people)
        token = make_sign_in(db, make_account(db, organization=event.organization, role="organizer"))
    crowd.settle(service.engine)
    with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE_SECONDS)) as connection:
        desk = Desk(connection, token, f"/organize/events/{event.id}")
        yield _looked("a page of the list", _lists(desk), looks)
        yield _looked("a search by name", _searches(desk), looks)
        yield _looked("the live page", _live(desk, people), looks)
        yield _looked("the live page asks, nothing is new", _unchanged(desk), looks)
        for file_format in READERS:
            yield from _file(desk, service, file_format, people)
        closed = desk.ask("/live/close", {}, expect=(303,))
        yield Limited("doors closed, the report compiled", closed.whole_ms, closed.whole_ms, 5_000)


def _prepare(db: Session, service: Service, people: int) -> Event:
    event = scene.event_now(db, service)
    for _ in range(DOORS):
        door = make_door(db, event)
        phones = [make_device(db, door)[0] for _ in range(PHONES)]
        db.add_all(Shift(device_id=phone.id, since=0, name="Manizha") for phone in phones)
    db.flush()
    crowd.register(db, event=event, people=people)
    crowd.scan_everyone(db, event=event)
    return event


def _looked(name: str, times: Iterator[float], looks: int) -> Limited:
    counted = list(islice(times, WARM_UP, WARM_UP + looks))
    return Limited(name, percentile(counted, 0.5), percentile(counted, 0.95), 100)


def _lists(desk: Desk) -> Iterator[float]:
    """Yield the times of the list with each of some filters, page after page."""
    queries = list(LISTS)
    for index in cycle(range(len(LISTS))):
        answer = desk.ask(f"/people/?{queries[index]}")
        yield _with_names(answer).whole_ms
        following = _NEXT.search(answer.body.decode())
        queries[index] = unescape(following[1]) if following else LISTS[index]


def _searches(desk: Desk) -> Iterator[float]:
    for words in cycle(SEARCHES):
        yield _with_names(desk.ask(f"/people/?{urlencode({'q': words})}")).whole_ms


def _live(desk: Desk, people: int) -> Iterator[float]:
    figure = f'<strong data-live="inside">{people * 95 // 100:,}</strong>'.encode()
    while True:
        yield _holds(desk.ask("/live"), figure).whole_ms


def _unchanged(desk: Desk) -> Iterator[float]:
    tag = ""
    while True:
        answer = desk.ask("/live.json", tag=tag, expect=(200, 304))
        if answer.status == HTTPStatus.NOT_MODIFIED:
            yield answer.whole_ms
        # The figures are new with each minute.
        tag = answer.tag


def _file(desk: Desk, service: Service, file_format: str, people: int) -> Iterator[Limited]:
    before = [memory.begin(process) for process in service.processes]
    answer = desk.ask("/people/export", {"format": file_format, "names": "1", "contact": "1"})
    # Linux counts pages for each thread and adds up late, so unchanged memory may seem to have shrunk.
    grown = max(
        0.0, *(memory.peak(process) - at_rest for process, at_rest in zip(service.processes, before, strict=True))
    )
    rows = READERS[file_format](answer.body)
    if rows != people:
        raise CannotStart(f"the {file_format} file of {people} people has {rows} rows")
    name = f"{file_format.upper()} of {people:,}"
    yield Limited(f"{name}, to its first byte", answer.first_ms, answer.first_ms, 1_000)
    yield Limited(f"{name}, to its last byte", answer.whole_ms, answer.whole_ms, 30_000)
    yield Limited(f"{name}, MB of memory for it", grown, grown, 100)


def _rows_of_xlsx(content: bytes) -> int:
    return ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml").count(b"<row ") - 1


def _rows_of_csv(content: bytes) -> int:
    return content.count(b"\r\n") - 1


READERS: Mapping[str, Callable[[bytes], int]] = {"csv": _rows_of_csv, "xlsx": _rows_of_xlsx}
"""The number of people in a file, by its format."""


def _with_names(answer: Answer) -> Answer:
    return _holds(answer, b'<th scope="row"')


def _holds(answer: Answer, words: bytes) -> Answer:
    if words not in answer.body:
        raise CannotStart(f"a page does not hold {words.decode()}")
    return answer
