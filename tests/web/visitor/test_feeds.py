"""Files for programs: calendars, the Atom feed, the sitemap, and 304 for a repeated request."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
import time_machine
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.config import LANGUAGES
from shared.events import editing
from shared.models import Event, EventSession, Registration
from shared.wording import calendar_entries
from tests.conftest import Statements
from tests.factories import make_account, make_event
from tests.support.registration_form import send

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
    assert [entry["DTSTART"].dt.astimezone(UTC).day for entry in parts] == [23, 24]
    assert len({str(entry["UID"]) for entry in parts}) == 2


def test_the_calendar_contains_upcoming_events_and_the_last_90_days(client, db, event):
    for days in (-80, -100):
        make_event(db, slug=f"ago{days}", starts_at=clock.now() + timedelta(days=days))
    make_event(db, known="unknown", starts_local=None, ends_local=None)
    make_event(db, state="draft")
    make_event(db, slug="off", state="cancelled")
    entries = entries_of(client)
    statuses = [(str(entry["URL"]).rpartition("/")[2], str(entry["STATUS"])) for entry in entries]
    assert sorted(statuses) == [("ago-80", "CONFIRMED"), ("off", "CANCELLED"), *[("workshop", "CONFIRMED")] * 2]
    assert {str(entry["UID"]) for entry in entries} >= {
        str(entry["UID"]) for entry in entries_of(client, "/e/workshop.ics")
    }


@pytest.mark.parametrize("address", ["/calendar.ics", "/e/workshop.ics"])
def test_a_calendar_file_has_no_method_since_it_names_no_organizer(client, event, address):
    content = client.get(address).text
    assert "METHOD" not in content
    assert "ORGANIZER" not in content


@pytest.mark.parametrize("known", ["unknown", "about"])
def test_an_event_without_a_day_has_no_calendar_file(client, db, known):
    times = dict.fromkeys(("starts_local", "ends_local")) if known == "unknown" else {}
    event = make_event(db, known=known, **times)
    assert client.get(f"/e/{event.slug}.ics").status_code == 404
    assert ".ics" not in client.get(f"/en/e/{event.slug}").text.split("<main")[1]


def test_an_entry_says_what_to_bring_and_where_to_read_more(client, db, event):
    event.summary, event.bring = {"en": "Two days of talks"}, {"en": "A notebook"}
    db.flush()
    link = "http://127.0.0.1:8000/en/e/workshop"
    for entry in entries_of(client, "/e/workshop.ics"):
        assert str(entry["DESCRIPTION"]) == f"Two days of talks\nWhat to bring: A notebook\n{link}"
        assert entry.walk("VALARM") == []


def test_an_entry_of_a_private_event_does_not_reveal_its_topic(client, db):
    make_event(db, slug="quiet", private=True, summary={"en": "Violence"}, bring={"en": "A witness"})
    [entry] = entries_of(client, "/e/quiet.ics")
    assert str(entry["DESCRIPTION"]) == "http://127.0.0.1:8000/en/e/quiet"


def test_a_registered_browser_gets_the_calendar_entry_of_the_email(client, db):
    event = make_event(db, slug="talks")
    public = str(entries_of(client, "/e/talks.ics")[0]["UID"])
    assert send(client).status_code == 303
    registration = db.scalars(select(Registration)).one()
    answer = client.get("/e/talks.ics?lang=ru")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "no-store")
    assert answer.location.startswith("/ru/r/")
    [own] = entries_of(client, answer.location)
    [mailed] = calendar_entries(registration, event, "http://127.0.0.1:8000", "")
    assert str(own["UID"]) == mailed.uid != public
    registration.state, registration.cancelled_at, registration.cancelled_by = "cancelled", clock.now(), "self"
    db.flush()
    assert str(entries_of(client, "/e/talks.ics")[0]["UID"]) == public


def test_a_calendar_is_in_the_requested_language(client, event):
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


def test_the_feed_contains_the_newest_50_with_the_same_ids_in_every_language(client, db):
    for number in range(52):
        make_event(db, slug=f"n{number}")
    ids = [
        [entry.findtext(f"{ATOM}id") for entry in feed_of(client, f"?lang={code}").iter(f"{ATOM}entry")]
        for code in LANGUAGES
    ]
    assert len(set(ids[0])) == 50
    assert ids[0] == ids[1] == ids[2]
    newest = next(feed_of(client, "?lang=en").iter(f"{ATOM}entry"))
    assert newest.find(f"{ATOM}link").get("href").endswith("/n51")


def test_the_feed_is_in_the_visitors_language(client, event):
    feed = feed_of(client, **{"Accept-Language": "tg-TJ, ru"})
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "tg"
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "Устохона"


def test_an_edited_event_is_updated_in_the_feed(client, db, event):
    event.created_at = event.updated_at = datetime(2026, 10, 7, 13, tzinfo=UTC)
    db.flush()
    before = feed_of(client)
    account = make_account(db, organization=event.organization)
    with time_machine.travel(datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC), tick=False):
        editing.revise(db, event=event, by=account, part="texts", values={"title": {"en": "Another title"}})
    after = feed_of(client)
    for place in (f"{ATOM}updated", f"{ATOM}entry/{ATOM}updated"):
        assert (before.findtext(place), after.findtext(place)) == ("2026-10-07T13:00:00Z", "2027-01-02T03:04:05Z")
    assert before.findtext(f"{ATOM}entry/{ATOM}id") == after.findtext(f"{ATOM}entry/{ATOM}id")


def test_a_control_character_does_not_break_the_feed(client, db):
    make_event(db, title={"en": "One\x0btwo\x1f"})
    assert feed_of(client, "?lang=en").findtext(f"{ATOM}entry/{ATOM}title") == "One two"


def test_a_feed_without_events_is_valid(client):
    assert feed_of(client).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"


def test_the_sitemap_names_each_page_in_each_language(client, event):
    urls = ET.fromstring(client.get("/sitemap.xml").text).findall(f"{MAP}url")
    base = "http://127.0.0.1:8000"
    pages = [f"{base}/{code}/{path}" for path in ("", "e/workshop") for code in LANGUAGES]
    assert [url.findtext(f"{MAP}loc") for url in urls] == pages
    for url in urls:
        alternates = {link.get("hreflang"): link.get("href") for link in url.findall(LINK)}
        assert set(alternates) == set(LANGUAGES)
        assert url.findtext(f"{MAP}loc") in alternates.values()


def test_robots_find_the_sitemap_and_skip_personal_pages(client):
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    lines = answer.text.splitlines()
    assert {"Disallow: /T/", "Disallow: /tg/r/", "Disallow: /en/my", "Disallow: /u/"} <= set(lines)
    assert lines[-1] == "Sitemap: http://127.0.0.1:8000/sitemap.xml"


@pytest.mark.parametrize("address", FILES)
def test_a_repeated_request_is_304_until_something_changes(client, db, event, address):
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
    with statements() as executed:
        assert client.get(address).status_code == 200
    assert len(executed) <= 3
