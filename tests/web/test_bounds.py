"""Requests that are refused for their size, before any work is done on them."""

import gzip
import json
import unicodedata
from collections.abc import Callable
from io import BytesIO
from itertools import groupby
from typing import Any
from uuid import uuid4

import pytest
import werkzeug.formparser
from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from shared.config import LANGUAGES
from shared.door.attendance import LARGEST_BATCH
from tests.conftest import make_settings
from tests.factories import make_account, make_event, make_sign_in
from tests.support.every_route import ROUTES, World, address, method_of
from tests.support.registration_form import GOOD, count, send
from web import bounds
from web.account import form as account
from web.app import create_app
from web.forms import FormError, fields
from web.organizer.doors import form as doors
from web.organizer.events import form as events
from web.organizer.events import questions
from web.organizer.mailings import form as mailings
from web.organizer.people import import_form as people_list

BOMB = "a" + "\u0301\u0327" * 16_000
"""32,000 marks, which cost a normal form half a second of every thread."""
FORM = "/en/e/talks/registrations"
URLENCODED, IN_PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


@pytest.fixture
def page(db: Session) -> str:
    make_event(db, slug="talks")
    return "/en/e/talks"


@pytest.fixture(scope="module")
def nowhere() -> FlaskClient:
    """An app without a database: it refuses before it needs one."""
    return create_app(make_settings("postgresql://nobody@/nothing?host=/nowhere", "unix:///nowhere")).test_client(
        use_cookies=False
    )


def most_marks(text: str) -> int:
    runs = groupby(text, lambda letter: unicodedata.category(letter)[0] == "M")
    return max((len(list(run)) for is_mark, run in runs if is_mark), default=0)


@pytest.fixture
def piled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The longest runs of marks that were normalized; a run above twenty is noted and not normalized."""
    runs: list[int] = []
    normalize = unicodedata.normalize

    def watched(form: Any, text: str) -> str:
        most = most_marks(text)
        if most > 20:
            runs.append(most)
            return text
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", watched)
    return runs


@pytest.mark.parametrize("field", ["name", "email", "phone", "companion.1.name", "email_meant"])
def test_a_field_of_32_000_marks_is_refused_before_it_is_normalized(
    client: FlaskClient, db: Session, page: str, piled: list[int], field: str
) -> None:
    answer = client.post(FORM, data={**GOOD, field: BOMB}, content_type=IN_PARTS)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert piled == []
    assert count(db) == 0


def test_a_million_marks_are_not_read(client: FlaskClient, page: str) -> None:
    answer = send(client, name="\u0301" * 1_000_000)
    assert answer.status_code == 413
    assert "64 kB and 200 fields" in answer.text


class Everything(MultiDict[str, str]):
    """A form, or a query, whose every field has the same value."""

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:  # noqa: A002 - werkzeug's name
        return default if type else BOMB

    def getlist(self, key: str, type: Any = None) -> list[Any]:  # noqa: A002 - werkzeug's name
        return [BOMB]

    def __getitem__(self, key: str) -> str:
        return BOMB

    def __contains__(self, key: object) -> bool:
        return True


def test_no_route_normalizes_marks_without_end(
    client: FlaskClient,
    db: Session,
    connection: Connection,
    world: World,
    piled: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner = make_account(db, organization=world.event.organization, role="owner")
    client.set_cookie("sign_in", make_sign_in(db, owner))
    addresses = [(rule, address(rule, world.values)) for rule in ROUTES if rule.endpoint != "account.sign_out"]
    for name in ("form", "args"):
        monkeypatch.setattr(bounds.Bounded, name, Everything())
    for rule, path in addresses:
        before = connection.begin_nested()
        with client.open(path, method=method_of(rule)) as answer:
            assert answer.status_code < 500, rule
        assert (rule.endpoint, piled) == (rule.endpoint, [])
        before.rollback()


PILED = "Ann" + "\u0332" * 9


@pytest.mark.parametrize(
    ("field", "read"),
    [
        ("name", lambda form: account.read_name(form)),
        ("name.tg", lambda form: doors.read_name(form, ["tg"])),
        ("note", lambda form: doors.read_note(form)),
        ("title.tg", lambda form: fields.read(events.SECTIONS["texts"], form, fields.Setting(["tg"]))),
        ("subject.tg", lambda form: mailings.read_mailing(form, ["tg"])),
        ("body.tg", lambda form: mailings.read_mailing(form, ["tg"])),
    ],
    ids=["account", "door", "note", "event", "subject", "body"],
)
@pytest.mark.parametrize(
    ("typed", "sentence"), [(PILED, "One of the characters cannot be used here."), ("\u0301" * 50_000, "too long")]
)
def test_a_text_with_too_many_marks_is_reported_at_its_field(
    field: str, read: Callable[[dict[str, str]], Any], typed: str, sentence: str, piled: list[int]
) -> None:
    good = {"title.tg": "x", "subject.tg": "x", "body.tg": "x", "audience": "confirmed"}
    with pytest.raises(FormError) as refused:
        read({**good, field: typed})
    assert sentence in refused.value.errors[field]
    assert (list(refused.value.errors), piled) == ([field], [])


def test_a_cell_of_10_000_marks_is_not_normalized(db: Session, piled: list[int]) -> None:
    cell = BOMB[:10_000]
    event = make_event(db)
    for columns in ("name,email,phone,ticket type,language", f"name,{cell},phone,ticket type,{cell}"):
        listed = people_list.read(f"{columns}\n{','.join([cell] * 5)}\n".encode(), event, language="tg")
        assert listed.rows[0].person is None
    assert piled == []


@pytest.mark.parametrize("fields", [201, 60_000])
def test_a_form_of_more_than_200_fields_is_refused_before_it_is_read(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, page: str, fields: int
) -> None:
    monkeypatch.delattr(werkzeug.formparser, "parse_qsl")
    answer = client.post(FORM, data=b"&" * (fields - 1), content_type=URLENCODED)
    assert answer.status_code == 413


def test_a_form_of_200_fields_is_read(client: FlaskClient, db: Session, page: str) -> None:
    more = {f"answer.{number}": "x" for number in range(200 - len(GOOD))}
    assert send(client, **more).status_code == 303
    assert count(db) == 1


def test_a_form_of_more_than_200_parts_is_refused(client: FlaskClient, page: str) -> None:
    parts = {f"answer.{number}": "x" for number in range(201)}
    assert client.post(FORM, data=parts, content_type=IN_PARTS).status_code == 413


def chunked(client: FlaskClient, path: str, body: bytes, content_type: str) -> int:
    """Send a body without a length, which the server ends; return the status."""
    bare = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    return client.post(path, input_stream=BytesIO(body), content_type=content_type, environ_overrides=bare).status_code


@pytest.mark.parametrize("more", [1, 100_000])
def test_a_large_body_without_a_length_is_refused(client: FlaskClient, page: str, more: int) -> None:
    in_parts = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nAnn\r\n--x--\r\n'
    size = bounds.PUBLIC.size + more
    assert chunked(client, FORM, b"name=Ann&email=".ljust(size, b"a"), URLENCODED) == 413
    assert chunked(client, FORM, in_parts.ljust(size, b"a"), IN_PARTS + "; boundary=x") == 413
    assert chunked(client, "/api/door/pass", b'{"secret":""}'.ljust(size), "application/json") == 413


def test_a_body_without_a_length_is_read_within_its_bound(client: FlaskClient, page: str) -> None:
    assert chunked(client, FORM, b"name=Ann&email=ann@example.org", URLENCODED) == 303
    whole = b'{"secret":"x"}'.ljust(bounds.PUBLIC.size)
    assert chunked(client, "/api/door/pass", whole, "application/json") == 401


def test_a_member_may_send_more_than_a_visitor(client: FlaskClient, db: Session, page: str) -> None:
    event = make_event(db)
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, organization=event.organization, role="owner")))
    edit = f"/organize/events/{event.id}/edit/texts"
    assert client.post(edit, data={"title.tg": "x" * bounds.PUBLIC.size}).status_code == 422
    answer = client.post(edit, data={"title.tg": "x" * bounds.MEMBER.size})
    assert answer.status_code == 413
    assert "512 kB and 2,500 fields" in answer.text


def test_the_largest_honest_form_of_a_member_is_read() -> None:
    texts = [
        sum(field.limit * len(LANGUAGES) for field in section if "texts" in field.kind)
        for section in events.SECTIONS.values()
    ]
    question = (2 + questions.MOST_OPTIONS + questions.NEW_OPTIONS) * questions.LINE * len(LANGUAGES)
    mailing = (mailings.SUBJECT_LIMIT + mailings.BODY_LIMIT) * len(LANGUAGES)
    as_sent = len("%F0%9F%8C%9F")  # the longest that one character becomes
    assert max(*texts, question, mailing) * as_sent < bounds.MEMBER.size * 0.95
    assert bounds.MEMBER.fields > doors.MOST_PAPER_CHECK_INS


def test_the_largest_honest_batch_of_a_phone_is_read() -> None:
    name = "\N{GLOWING STAR}" * 200
    scan = {"id": str(uuid4()), "person": str(uuid4()), "code": "x" * 400, "session": 2**31, "kind": "entry"}
    scan |= {"at": 2**43, "undoes": str(uuid4()), "reason": "x" * 40, "doubtful": True, "door": 2**31}
    walk_in = {"id": str(uuid4()), "name": name, "language": "tg", "ticket_type": 2**31}
    shifts = [{"name": name, "since": 2**43}] * 50
    batch = {"device_time": 2**43, "shifts": shifts, "walk_ins": [walk_in] * 100, "scans": [scan] * LARGEST_BATCH}
    assert len(json.dumps(batch)) < bounds.DOOR.size


def test_a_body_for_the_door_is_bounded(client: FlaskClient) -> None:
    answer = client.post("/api/door/pair", data=b" " * (bounds.PUBLIC.size + 1), content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


@pytest.mark.parametrize(
    "body",
    [
        b'{"secret":' + b"1" * 60_000 + b"}",
        b"[" * 60_000,
        b'{"secret":' * 6_000,
        gzip.compress(json.dumps({"secret": "x"}).encode()),
        json.dumps({"secret": BOMB[:10_000]}).encode(),
    ],
    ids=["digits", "lists", "objects", "packed", "marks"],
)
def test_deeply_nested_json_is_refused(client: FlaskClient, piled: list[int], body: bytes) -> None:
    headers = {"Content-Encoding": "gzip"} if body.startswith(b"\x1f\x8b") else {}
    answer = client.post("/api/door/pass", data=body, content_type="application/json", headers=headers)
    assert answer.status_code in {400, 422}
    assert piled == []


HEADS = [
    ("/en/" + "a/" * 1_100, {}, 414),
    ("/en/r/" + "a" * 513, {}, 414),
    ("/en/?q=" + "a" * 8_192, {}, 414),
    ("/en/?" + "&" * 8_193, {}, 414),
    ("/en/", {"Cookie": "a=b;" * 4_097}, 431),
    ("/en/", {"Accept-Language": "tg," * 11_000}, 431),
    ("/en/", {"X-Forwarded-For": "192.0.2.1," * 10_000}, 431),
    ("/en/", {"If-None-Match": '"a",' * 9_000}, 431),
    ("/en/", {f"X-{number}": "x" * 1_000 for number in range(40)}, 431),
]


@pytest.mark.parametrize(
    ("path", "headers", "status"), HEADS, ids=[f"{status} {i}" for i, (_, _, status) in enumerate(HEADS)]
)
def test_an_address_or_headers_without_end_are_refused_unread(
    nowhere: FlaskClient, path: str, headers: dict[str, str], status: int
) -> None:
    answer = nowhere.get(path, headers=headers)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")
    assert len(answer.data) < 10_000
    problem = nowhere.get(path.replace("/en/", "/api/"), headers=headers)
    assert (problem.status_code, problem.mimetype) == (status, "application/problem+json")


def test_a_list_with_every_filter_and_a_browser_with_many_cookies_are_read(client: FlaskClient, db: Session) -> None:
    event = make_event(db)
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, organization=event.organization, role="owner")))
    for number in range(3):
        client.set_cookie(f"another_site_s_{number}", "x" * 4_000)
    query = dict.fromkeys(("q", "source"), "ҷ" * 100) | {"column": [f"column_{number}" for number in range(60)]}
    assert client.get(f"/organize/events/{event.id}/people/", query_string=query).status_code == 200


def test_a_page_that_refuses_headers_is_not_in_another_visitors_language(nowhere: FlaskClient) -> None:
    nowhere.get("/tg/nothing")
    assert '<html lang="en"' in nowhere.get("/ru/", headers={"Cookie": "a=b;" * 4_097}).text
