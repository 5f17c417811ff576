"""What programs read: calendars, the Atom feed, the sitemap, and that nobody who comes again is sent it twice."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar
from sqlalchemy.orm import Session

from shared import clock
from shared.config import LANGUAGES
from shared.models import Event, EventSession
from tests.conftest import Statements
from tests.factories import make_event

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
FILES = ("/calendar.ics", "/feed.xml", "/sitemap.xml", "/robots.txt", "/e/workshop.ics")


@pytest.fixture
def event(db: Session) -> Event:
    """A workshop of two days."""
    mornings = [datetime(2038, 1, 23, 9), datetime(2038, 1, 24, 9)]
    days = [EventSession(starts_local=day, ends_local=day + timedelta(hours=8)) for day in mornings]
    title = {"en": "A <workshop> & tea", "ru": "Мастерская", "tg": "Устохона"}
    start = datetime(2038, 1, 23, 4, tzinfo=UTC)
    return make_event(db, slug="workshop", title=title, starts_at=start, hours=32, sessions=days)


def feed_of(client, query="", **headers):
    answer = client.get(f"/feed.xml{query}", headers=headers)
    assert answer.mimetype == "application/atom+xml"
    return ET.fromstring(answer.text)


def entries_of(client, address="/calendar.ics"):
    answer = client.get(address)
    assert answer.mimetype == "text/calendar"
    return Calendar.from_ical(answer.data).walk("VEVENT")


def test_an_events_calendar_holds_each_day_of_a_workshop(client, event):
    parts = entries_of(client, "/e/workshop.ics")
    assert [part["DTSTART"].dt.astimezone(UTC).day for part in parts] == [23, 24]
    assert len({str(part["UID"]) for part in parts}) == 2


def test_the_calendar_holds_what_comes_and_the_last_90_days(client, db, event):
    for days in (-80, -100):
        make_event(db, slug=f"ago{days}", starts_at=clock.now() + timedelta(days=days))
    make_event(db, known="unknown", starts_local=None, ends_local=None)
    make_event(db, state="draft")
    make_event(db, slug="off", state="cancelled")
    entries = entries_of(client)
    found = [(str(entry["URL"]).rpartition("/")[2], str(entry["STATUS"])) for entry in entries]
    assert sorted(found) == [("ago-80", "CONFIRMED"), ("off", "CANCELLED"), *[("workshop", "CONFIRMED")] * 2]
    assert {str(entry["UID"]) for entry in entries} >= {
        str(part["UID"]) for part in entries_of(client, "/e/workshop.ics")
    }


def test_a_calendar_speaks_the_language_that_is_asked_for(client, event):
    assert "Устохона" in client.get("/calendar.ics?lang=tg").text
    assert "Мастерская" in client.get("/calendar.ics", headers={"Accept-Language": "ru"}).text
    assert "A <workshop>" in client.get("/calendar.ics?lang=xx").text


def test_the_feed_is_valid_atom(client, event):
    feed = feed_of(client, "?lang=en")
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for needed in ("id", "title", "updated", "author"):
            assert len(element.findall(ATOM + needed)) == 1
        assert element.findtext(f"{ATOM}author/{ATOM}name")
        moment = datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "")
        assert moment.tzinfo
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    base = "http://127.0.0.1:8000"
    assert links == {"self": f"{base}/feed.xml?lang=en", "alternate": f"{base}/en/"}
    [entry] = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "A <workshop> & tea"
    assert entry.find(f"{ATOM}link").get("href") == f"{base}/en/e/workshop"


def test_the_feed_holds_the_newest_50_and_keeps_their_ids_in_every_language(client, db):
    for number in range(52):
        make_event(db, slug=f"n{number}")
    ids = [
        [one.findtext(f"{ATOM}id") for one in feed_of(client, f"?lang={code}").iter(f"{ATOM}entry")]
        for code in LANGUAGES
    ]
    assert len(set(ids[0])) == 50
    assert ids[0] == ids[1] == ids[2]
    newest = next(feed_of(client, "?lang=en").iter(f"{ATOM}entry"))
    assert newest.find(f"{ATOM}link").get("href").endswith("/n51")


def test_the_feed_speaks_the_visitors_language(client, event):
    feed = feed_of(client, **{"Accept-Language": "tg-TJ, ru"})
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "tg"
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "Устохона"


def test_a_control_character_does_not_break_the_feed(client, db):
    make_event(db, title={"en": "One\x0btwo\x1f"})
    assert feed_of(client, "?lang=en").findtext(f"{ATOM}entry/{ATOM}title") == "One two"


def test_a_feed_of_nothing_is_a_feed(client):
    assert feed_of(client).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"


def test_the_sitemap_names_each_page_in_each_language(client, event):
    urls = ET.fromstring(client.get("/sitemap.xml").text).findall(f"{MAP}url")
    base = "http://127.0.0.1:8000"
    pages = [f"{base}/{code}/{place}" for place in ("", "e/workshop") for code in LANGUAGES]
    assert [url.findtext(f"{MAP}loc") for url in urls] == pages
    for url in urls:
        others = {link.get("hreflang"): link.get("href") for link in url.findall(LINK)}
        assert set(others) == set(LANGUAGES)
        assert url.findtext(f"{MAP}loc") in others.values()


def test_robots_find_the_sitemap_and_stay_out_of_what_is_personal(client):
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    lines = answer.text.splitlines()
    assert {"Disallow: /T/", "Disallow: /tg/r/", "Disallow: /en/my", "Disallow: /u/"} <= set(lines)
    assert lines[-1] == "Sitemap: http://127.0.0.1:8000/sitemap.xml"


@pytest.mark.parametrize("address", FILES)
def test_who_comes_again_is_sent_nothing_until_something_changes(client, db, event, address):
    first = client.get(address)
    headers = {"If-None-Match": first.headers["ETag"]}
    again = client.get(address, headers=headers)
    assert (again.status_code, again.data) == (304, b"")
    if address != "/robots.txt":
        event.sequence, event.slug = event.sequence + 1, "workshop" if address.startswith("/e/") else "moved"
        event.title = {"en": "Moved"}
        db.flush()
        assert client.get(address, headers=headers).status_code == 200


@pytest.mark.parametrize("address", FILES)
def test_a_file_takes_three_statements_at_most(client, db, event, statements: Statements, address):
    for number in range(5):
        make_event(db, starts_at=clock.now() + timedelta(days=number))
    db.expunge_all()
    with statements() as seen:
        assert client.get(address).status_code == 200
    assert len(seen) <= 3
