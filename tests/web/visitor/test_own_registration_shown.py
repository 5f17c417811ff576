"""The page of a registration as it is shown: its state, its code, and only with its link."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy.orm import Session

from shared import clock
from shared.config import LANGUAGES
from shared.i18n import format_day
from shared.models import Event, OutboxMessage
from shared.papers import qr
from shared.wording import calendar_entries, when
from tests.factories import make_days, make_event, make_registration
from tests.support.registration_form import own_address


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, slug="talks", capacity=10)


@pytest.mark.parametrize(("age", "pause"), [(0, 2), (30, 5), (300, 15), (3600, None)])
def test_a_page_without_a_script_reloads_less_and_less_often_and_then_links_to_itself(client, db, event, age, pause):
    confirmed_at = clock.now() - timedelta(seconds=age)
    page = client.get(own_address(make_registration(db, event, code=None, confirmed_at=confirmed_at))).text
    meta = f'<noscript><meta http-equiv="refresh" content="{pause}"></noscript>'
    assert (page.count("http-equiv"), page.count(meta)) == ((1, 1) if pause else (0, 0))
    assert ("Refresh" in page) is (pause is None)
    assert "js/ticket.js" in page


def test_a_page_with_an_error_does_not_reload_over_the_input(client, db, event):
    registration = make_registration(db, event, code=None)
    page = client.post(f"{own_address(registration)}/edit", data={"name": ""}).text
    assert "http-equiv" not in page


def test_a_page_waits_for_its_code_and_then_stops(client, db, event):
    registration = make_registration(db, event, code=None)
    assert "short code below is enough" in client.get(own_address(registration)).text
    registration.code, registration.qr = "A" * 120, qr.svg("HTTPS://EXAMPLE.ORG/T/X")
    db.flush()
    page = client.get(own_address(registration)).text
    assert "http-equiv" not in page
    assert "js/ticket.js" not in page
    assert registration.qr in page
    assert f'href="/T/{registration.code}.png"' in page
    assert f'href="/T/{registration.code}.pdf?size=A4"' in page


def test_the_page_of_a_registration_is_neither_cached_nor_indexed(client, db, event):
    answer = client.get(own_address(make_registration(db, event)))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert '<meta name="robots" content="noindex">' in answer.text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("state", ["unconfirmed", "confirmed", "waiting", "offered", "cancelled"])
def test_every_state_says_what_happens_next(client, db, event, state, lang):
    moment = datetime(2090, 1, 1, tzinfo=UTC)
    change = {"deadline": moment} if state in {"unconfirmed", "offered"} else {}
    change |= {"cancelled_at": moment, "cancelled_by": "self"} if state == "cancelled" else {}
    registration = make_registration(db, event, state=state, **change)
    page = client.get(own_address(registration, lang)).text
    headings = {
        "unconfirmed": "One more step",
        "confirmed": "Your seat is confirmed",
        "waiting": "You are on the waiting list",
        "offered": "A seat is free for you",
        "cancelled": "Your registration is cancelled",
    }
    assert (headings[state] in page) is (lang == "en")
    assert (registration.short_code[:4] in page) is (state == "confirmed")


def test_a_ticket_to_one_day_shows_that_day_and_its_calendar_alone(client, db):
    event = make_days(db)
    second = event.sessions[1]
    registration = make_registration(db, event, ticket_type_id=event.ticket_types[1].id)
    page = client.get(own_address(registration)).text.replace("\u2060", "")
    assert f"{format_day(second.starts_local)}, 10:00–16:00, Dushanbe time" in page
    assert f"Day 2: {format_day(second.starts_local)}, 10:00–16:00" in page
    assert "Day 1" not in page
    [link] = re.findall(r'href="(\S+\.ics)"', page)
    calendar = client.get(link)
    assert calendar.headers["Cache-Control"] == "no-store"
    [entry] = Calendar.from_ical(calendar.text).events
    assert entry["SUMMARY"] == "An evening of talks: Day 2"
    assert entry.start == second.starts_at
    [mailed] = calendar_entries(registration, event, "http://127.0.0.1:8000", "")
    assert entry["UID"] == mailed.uid


def test_a_ticket_to_every_day_shows_the_whole_event(client, db):
    event = make_days(db)
    page = client.get(own_address(make_registration(db, event))).text.replace("\u2060", "")
    assert when(event) in page
    assert "Day 1" not in page
    calendar = client.get(re.findall(r'href="(\S+\.ics)"', page)[0])
    assert calendar.text.count("BEGIN:VEVENT") == 3


def test_a_change_of_ticket_type_shows_the_sessions_of_the_others(client, db):
    event = make_days(db)
    all_days, second_day = event.ticket_types
    day = f"Day 2: {format_day(event.sessions[1].starts_local)}, 10:00–16:00"
    for ticket_type, sessions in ((all_days, day), (second_day, "All sessions")):
        page = client.get(own_address(make_registration(db, event, ticket_type_id=ticket_type.id, language="en"))).text
        [choice] = re.findall(r'<label class="choice"><input type="radio" name="ticket_type".*?</label>', page)
        assert f'<span class="hint">{sessions}</span>' in choice


@pytest.mark.parametrize("state", ["waiting", "offered", "unconfirmed"])
def test_a_registration_without_a_seat_has_time_venue_and_a_tentative_entry(client, db, state):
    event = make_event(db, venue={"en": "Ismaili Centre"})
    deadline = {} if state == "waiting" else {"deadline": datetime(2090, 1, 1, tzinfo=UTC)}
    registration = make_registration(db, event, state=state, confirmed_at=None, **deadline)
    page = client.get(own_address(registration)).text.replace("\u2060", "")
    assert when(event) in page
    assert "Ismaili Centre" in page
    [link] = re.findall(r'href="(\S+\.ics)"', page)
    [entry] = Calendar.from_ical(client.get(link).text).events
    assert str(entry["STATUS"]) == "TENTATIVE"
    assert "Short code" not in entry["DESCRIPTION"]
    registration.state, registration.deadline, registration.confirmed_at = "confirmed", None, clock.now()
    db.flush()
    [confirmed] = Calendar.from_ical(client.get(link).text).events
    assert (confirmed["UID"], str(confirmed["STATUS"])) == (entry["UID"], "CONFIRMED")


def test_the_calendar_entry_of_a_ticket_has_its_short_code_and_a_reminder(client, db):
    event = make_event(db, bring={"en": "A notebook"}, summary={"en": "Talks"})
    registration = make_registration(db, event)
    address = own_address(registration)
    [entry] = Calendar.from_ical(client.get(f"{address}/event.ics").text).events
    code = f"{registration.short_code[:4]}-{registration.short_code[4:]}"
    link = f"http://127.0.0.1:8000{address}"
    assert str(entry["DESCRIPTION"]) == f"Short code: {code}\nTalks\nWhat to bring: A notebook\n{link}"
    [alarm] = entry.walk("VALARM")
    assert (str(alarm["ACTION"]), alarm["TRIGGER"].dt) == ("DISPLAY", timedelta(hours=-3))


def test_a_day_without_a_time_reminds_on_the_evening_before(client, db):
    registration = make_registration(db, make_event(db, known="day"))
    [entry] = Calendar.from_ical(client.get(f"{own_address(registration)}/event.ics").text).events
    [alarm] = entry.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(hours=-6)


def test_an_event_without_a_day_is_offered_to_no_calendar(client, db):
    registration = make_registration(db, make_event(db, known="about"))
    address = own_address(registration)
    assert ".ics" not in client.get(address).text
    assert client.get(f"{address}/event.ics").status_code == 404


def test_a_cancelled_registration_is_offered_no_calendar(client, db, event):
    host = make_registration(db, event, state="cancelled", cancelled_at=clock.now(), cancelled_by="self")
    make_registration(db, event, host_id=host.id, email=None, contact_key=None)
    assert ".ics" not in client.get(own_address(host)).text


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("help@example.org", '<a href="mailto:help@example.org" rel="noopener">help@example.org</a>'),
        ("+992 93 123 45 67", '<a href="tel:+992931234567" rel="noopener">+992 93 123 45 67</a>'),
        (None, ""),
    ],
)
def test_the_page_says_whom_to_ask_about_a_wrong_address(client, db, event, contact, link):
    event.contact = contact
    page = client.get(own_address(make_registration(db, event, email="madina@gmial.com"))).text
    assert f"Is madina@gmial.com wrong? Peshraft can correct it. {link}</p>" in page


def test_without_an_address_the_page_says_nothing_about_one(client, db, event):
    event.contact = "help@example.org"
    page = client.get(own_address(make_registration(db, event, email=None, phone="+992931234567"))).text
    assert "can correct it" not in page


@pytest.mark.parametrize(("state", "sentence"), [("confirmed", "We also send it to"), ("waiting", "we will email you")])
def test_a_failed_email_is_reported_until_another_one_is_sent(client, db, event, state, sentence):
    unreached, reached = (make_registration(db, event, state=state, email=f"{n}@gmial.com") for n in "ab")
    at = clock.now()

    def mailed(kind: str, hours: int, **end: object) -> None:
        db.add(OutboxMessage(kind=kind, subject=unreached.id, key=str(hours), **end))
        db.flush()

    mailed("registration_confirmed", 0, dead_at=at, outcome="550", failure="address_refused")
    page = client.get(own_address(unreached)).text
    assert "emails do not reach a@gmial.com." in page
    assert sentence not in page
    assert sentence in client.get(own_address(reached)).text

    mailed("ticket_again", 1)
    assert "emails do not reach" in client.get(own_address(unreached)).text, "it is not sent yet"
    mailed("ticket_again", 2, finished_at=at + timedelta(hours=2), outcome="sent")
    mailed("reminder", 3, finished_at=at + timedelta(hours=3), outcome="skipped: too late")
    page = client.get(own_address(unreached)).text
    assert "emails do not reach" not in page
    assert sentence in page
    mailed("sign_in_link", 4, dead_at=at + timedelta(hours=4), outcome="an account has the same number")
    assert "emails do not reach" not in client.get(own_address(unreached)).text


def test_an_attendee_without_an_address_is_asked_to_save_the_ticket(client, db, event):
    registration = make_registration(db, event, email=None, phone="+992931234567")
    assert "Save it now" in client.get(own_address(registration)).text


@pytest.mark.parametrize("spoil", [lambda token: token[:-1], lambda token: f"9{token}", lambda token: token + "x"])
def test_a_token_that_is_not_ours_is_404(client, db, event, spoil):
    address = own_address(make_registration(db, event))
    lead, token = address.rsplit("/", 1)
    assert client.get(f"{lead}/{spoil(token)}").status_code == 404


def test_a_revoked_address_is_404(client, db, event):
    registration = make_registration(db, event)
    address = own_address(registration)
    registration.version += 1
    db.flush()
    assert client.get(address).status_code == 404


def test_a_cancelled_guest_has_no_ticket_here(client, db, event):
    host = make_registration(db, event)
    gone = datetime(2026, 1, 1, tzinfo=UTC)
    cancelled = {"state": "cancelled", "cancelled_at": gone, "cancelled_by": "self"}
    make_registration(db, event, name="Нест", host_id=host.id, contact_key=None, **cancelled)
    assert "Нест" not in client.get(own_address(host)).text


def test_a_delayed_email_is_not_said_to_be_on_its_way(client, db, event):
    registration = make_registration(db, event, email="a@example.org")
    later = clock.now() + timedelta(minutes=10)
    db.add(OutboxMessage(kind="registration_confirmed", subject=registration.id, due_at=later))
    db.flush()
    page = client.get(own_address(registration)).text
    assert "Many emails went to a@example.org in a short time, so the email with your ticket will arrive later." in page
    assert "on its way to" not in page


def test_an_event_is_shared_without_a_script(client, db, event):
    page = client.get(own_address(make_registration(db, event))).text
    address = "http%3A%2F%2F127.0.0.1%3A8000%2Ftg%2Fe%2Ftalks"
    assert re.search(r'<input id="share-address" readonly value="http://127.0.0.1:8000/tg/e/talks">', page)
    assert f'href="https://t.me/share/url?url={address}&amp;text=An%20evening%20of%20talks"' in page
    assert f'href="https://wa.me/?text=An%20evening%20of%20talks%0A{address}"' in page
    assert f'href="mailto:?subject=An%20evening%20of%20talks&amp;body=An%20evening%20of%20talks%0A{address}"' in page
    buttons = re.findall(r"<button[^>]*data-(?:share|copy)=[^>]*>", page)
    assert len(buttons) == 2
    assert all(button.endswith(" hidden>") for button in buttons)


def test_a_ticket_is_above_the_advice_on_its_use(client, db, event):
    page = client.get(own_address(make_registration(db, event, qr=qr.svg("HTTPS://EXAMPLE.ORG/T/X")))).text
    assert page.index('class="qr"') < page.index("Show this ticket at the door")
    assert page.count("Show this ticket at the door") == 1


def test_an_attendee_without_an_address_sees_whom_to_ask(client, db, event):
    event.contact = "+992 93 123 45 67"
    db.flush()
    page = client.get(own_address(make_registration(db, event, email=None, phone="+992900000001"))).text
    assert 'Questions: <a href="tel:+992931234567"' in page


def test_a_waiting_guest_learns_that_we_write_to_the_person_who_registered_them(client, db, event):
    host = make_registration(db, event, state="waiting", email="host@example.org")
    guest = make_registration(db, event, state="waiting", email=None, host_id=host.id)
    alone = make_registration(db, event, state="waiting", email=None, phone="+992900000001")
    assert "We write to the person who registered you." in client.get(own_address(guest)).text
    assert "we cannot write to a phone number" in client.get(own_address(alone)).text
