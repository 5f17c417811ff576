"""What anybody may read: the lists, an event in each of its states, its picture."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.config import LANGUAGES
from shared.models import Event, EventSession, Partner, Report, Speaker, TicketType
from tests.conftest import Statements
from tests.factories import make_event, make_picture, make_registration, make_series

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
        bring=LONG,
        accessibility=LONG,
        spoken=["tg", "ru"],
        contact="+992 93 123 45 67",
        map_link="https://maps.example.org/1",
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
        make_event(db, slug=f"next-{number}", starts_at=clock.now() + timedelta(days=30 + number))
    first, second = page_of(client, "/en/"), page_of(client, "/en/?past=2")
    assert shown(first) == [f"{when}-{n}" for when in ("next", "past") for n in range(10)]
    assert shown(second) == [*(f"next-{n}" for n in range(10)), "past-10", "past-11"]
    assert {'href="?page=2#upcoming"', 'href="?past=2#past"'} <= set(re.findall(r'href="[^"]*"', first))
    assert 'href="?page=2&amp;past=2#upcoming"' in second
    assert "past=3" not in second
    assert shown(page_of(client, "/en/?page=2&past=2")) == ["next-10", "next-11", "past-10", "past-11"]


def shown(page):
    return re.findall(r'href="/en/e/([\w-]+)"', page)


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", ""])
@pytest.mark.parametrize("name", ["page", "past"])
def test_any_page_number_is_answered(client, name, number):
    assert client.get(f"/en/?{name}={number}").status_code == 200


def test_behind_the_last_page_there_are_words_and_a_way_back(client, event):
    page = page_of(client, "/en/?page=7")
    assert "There are no more events." in page
    assert 'rel="prev" href="?page=6#upcoming"' in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=Чахонгир", ["talk"]),
        ("q=Jahongir", ["talk"]),
        ("q=джахонгир+шом", ["talk"]),
        ("q=jahongir+nobody", []),
        ("q=%25", ["hike", "talk"]),
        ("q=_", ["hike", "talk"]),
        ("q=%00ta%00lk", ["talk"]),
        ("q=" + "я" * 10_000, []),
        ("city=Khujand", ["hike"]),
        ("city=Khujand&q=jahongir", []),
        ("city=nowhere", []),
        ("series=italk", ["talk"]),
        ("series=italk&city=Dushanbe&q=шом", ["talk"]),
        ("", ["hike", "talk"]),
    ],
)
def test_a_list_is_searched_and_filtered(client, db, query, found):
    make_two_events(db)
    page = page_of(client, f"/en/?{query}")
    assert sorted(shown(page)) == found
    assert ("Nothing was found" in page or "There is no such event" in page) is not bool(found)


def make_two_events(db: Session) -> None:
    talk = [Speaker(name={"tg": "Ҷаҳонгир Намуназода"})]
    series = make_series(db, slug="italk", title={"en": "iTalk"})
    make_event(db, slug="talk", city=CITY, speakers=talk, series_id=series.id)
    make_event(db, slug="hike", title={"en": "A walk"}, city={"tg": "Хуҷанд", "en": "Khujand"})


def test_what_is_looked_for_stays_in_the_links_and_in_the_form(client, db):
    make_two_events(db)
    for number in range(12):
        make_event(db, slug=f"past-{number}", starts_at=clock.now() - timedelta(days=30 + number), city=CITY)
    page = page_of(client, "/en/?city=Dushanbe&q=an%22+%26")
    assert 'href="?q=an%22+%26&amp;city=Dushanbe&amp;past=2#past"' in page
    assert 'href="/tg/?q=an%22+%26&amp;city=Dushanbe"' in page
    assert '<option value="Dushanbe" selected>' in page
    assert 'value="an&#34; &amp;"' in page
    assert 'name="robots" content="noindex, follow"' in page


def test_a_list_names_its_calendar_and_its_feed(client):
    page = page_of(client, "/tg/")
    assert re.search(r'rel="alternate" type="application/atom\+xml"[^>]* href="/feed.xml\?lang=tg"', page)
    assert re.search(r'rel="alternate" type="text/calendar"[^>]* href="/calendar.ics\?lang=tg"', page)


def test_lists_take_four_statements_at_most(client, db, statements: Statements):
    for number in range(6):
        make_event(db, starts_at=clock.now() + timedelta(days=number - 3), series_id=make_series(db).id)
    db.expunge_all()
    with statements() as seen:
        page_of(client, "/en/?q=a&page=1")
    assert len(seen) <= 4


# An event -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_event_shows_everything_in_each_language(client, event, lang):
    page = page_of(client, f"/{lang}/e/workshop")
    title = {"en": "A workshop", "ru": "Мастерская", "tg": "Устохона"}[lang]
    assert re.search(rf"<h1[^>]*>{title}</h1>", page)
    for text in ("Толори «Авесто»", "Спикер 0", "Partner", "Hall", "Day 1", "Day 2", 'name="once"', 'id="register"'):
        assert text in page
    assert page.count('rel="alternate" hreflang=') == len(LANGUAGES) + 1
    assert 'hreflang="x-default" href="http://127.0.0.1:8000/ru/e/workshop"' in page
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


def test_search_engines_are_told_what_it_is(client, db, event):
    event.address = {"ru": "пр. Рудаки, 1"}
    event.map_link = "https://maps.example.org/?q=1"
    db.flush()
    facts = facts_of(client, "/ru/e/workshop")
    assert set(facts) >= REQUIRED
    assert (facts["@type"], facts["name"]) == ("Event", "Мастерская")
    assert (facts["startDate"], facts["endDate"]) == ("2027-01-23T09:00:00+05:00", "2027-01-24T17:00:00+05:00")
    assert facts["eventStatus"] == "https://schema.org/EventScheduled"
    assert facts["inLanguage"] == ["tg", "ru"]
    assert facts["location"] == {
        "@type": "Place",
        "name": "Толори «Авесто»",
        "address": {"@type": "PostalAddress", "streetAddress": "пр. Рудаки, 1", "addressLocality": "Душанбе"},
        "hasMap": "https://maps.example.org/?q=1",
    }
    assert [person["name"] for person in facts["performer"]] == ["Спикер 0", "Спикер 1", "Спикер 2"]
    assert [("disambiguatingDescription" in person) for person in facts["performer"]] == [False, True, False]
    sponsor = {"@type": "Organization", "name": "Partner", "description": "Hall", "url": "https://example.org/"}
    assert facts["sponsor"] == [sponsor]
    assert facts["offers"]["availability"] == "https://schema.org/InStock"
    assert facts["offers"]["url"] == "http://127.0.0.1:8000/ru/e/workshop#register"
    assert client.get(facts["image"][0].removeprefix("http://127.0.0.1:8000")).mimetype == "image/png"


REQUIRED = {"@context", "@type", "name", "description", "url", "image", "eventStatus", "eventAttendanceMode"}
REQUIRED |= {"startDate", "endDate", "location", "inLanguage", "performer", "organizer", "sponsor", "offers"}


def facts_of(client, address):
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page_of(client, address))
    assert found
    return json.loads(found[1])


@pytest.mark.parametrize(
    ("change", "availability", "status"),
    [
        ({"capacity": 40}, "InStock", "EventScheduled"),
        ({"capacity": 2}, "LimitedAvailability", "EventScheduled"),
        ({"capacity": 0}, "SoldOut", "EventScheduled"),
        ({"opens_at": datetime(2090, 1, 1, tzinfo=UTC)}, "PreOrder", "EventScheduled"),
        ({"closes_at": datetime(2020, 1, 1, tzinfo=UTC)}, None, "EventScheduled"),
        ({"state": "cancelled"}, None, "EventCancelled"),
    ],
)
def test_search_engines_are_told_whether_one_can_come(client, db, change, availability, status):
    facts = facts_of(client, f"/en/e/{make_event(db, **change).slug}")
    offered = facts.get("offers", {}).get("availability")
    assert offered == (availability and f"https://schema.org/{availability}")
    assert facts["eventStatus"] == f"https://schema.org/{status}"


def test_a_day_that_is_not_known_is_not_invented_for_search_engines(client, db):
    start = datetime(2026, 10, 7, 13, tzinfo=UTC)
    days = {known: make_event(db, starts_at=start, known=known).slug for known in ("day", "about")}
    assert facts_of(client, f"/en/e/{days['day']}")["startDate"] == "2026-10-07"
    assert facts_of(client, f"/en/e/{days['about']}")["startDate"] == "2026-10"
    unknown = make_event(db, known="unknown", starts_local=None, ends_local=None)
    assert "startDate" not in facts_of(client, f"/en/e/{unknown.slug}")


def test_who_shares_an_event_shares_its_picture(client, event):
    page = page_of(client, "/ru/e/workshop")
    for said in ('og:title" content="Мастерская"', 'twitter:card" content="summary_large_image"', 'og:image:width"'):
        assert said in page
    assert re.search(r'og:image" content="http://127.0.0.1:8000/ru/e/workshop.png\?v=\w{12}"', page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_visitor_must_know_is_said(client, db, lang):
    bring = {"en": "A notebook", "ru": "Тетрадь", "tg": "Дафтар"}
    event = make_event(
        db, bring=bring, accessibility={"en": "A <ramp>"}, spoken=["tg", "uz", "xx"], contact="ask@example.org"
    )
    page = page_of(client, f"/{lang}/e/{event.slug}")
    languages = {"en": "Tajik, Uzbek, xx", "ru": "таджикский, узбекский, xx", "tg": "тоҷикӣ, ӯзбекӣ, xx"}
    for text in (bring[lang], "A &lt;ramp&gt;", languages[lang], 'href="mailto:ask@example.org"'):
        assert text in page
    assert ('<span lang="en">A &lt;ramp&gt;</span>' in page) is (lang != "en")


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("ask@example.org", "mailto:ask@example.org"),
        ("+992 93 123-45-67", "tel:+992931234567"),
        ("https://t.me/peshraft", "https://t.me/peshraft"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("a@b.org?bcc=c@d.org", None),
        ("@peshraft in Telegram", None),
        ("https://[", None),
    ],
)
def test_only_what_is_safe_becomes_a_link_to_whom_to_ask(client, db, contact, address):
    page = page_of(client, f"/en/e/{make_event(db, contact=contact).slug}")
    found = re.search(r"<dt>Questions\?</dt><dd>(?:<a href=\"([^\"]*)\")?", page)
    assert found
    assert found[1] == address


@pytest.mark.parametrize(
    ("link", "is_shown"),
    [("https://maps.example.org/1", True), ("http://maps.example.org/1", False), ("javascript:alert(1)", False)],
)
def test_a_map_is_linked_over_https_only(client, db, link, is_shown):
    page = page_of(client, f"/en/e/{make_event(db, city=CITY, map_link=link).slug}")
    assert (f'href="{link}" rel="noopener"' in page) is is_shown
    assert "javascript:" not in page


def test_one_part_with_a_name_is_a_programme_and_one_without_is_none(client, db):
    named, bare = make_event(db, sessions=[EventSession(title={"en": "Walk"})]), make_event(db)
    assert "Walk" in page_of(client, f"/en/e/{named.slug}").split('id="programme"')[1]
    assert 'id="programme"' not in page_of(client, f"/en/e/{bare.slug}")


def test_a_partners_logo_stands_for_its_name_and_leads_where_the_name_did(client, db):
    logo = make_picture(db, size=(600, 200))
    hosts = [
        Partner(name={"en": "Library", "tg": "Китобхона"}, role={"en": "Hall"}, link="https://library.example"),
        Partner(name={"en": "Bakery"}, role={"en": "Hall"}, picture=logo, link="https://bakery.example"),
        Partner(name={"tg": "Чойхона"}, role={"en": "Hall"}, picture=logo, link="javascript:alert(1)"),
    ]
    event = make_event(db, partners=hosts)
    page = page_of(client, f"/en/e/{event.slug}").split('id="partners"')[1].split("</ul>")[0]
    first, second = re.findall(r"<img [^>]+>", page)
    assert f'src="/img/{logo}/logo" alt="Bakery" loading="lazy"' in first
    assert 'alt="Чойхона" lang="tg"' in second
    assert re.findall(r'href="([^"]+)"', page) == ["https://bakery.example", "https://library.example"]
    words = re.sub(r"<[^>]+>", "", page)
    assert "Library" in words
    assert "Bakery" not in words


def test_partners_stand_under_what_they_do(client, db):
    event = make_event(db)
    for name, role in (("A", "Hall"), ("B", "Tea"), ("C", "Hall")):
        db.add(Partner(event_id=event.id, name={"en": f"Partner {name}"}, role={"en": role}, link="javascript:x"))
    db.flush()
    page = page_of(client, f"/en/e/{event.slug}").split('id="partners"')[1].split("</ul>")[0]
    assert re.findall(r"Hall|Tea|Partner .", page) == ["Hall", "Partner A", "Partner C", "Tea", "Partner B"]
    assert "href" not in page


def test_a_private_event_tells_only_who_knows_its_address(client, db):
    event = make_event(db, private=True, title={"en": "Violence at home"}, summary={"en": "We talk"}, slug="quiet")
    page = page_of(client, "/en/e/quiet")
    head, body = page.split("</head>")
    assert "Violence at home" in body
    assert "Violence" not in head
    assert "We talk" not in head
    assert "ld+json" not in head
    assert '<meta name="robots" content="noindex">' in head
    assert 'og:title" content="Peshraft"' in head
    for address in ("/en/", "/en/?q=violence", "/calendar.ics", "/feed.xml", "/sitemap.xml"):
        assert not re.search("quiet|Violence", page_of(client, address).replace('value="violence"', ""))
    assert event.private


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
        ({"capacity": 0, "waiting_list": False}, "All seats are taken.", False),
        ({"capacity": 0}, "You can join the waiting list", True),
        ({"capacity": 0, "confirm_by_mail": True}, "Registration is open", True),
        (
            {"opens_at": datetime(2090, 1, 1, 4, tzinfo=UTC)},
            "Registration opens: Sunday 1 January 2090, 09:00, Dushanbe time.",
            False,
        ),
        ({"closes_at": datetime(2020, 1, 1, tzinfo=UTC)}, "Registration is closed.", False),
        ({"state": "cancelled"}, "This event is cancelled.", False),
        ({"state": "cancelled", "cancelled_because": {"en": "The hall is flooded."}}, "The hall is flooded.", False),
    ],
)  # fmt: skip
def test_an_event_to_come_says_whether_one_can_come(client, db, change, words, has_form):
    event = make_event(db, **change)
    page = page_of(client, f"/en/e/{event.slug}")
    assert words in page
    assert ("<form" in page) is has_form
    assert ('class="button" href="#register"' in page) is has_form


def test_a_full_event_says_what_can_be_done(client, db):
    event = make_event(db, capacity=1, held_minutes=20, waiting_list=False)
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
    page = page_of(client, f"/en/e/{make_event(db, ticket_types=kinds, waiting_list=False).slug}")
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


def test_this_browsers_place_is_found_again_on_the_events_page(client, db):
    event, private = make_event(db), make_event(db, private=True)
    for one in (event, private):
        form = {"name": "Манижа", "email": "manizha@example.org"}
        assert client.post(f"/en/e/{one.slug}/registrations", data=form).status_code == 303
    found = re.search(r'id="yours".*?href="([^"]*)"', page_of(client, f"/en/e/{event.slug}"), re.DOTALL)
    assert found
    assert "Манижа" in page_of(client, found[1])
    assert 'id="yours"' not in page_of(client, f"/en/e/{private.slug}")


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
    assert re.match(r"[A-Za-z0-9_-]{22}", first[0])
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


@pytest.fixture
def pictured(db, event):
    """The same with the heaviest photograph, faces and logos that there can be."""
    event.picture = make_picture(db, noisy=True)
    for speaker in event.speakers:
        speaker.picture = make_picture(db, noisy=True)
    for n, partner in enumerate(event.partners):
        partner.picture = make_picture(db, colour=f"hsl({n * 40}, 80%, 40%)", size=(900, 300))
    db.flush()
    db.expire(event)
    return event


def test_a_first_visit_with_pictures_is_under_100_kb_too(client, pictured):
    page = page_of(client, "/tg/e/workshop")
    addresses = set(re.findall(r'src="(/img/[^"]+)"', page))
    assert len(addresses) > len(pictured.speakers)
    weights = {address: len(client.get(address).data) for address in addresses}
    assert sum(weights.values()) + first_visit(client, page) <= 100_000, weights


def test_a_first_visit_is_under_100_kb_in_all(client, event):
    assert first_visit(client, page_of(client, "/tg/e/workshop")) <= 100_000


def first_visit(client, page):
    """What a page weighs with all that it names but uploaded pictures."""
    named = set(re.findall(r'(?:src|<link rel="(?:stylesheet|icon)" href)="/static/([^"?]+)', page))
    fonts = {f"built/fonts/noto-sans-{subset}.woff2" for subset in ("latin", "cyrillic", "cyrillic-ext")}
    packed = [gzip.compress(file_of(client, name)) for name in named]
    unpacked = [file_of(client, name) for name in fonts]
    return sum(map(len, [gzip.compress(page.encode()), *packed, *unpacked]))


def test_a_page_needs_no_script_and_nobody_elses_server(client, event):
    page = page_of(client, "/en/e/workshop")
    loaded = re.findall(r'(?:src|<link rel="(?:stylesheet|icon)" href)="([^"]+)"', page)
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)
    assert not re.search(r"\sstyle=|\son\w+=|<script>", page)


# The picture for who shares it ----------------------------------------------------------------------------------------


def test_the_picture_is_kept_for_ever_under_its_own_address(client, db, event):
    found = re.search(r'og:image" content="http://127.0.0.1:8000([^"]*)"', page_of(client, "/tg/e/workshop"))
    assert found
    answer = client.get(found[1])
    assert answer.data.startswith(b"\x89PNG")
    assert "immutable" in answer.headers["Cache-Control"]
    again = client.get(found[1], headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "no-cache" in client.get("/tg/e/workshop.png").headers["Cache-Control"]
    event.title = {"tg": "Номи дигар"}
    db.flush()
    assert found[1] not in page_of(client, "/tg/e/workshop")


def test_a_draft_has_no_picture_and_a_private_event_a_neutral_one(client, db):
    assert client.get(f"/en/e/{make_event(db, state='draft').slug}.png").status_code == 404
    private = make_event(db, slug="quiet", private=True, title={"en": "Violence at home"})
    before = client.get("/en/e/quiet.png").data
    private.title = {"en": "Something else"}
    db.flush()
    assert client.get("/en/e/quiet.png").data == before
