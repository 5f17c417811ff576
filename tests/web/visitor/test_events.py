"""The start page and the lists."""

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, Report, Speaker
from tests.conftest import Statements
from tests.factories import make_event, make_organization, make_series
from tests.web.conftest import CITY, page_of


def make_report(db: Session, event: Event, people: int, version: int = 1) -> None:
    figures = {"people": people}
    db.add(Report(event_id=event.id, version=version, compiled_at=clock.now(), scans=people, figures=figures))
    db.flush()


# The start page -------------------------------------------------------------------------------------------------------


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


def test_an_event_remembers_its_language_for_a_visitor_who_has_chosen_none(client, workshop):
    assert "language=tg" in client.get("/tg/e/workshop").headers["Set-Cookie"]
    assert "Set-Cookie" not in client.get("/ru/e/workshop").headers
    assert client.get("/", headers={"Accept-Language": "en"}).location == "/tg/"


def test_an_event_changes_no_organizers_language(client, workshop):
    client.set_cookie("sign_in", "x")
    assert "Set-Cookie" not in client.get("/ru/e/workshop").headers


@pytest.mark.parametrize("address", ["/xx/", "/xx/e/workshop", "/en/e/nothing", "/e/nothing.ics", "/en/e/nothing/sent"])
def test_an_unknown_page_is_404(client, workshop, address):
    assert client.get(address).status_code == 404


def test_a_draft_is_nowhere(client, db):
    draft = make_event(db, state="draft", title={"en": "Secret plan"})
    assert client.get(f"/en/e/{draft.slug}").status_code == 404
    assert "Secret plan" not in page_of(client, "/en/")


# The lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "title", "day"),
    [
        ("en", "A workshop", "23 to 24 January 2038"),
        ("ru", "Мастерская", "23–\u206024 января 2038 года"),
        ("tg", "Устохона", "23–\u206024 январи соли 2038"),
    ],
)
def test_a_list_shows_upcoming_events_in_its_language(client, workshop, lang, title, day):
    page = page_of(client, f"/{lang}/")
    assert f'<html lang="{lang}" dir="ltr">' in page
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
    for words in ("20 seats left", "21 people came", "22 people came (headcount)", "Attendance not recorded"):
        assert words in page
    assert "20 people came" not in page


def test_lists_turn_pages(client, db):
    for number in range(12):
        make_event(db, slug=f"past-{number}", starts_at=clock.now() - timedelta(days=30 + number))
        make_event(db, slug=f"next-{number}", starts_at=clock.now() + timedelta(days=30 + number))
    first, second = page_of(client, "/en/"), page_of(client, "/en/?past=2")
    assert slugs_on(first) == [f"{when}-{n}" for when in ("next", "past") for n in range(10)]
    assert slugs_on(second) == [*(f"next-{n}" for n in range(10)), "past-10", "past-11"]
    assert {'href="?page=2#upcoming"', 'href="?past=2#past"'} <= set(re.findall(r'href="[^"]*"', first))
    assert 'href="?page=2&amp;past=2#upcoming"' in second
    assert "past=3" not in second
    assert slugs_on(page_of(client, "/en/?page=2&past=2")) == ["next-10", "next-11", "past-10", "past-11"]


def slugs_on(page):
    return re.findall(r'href="/en/e/([\w-]+)"', page)


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", ""])
@pytest.mark.parametrize("name", ["page", "past"])
def test_any_page_number_is_answered(client, name, number):
    assert client.get(f"/en/?{name}={number}").status_code == 200


def test_a_page_after_the_last_has_a_message_and_a_link_back(client, workshop):
    page = page_of(client, "/en/?page=7")
    assert "No further events." in page
    assert 'rel="prev" href="?page=6#upcoming"' in page


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("q=Чахонгир", ["talk"]),
        ("q=Jahongir", ["talk"]),
        ("q=джахонгир+шом", ["talk"]),
        ("q=jahongir+nobody", []),
        ("q=%25", ["hike", "talk"]),
        ("q=_", ["hike", "talk"]),
        ("q=%00ta%00lk", ["talk"]),
        ("q=" + "я" * 1_000, []),
        ("city=Khujand", ["hike"]),
        ("city=Khujand&q=jahongir", []),
        ("city=nowhere", []),
        ("series=italk", ["talk"]),
        ("series=italk&city=Dushanbe&q=шом", ["talk"]),
        ("", ["hike", "talk"]),
    ],
)
def test_a_list_is_searched_and_filtered(client, db, query, slugs):
    make_two_events(db)
    page = page_of(client, f"/en/?{query}")
    assert sorted(slugs_on(page)) == slugs
    assert ("No events found" in page or "No events match these filters" in page) is not bool(slugs)


def test_two_series_of_one_name_are_two_choices_and_the_older_one_keeps_its_address(client, db):
    for name in ("Peshraft", "Library", "Sample"):
        organization = make_organization(db, slug=f"st.-{name.lower()}", name={"en": name})
        series = make_series(db, organization_id=organization.id, slug="italk", title={"en": "iTalk"})
        make_event(db, slug=f"of-{name}", organization_id=organization.id, series_id=series.id)
    choices = dict(re.findall(r'<option value="([^"]*italk)">([^<]+)<', page_of(client, "/en/")))
    assert choices == {
        "italk": "iTalk · Peshraft",
        "st.-library.italk": "iTalk · Library",
        "st.-sample.italk": "iTalk · Sample",
    }
    slugs = {value: slugs_on(client.get("/en/", query_string={"series": value}).text) for value in choices}
    assert list(slugs.values()) == [["of-Peshraft"], ["of-Library"], ["of-Sample"]]
    assert slugs_on(page_of(client, "/en/?series=st.-peshraft.italk")) == ["of-Peshraft"]
    assert [slugs_on(page_of(client, f"/en/?series={value}")) for value in ("st.-peshraft.", ".", "nobody.italk")] == [
        []
    ] * 3


def make_two_events(db: Session) -> None:
    talk = [Speaker(name={"tg": "Ҷаҳонгир Намуназода"})]
    series = make_series(db, slug="italk", title={"en": "iTalk"})
    make_event(db, slug="talk", city=CITY, speakers=talk, series_id=series.id)
    make_event(db, slug="hike", title={"en": "A walk"}, city={"tg": "Хуҷанд", "en": "Khujand"})


def test_the_search_stays_in_the_links_and_in_the_form(client, db):
    make_two_events(db)
    for number in range(12):
        make_event(db, slug=f"past-{number}", starts_at=clock.now() - timedelta(days=30 + number), city=CITY)
    page = page_of(client, "/en/?city=Dushanbe&q=an%22+%26")
    assert 'href="?q=an%22+%26&amp;city=Dushanbe&amp;past=2#past"' in page
    assert 'href="/tg/?q=an%22+%26&amp;city=Dushanbe"' in page
    assert '<option value="Dushanbe" selected>' in page
    assert 'value="an&#34; &amp;"' in page
    assert 'name="robots" content="noindex, follow"' in page


def test_a_list_links_to_its_calendar_and_its_feed(client):
    page = page_of(client, "/tg/")
    assert re.search(r'rel="alternate" type="application/atom\+xml"[^>]* href="/feed.xml\?lang=tg"', page)
    assert re.search(r'rel="alternate" type="text/calendar"[^>]* href="/calendar.ics\?lang=tg"', page)


def test_lists_take_four_statements_at_most(client, db, statements: Statements):
    for number in range(6):
        make_event(db, starts_at=clock.now() + timedelta(days=number - 3), series_id=make_series(db).id)
    db.expunge_all()
    with statements() as executed:
        page_of(client, "/en/?q=a&page=1")
    assert len(executed) <= 4
