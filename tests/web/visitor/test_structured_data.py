"""The metadata of an event for search engines and messengers, and its picture."""

import json
import re
from datetime import UTC, datetime

import pytest

from tests.factories import make_event
from tests.web.conftest import page_of


def test_an_event_has_structured_data(client, db, workshop):
    workshop.address = {"ru": "пр. Рудаки, 1"}
    workshop.map_link = "https://maps.example.org/?q=1"
    db.flush()
    facts = facts_of(client, "/ru/e/workshop")
    assert set(facts) >= REQUIRED
    assert (facts["@type"], facts["name"]) == ("Event", "Мастерская")
    assert (facts["startDate"], facts["endDate"]) == ("2038-01-23T09:00:00+05:00", "2038-01-24T17:00:00+05:00")
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
    assert not {"offers", "isAccessibleForFree"} & set(facts), "no field of an event says what it costs"
    assert client.get(facts["image"][0].removeprefix("http://127.0.0.1:8000")).mimetype == "image/png"


REQUIRED = {"@context", "@type", "name", "description", "url", "image", "eventStatus", "eventAttendanceMode"}
REQUIRED |= {"startDate", "endDate", "location", "inLanguage", "performer", "organizer", "sponsor"}


def facts_of(client, address):
    match = re.search(r'<script type="application/ld\+json">(.*?)</script>', page_of(client, address))
    assert match
    return json.loads(match[1])


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"capacity": 0}, "EventScheduled"),
        ({"state": "cancelled"}, "EventCancelled"),
    ],
)
def test_structured_data_says_whether_the_event_is_cancelled(client, db, change, status):
    facts = facts_of(client, f"/en/e/{make_event(db, **change).slug}")
    assert facts["eventStatus"] == f"https://schema.org/{status}"


def test_structured_data_invents_no_unknown_day(client, db):
    start = datetime(2026, 10, 7, 13, tzinfo=UTC)
    days = {known: make_event(db, starts_at=start, known=known).slug for known in ("day", "about")}
    assert facts_of(client, f"/en/e/{days['day']}")["startDate"] == "2026-10-07"
    assert facts_of(client, f"/en/e/{days['about']}")["startDate"] == "2026-10"
    unknown = make_event(db, known="unknown", starts_local=None, ends_local=None)
    assert "ld+json" not in page_of(client, f"/en/e/{unknown.slug}")


def test_a_shared_event_has_its_picture(client, workshop):
    page = page_of(client, "/ru/e/workshop")
    for text in ('og:title" content="Мастерская"', 'twitter:card" content="summary_large_image"', 'og:image:width"'):
        assert text in page
    assert re.search(r'og:image" content="http://127.0.0.1:8000/ru/e/workshop.png\?v=\w{12}"', page)


def test_a_private_event_is_shown_only_at_its_address(client, db):
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


def test_the_picture_is_cached_for_ever_under_its_own_address(client, db, workshop):
    match = re.search(r'og:image" content="http://127.0.0.1:8000([^"]*)"', page_of(client, "/tg/e/workshop"))
    assert match
    answer = client.get(match[1])
    assert answer.data.startswith(b"\x89PNG")
    assert "immutable" in answer.headers["Cache-Control"]
    again = client.get(match[1], headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "no-cache" in client.get("/tg/e/workshop.png").headers["Cache-Control"]
    workshop.title = {"tg": "Номи дигар"}
    db.flush()
    assert match[1] not in page_of(client, "/tg/e/workshop")


def test_a_draft_has_no_picture_and_a_private_event_a_neutral_one(client, db):
    assert client.get(f"/en/e/{make_event(db, state='draft').slug}.png").status_code == 404
    private = make_event(db, slug="quiet", private=True, title={"en": "Violence at home"})
    before = client.get("/en/e/quiet.png").data
    private.title = {"en": "Something else"}
    db.flush()
    assert client.get("/en/e/quiet.png").data == before
