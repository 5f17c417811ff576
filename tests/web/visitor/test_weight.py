"""The weight of an event's page: repeated requests, statements of the database, and bytes."""

import gzip
import re

import pytest

from shared.config import LANGUAGES
from tests.conftest import Statements
from tests.factories import make_picture, make_registration
from tests.web.conftest import page_of

ONCE = re.compile(r'name="once" value="([^"]*)"')


def test_a_repeated_visit_costs_nothing_until_something_changes(client, db, workshop):
    first = client.get("/en/e/workshop")
    again = client.get("/en/e/workshop", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"
    make_registration(db, workshop)
    assert client.get("/en/e/workshop", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_each_page_has_its_own_once_outside_the_etag(client, workshop):
    answers = [client.get("/en/e/workshop") for _ in range(2)]
    first, second = (ONCE.findall(answer.text) for answer in answers)
    assert len(first) == 1
    assert re.match(r"[A-Za-z0-9_-]{22}", first[0])
    assert first != second
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]


def test_an_event_takes_three_statements_at_most(client, db, workshop, statements: Statements):
    db.expunge_all()
    with statements() as executed:
        page_of(client, "/en/e/workshop")
    assert len(executed) <= 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_are_light(client, workshop, lang):
    assert len(gzip.compress(page_of(client, f"/{lang}/e/workshop").encode())) <= 12_000
    assert len(gzip.compress(b"".join(file_of(client, f"css/{name}.css") for name in ("tokens", "site")))) <= 8_000


def file_of(client, name):
    with client.get(f"/static/{name}") as answer:
        return answer.data


@pytest.fixture
def pictured(db, workshop):
    """The workshop with the heaviest photograph, faces and logos that are possible."""
    workshop.picture = make_picture(db, noisy=True)
    for speaker in workshop.speakers:
        speaker.picture = make_picture(db, noisy=True)
    for n, partner in enumerate(workshop.partners):
        partner.picture = make_picture(db, colour=f"hsl({n * 40}, 80%, 40%)", size=(900, 300))
    db.flush()
    db.expire(workshop)
    return workshop


def test_a_first_visit_with_pictures_is_under_100_kb_too(client, pictured):
    page = page_of(client, "/tg/e/workshop")
    addresses = set(re.findall(r'src="(/img/[^"]+)"', page))
    assert len(addresses) > len(pictured.speakers)
    weights = {address: len(client.get(address).data) for address in addresses}
    assert sum(weights.values()) + first_visit(client, page) <= 100_000, weights


def test_a_first_visit_is_under_100_kb_in_all(client, workshop):
    assert first_visit(client, page_of(client, "/tg/e/workshop")) <= 100_000


def first_visit(client, page):
    """Return the bytes of a page and of all that it loads but uploaded pictures."""
    named = set(re.findall(r'(?:src|<link rel="(?:stylesheet|icon)" href)="/static/([^"?]+)', page))
    fonts = {f"built/fonts/noto-sans-{subset}.woff2" for subset in ("latin", "cyrillic", "cyrillic-ext")}
    packed = [gzip.compress(file_of(client, name)) for name in named]
    unpacked = [file_of(client, name) for name in fonts]
    return sum(map(len, [gzip.compress(page.encode()), *packed, *unpacked]))


def test_a_page_needs_no_script_and_no_other_server(client, workshop):
    page = page_of(client, "/en/e/workshop")
    loaded = re.findall(r'(?:src|<link rel="(?:stylesheet|icon)" href)="([^"]+)"', page)
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)
    assert not re.search(r"\sstyle=|\son\w+=|<script>", page)
