"""What anybody may read: the lists, an event in each of its states, its calendar."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy.orm import Session

from shared import clock
from shared.config import LANGUAGES
from shared.models import Event, EventSession, Partner, Report, Speaker, TicketType
from tests.conftest import Statements
from tests.factories import make_event, make_registration, make_series

CITY = {"en": "Dushanbe", "ru": "Душанбе", "tg": "Душанбе"}
LONG = {code: f"{word} " * 12 for code, word in {"en": "conversation", "ru": "разговор", "tg": "гуфтугӯ"}.items()}
ONCE = re.compile(r'name="once" value="([^"]*)"')


@pytest.fixture
def event(db: Session) -> Event:
    """An event with everything that a page can show."""
    start = datetime(2027, 1, 23, 4, tzinfo=UTC)
    days = [
        EventSession(title={"en": f"Day {n + 1}"}, starts_local=day, ends_local=day + timedelta(hours=8))
        for n, day in enumerate([datetime(2027, 1, 23, 9), datetime(2027, 1, 24, 9)])
    ]
    event = make_event(
        db,
        slug="workshop",
        title={"en": "A workshop", "ru": "Мастерская", "tg": "Устохона"},
        summary=LONG,
        description={"ru": "Приносите <b>ноутбук</b>."},
        languages=["ru", "tg"],
        city=CITY,
        venue={"tg": "Толори «Авесто»"},
        capacity=20,
        starts_at=start,
        hours=32,
        sessions=days,
        series_id=make_series(db, title={"en": "Media workshops"}).id,
    )
    db.add_all(Speaker(event_id=event.id, name={"ru": f"Спикер {n}"}, position=n, sample=n == 1) for n in range(3))
    db.add(Partner(event_id=event.id, name={"en": "Partner"}, role={"en": "Hall"}, link="https://example.org/"))
    db.flush()
    return event


def page_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def make_report(db: Session, event: Event, people: int, version: int = 1) -> None:
    figures = {"people": people}
    db.add(Report(event_id=event.id, version=version, compiled_at=clock.now(), scans=people, figures=figures))
    db.flush()


# The way in -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "cookie", "home"),
    [
        ({"Accept-Language": "tg-TJ,ru;q=0.5"}, "", "/tg/"),
        ({"Accept-Language": "de,ru;q=0.5"}, "", "/ru/"),
        ({"Accept-Language": "de"}, "", "/en/"),
        ({"Accept-Language": "tg"}, "ru", "/ru/"),
        ({}, "xx", "/en/"),
    ],
)
def test_the_start_leads_to_the_visitors_language(client, headers, cookie, home):
    if cookie:
        client.set_cookie("language", cookie)
    answer = client.get("/", headers=headers)
    assert (answer.status_code, answer.location) == (302, home)
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))


def test_a_list_remembers_its_language_and_says_so_once(client):
    assert "language=tg" in client.get("/tg/").headers["Set-Cookie"]
    assert "Set-Cookie" not in client.get("/tg/").headers
    assert client.get("/").location == "/tg/"


@pytest.mark.parametrize("address", ["/xx/", "/xx/e/workshop", "/en/e/nothing", "/e/nothing.ics", "/en/e/nothing/sent"])
def test_what_does_not_exist_is_404(client, event, address):
    assert client.get(address).status_code == 404


def test_a_draft_is_nowhere(client, db):
    draft = make_event(db, state="draft", title={"en": "Secret plan"})
    assert client.get(f"/en/e/{draft.slug}").status_code == 404
    assert "Secret plan" not in page_of(client, "/en/")


# The lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "title", "day"),
    [
        ("en", "A workshop", "23 to 24 January 2027"),
        ("ru", "Мастерская", "23–\u206024 января 2027 года"),
        ("tg", "Устохона", "23–\u206024 январи 2027"),
    ],
)
def test_a_list_shows_what_comes_in_its_language(client, event, lang, title, day):
    page = page_of(client, f"/{lang}/")
    assert f'<html lang="{lang}">' in page
    for text in (title, day, CITY[lang], f'href="/{lang}/e/workshop"', '<svg class="cloth"'):
        assert text in page


def test_a_list_says_how_many_seats_are_left_and_how_many_came(client, db):
    make_event(db, capacity=20)
    week = clock.now() - timedelta(days=7)
    counted = make_event(db, starts_at=week)
    make_report(db, counted, 20)
    make_report(db, counted, 21, version=2)
    make_event(db, starts_at=week, headcount=22)
    make_event(db, starts_at=week)
    page = page_of(client, "/en/")
    for words in ("20 seats left", "21 people came", "22 people came (counted by hand)", "Attendance not recorded"):
        assert words in page
    assert "20 people came" not in page


def test_lists_turn_pages(client, db):
    for number in range(12):
        make_event(db, slug=f"past-{number}", starts_at=clock.now() - timedelta(days=30 + number))
    first, second = page_of(client, "/en/"), page_of(client, "/en/?page=2")
    shown = [re.findall(r'href="/en/e/(past-\d+)"', page) for page in (first, second)]
    assert shown == [[f"past-{n}" for n in range(10)], ["past-10", "past-11"]]
    assert 'href="?page=2"' in first
    assert 'href="?page=3"' not in second


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", ""])
def test_any_page_number_is_answered(client, number):
    assert client.get(f"/en/?page={number}").status_code == 200


def test_lists_take_four_statements_at_most(client, db, statements: Statements):
    for number in range(6):
        make_event(db, starts_at=clock.now() + timedelta(days=number - 3), series_id=make_series(db).id)
    db.expunge_all()
    with statements() as seen:
        page_of(client, "/en/")
    assert len(seen) <= 4


# An event -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_event_shows_everything_in_each_language(client, event, lang):
    page = page_of(client, f"/{lang}/e/workshop")
    title = {"en": "A workshop", "ru": "Мастерская", "tg": "Устохона"}[lang]
    assert re.search(rf"<h1[^>]*>{title}</h1>", page)
    for text in ("Толори «Авесто»", "Спикер 0", "Partner", "Hall", "Day 1", "Day 2", 'name="once"', 'id="register"'):
        assert text in page
    assert page.count('rel="alternate" hreflang=') == len(LANGUAGES)
    assert f'<link rel="canonical" href="http://127.0.0.1:8000/{lang}/e/workshop">' in page


def test_what_is_not_translated_is_shown_and_marked(client, event):
    page = page_of(client, "/en/e/workshop")
    assert '<div class="prose" lang="ru">' in page
    assert '<span lang="tg">Толори «Авесто»</span>' in page
    assert "Not translated yet" in page


def test_what_an_organizer_wrote_is_text(client, event):
    assert "&lt;b&gt;ноутбук&lt;/b&gt;" in page_of(client, "/ru/e/workshop")


def test_invented_people_are_marked(client, event):
    people = page_of(client, "/en/e/workshop").split('id="speakers"')[1]
    marked = [item for item in people.split("<li>")[1:4] if 'class="sample"' in item]
    assert len(marked) == 1
    assert "Спикер 1" in marked[0]


def test_search_engines_are_told_what_it_is(client, event):
    page = page_of(client, "/ru/e/workshop")
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert found
    facts = json.loads(found[1])
    assert (facts["@type"], facts["name"], facts["startDate"]) == ("Event", "Мастерская", "2027-01-23T04:00:00+00:00")
    assert '<meta property="og:title" content="Мастерская">' in page


def test_an_event_without_a_place_a_speaker_or_a_word_more_is_shown(client, db):
    bare = make_event(db, title={"tg": "Гуфтугӯ"}, languages=["tg"])
    assert '<span lang="tg">Гуфтугӯ</span>' in page_of(client, f"/en/e/{bare.slug}")


@pytest.mark.parametrize(
    ("change", "words", "has_form"),
    [
        ({"capacity": 40}, "40 seats left", True),
        ({"capacity": 3}, "Only 3 seats left", True),
        ({"capacity": 1}, "Only 1 seat left", True),
        ({}, "Registration is open", True),
        ({"capacity": 0}, "All seats are taken.", False),
        (
            {"opens_at": datetime(2090, 1, 1, 4, tzinfo=UTC)},
            "Registration opens: Sunday 1 January 2090, 09:00, Dushanbe time.",
            False,
        ),
        ({"closes_at": datetime(2020, 1, 1, tzinfo=UTC)}, "Registration is closed.", False),
        ({"state": "cancelled"}, "This event is cancelled.", False),
    ],
)  # fmt: skip
def test_an_event_to_come_says_whether_one_can_come(client, db, change, words, has_form):
    event = make_event(db, **change)
    page = page_of(client, f"/en/e/{event.slug}")
    assert words in page
    assert ("<form" in page) is has_form
    assert ('class="button" href="#register"' in page) is has_form


def test_a_full_event_says_what_can_be_done(client, db):
    event = make_event(db, capacity=1, held_minutes=20)
    make_registration(db, event)
    assert "20 minutes after the start" in page_of(client, f"/en/e/{event.slug}")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"known": "day"}, "Wednesday 7 October"),
        ({"known": "about"}, "about October 2026"),
        ({"known": "unknown", "starts_local": None, "ends_local": None}, "Time not recorded"),
        ({"headcount": 22}, "22 people came (counted by hand)"),
        ({}, "Attendance not recorded"),
        ({"recap": {"en": "It was warm."}}, "It was warm."),
    ],
)
def test_an_event_that_is_over_says_what_is_known(client, db, change, words):
    event = make_event(db, starts_at=datetime(2026, 10, 7, 13, tzinfo=UTC), **change)
    page = page_of(client, f"/en/e/{event.slug}")
    assert words in page
    assert "<form" not in page


def test_kinds_of_ticket_can_be_chosen_while_there_are_seats(client, db):
    kinds = [TicketType(title={"en": "Participant"}, capacity=5), TicketType(title={"en": "Listener"}, capacity=0)]
    page = page_of(client, f"/en/e/{make_event(db, ticket_types=kinds).slug}")
    first, second = re.findall(r'<input type="radio"[^>]*>', page)
    assert "disabled" not in first
    assert "disabled" in second


@pytest.mark.parametrize(
    ("asks", "email", "phone"),
    [("either", False, False), ("email", True, None), ("phone", None, True), ("both", True, True)],
)
def test_the_form_asks_for_what_the_event_asks(client, db, asks, email, phone):
    page = page_of(client, f"/en/e/{make_event(db, asks=asks).slug}")
    for name, is_needed in (("email", email), ("phone", phone)):
        found = re.search(rf'<input id="{name}"[^>]*>', page)
        assert (None if found is None else "required" in found[0]) is is_needed


# How it travels -------------------------------------------------------------------------------------------------------


def test_a_repeated_visit_costs_nothing_until_something_changes(client, db, event):
    first = client.get("/en/e/workshop")
    again = client.get("/en/e/workshop", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"
    make_registration(db, event)
    assert client.get("/en/e/workshop", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_each_page_carries_a_number_of_its_own_outside_the_etag(client, event):
    answers = [client.get("/en/e/workshop") for _ in range(2)]
    first, second = (ONCE.findall(answer.text) for answer in answers)
    assert len(first) == 1
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", first[0])
    assert first != second
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]


def test_an_event_takes_three_statements_at_most(client, db, event, statements: Statements):
    db.expunge_all()
    with statements() as seen:
        page_of(client, "/en/e/workshop")
    assert len(seen) <= 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_are_light(client, event, lang):
    assert len(gzip.compress(page_of(client, f"/{lang}/e/workshop").encode())) <= 12_000
    assert len(gzip.compress(b"".join(file_of(client, f"css/{name}.css") for name in ("tokens", "site")))) <= 8_000


def file_of(client, name):
    with client.get(f"/static/{name}") as answer:
        return answer.data


def test_a_first_visit_is_under_100_kb_in_all(client, event):
    page = page_of(client, "/tg/e/workshop")
    named = set(re.findall(r'(?:src|<link rel="(?:stylesheet|icon)" href)="/static/([^"?]+)', page))
    fonts = {f"built/fonts/noto-sans-{subset}.woff2" for subset in ("latin", "cyrillic", "cyrillic-ext")}
    packed = [gzip.compress(file_of(client, name)) for name in named]
    unpacked = [file_of(client, name) for name in fonts]
    assert sum(map(len, [gzip.compress(page.encode()), *packed, *unpacked])) <= 100_000


def test_a_page_needs_no_script_and_nobody_elses_server(client, event):
    page = page_of(client, "/en/e/workshop")
    loaded = re.findall(r'(?:src|<link rel="(?:stylesheet|icon)" href)="([^"]+)"', page)
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)
    assert not re.search(r"\sstyle=|\son\w+=|<script>", page)


# Files ----------------------------------------------------------------------------------------------------------------


def test_a_calendar_holds_each_day_of_a_workshop(client, event):
    answer = client.get("/e/workshop.ics")
    assert answer.mimetype == "text/calendar"
    parts = Calendar.from_ical(answer.data).walk("VEVENT")
    assert [part["DTSTART"].dt.astimezone(UTC).day for part in parts] == [23, 24]
    assert len({str(part["UID"]) for part in parts}) == 2


def test_robots_stay_out_of_what_is_personal(client):
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert "Disallow: /T/" in answer.text
