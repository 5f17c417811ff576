"""Registration: a seat, the waiting list, and consent."""

import re
from dataclasses import replace
from html import unescape

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.config import LANGUAGES
from shared.models import ConsentWording, Event, OutboxMessage, Question, Registration
from tests.factories import SECRET, make_event, make_registration
from tests.support.registration_form import FIRST, GOOD, SECOND, count, own_address, send
from web import form_tokens
from web.forms.registration import TRAP
from web.limits import Limiter


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, slug="talks", capacity=10)


# Registering ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_registering_leads_to_the_page_of_the_registration(client, db, event, lang):
    answer = send(client, lang, once=FIRST, consent="2026-11")
    registration = db.scalars(select(Registration)).one()
    assert (answer.status_code, answer.location) == (303, own_address(registration, lang))
    assert (registration.name, registration.email, registration.language, registration.consent) == (
        *GOOD.values(),
        lang,
        "2026-11",
    )
    page = client.get(answer.location).text
    assert registration.name in page
    assert f"{registration.short_code[:4]}-{registration.short_code[4:]}" in page


def test_a_registered_browser_finds_its_ticket_on_the_event_page(client, db, event):
    answer = send(client, once=FIRST)
    assert "places=" in answer.headers["Set-Cookie"]
    assert answer.location in client.get("/en/e/talks").text


def test_a_repeated_registration_gives_the_browser_no_cookie(client, db, event):
    make_registration(db, event, email=GOOD["email"])
    assert "places=" not in send(client).headers.get("Set-Cookie", "")


def test_the_summary_of_errors_names_the_question(client, db, event):
    event.questions.append(Question(key="town", kind="short", label={"en": "Your town"}, required=True))
    db.flush()
    assert "Your town: Answer this question.</a>" in send(client).text


def test_the_form_on_the_page_is_accepted(client, db, event):
    page = client.get("/tg/e/talks").text
    form = page.split("<form")[1].split("</form>")[0]
    values = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    names = re.findall(r'<input[^>]* name="([^"]+)"', form)
    assert {"once", "consent"} <= values.keys()
    assert {"name", "email", "phone", "companion.1.name", TRAP} <= set(names)
    assert send(client, "tg", **values | GOOD).status_code == 303
    assert db.scalars(select(Registration)).one().once == values["once"].split(".")[0]


def test_guests_get_seats_of_their_own(client, db, event):
    answer = send(client, **{"companion.1.name": "Мадина", "companion.2.name": ""})
    assert count(db) == 2
    page = client.get(answer.location).text
    assert all(name in page for name in (GOOD["name"], "Мадина"))


def test_the_same_form_sent_again_gets_the_first_response(client, db, event):
    first, again = send(client, once=FIRST), send(client, once=FIRST)
    assert first.location == again.location
    assert count(db) == 1


@pytest.mark.parametrize("once", [SECOND, ""])
def test_a_second_sign_up_changes_nothing_and_learns_nothing(client, db, event, once):
    send(client, once=FIRST)
    answer = send(client, name="Somebody else", once=once)
    assert (answer.status_code, answer.location) == (303, "/en/e/talks/sent")
    assert [registration.name for registration in db.scalars(select(Registration))] == [GOOD["name"]]
    assert set(db.scalars(select(OutboxMessage.kind))) == {"registration_confirmed", "ticket_again"}
    page = client.get(answer.location)
    assert GOOD["name"] not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_registered_phone_number_gets_a_contact_and_nothing_else(client, db, event):
    event.contact = "zarina@example.org"
    db.flush()
    form = {"email": "", "phone": "+992 93 123 45 67"}
    first = send(client, once=FIRST, **form)
    client.delete_cookie("places")
    answer = send(client, name="Somebody else", once=SECOND, **form)
    assert (answer.status_code, answer.location) == (303, "/en/e/talks/sent?by=phone")
    assert "places=" not in answer.headers.get("Set-Cookie", "")
    page = client.get(answer.location).text
    main = page.split("<main")[1]
    assert "Ask for the link to your ticket" in main
    assert 'href="mailto:zarina@example.org"' in main
    assert 'href="/en/my"' in main
    assert "Go back and register with an email address or your own number." in unescape(main)
    assert "spam" not in main
    assert not [text for text in (GOOD["name"], "/en/r/", first.location) if text in page]
    assert 'href="/tg/e/talks/sent?by=phone"' in page


def test_without_a_contact_the_organization_is_named(client, db, event):
    assert "Ask Peshraft for the link to your ticket." in client.get("/en/e/talks/sent?by=phone").text


def test_a_form_for_phone_numbers_suggests_no_address(client, db, event):
    event.asks = "phone"
    db.flush()
    assert "Go back and register with your own number." in unescape(client.get("/en/e/talks/sent?by=phone").text)


def test_a_phone_number_gets_the_same_answer_whether_or_not_it_is_registered(client, db, event):
    before = client.get("/en/e/talks/sent?by=phone").text
    send(client, email="", phone="+992931234567", once=FIRST)
    assert client.get("/en/e/talks/sent?by=phone").text == before


def test_a_repeated_registration_for_a_full_event_is_answered_the_same(client, db):
    make_event(db, slug="small", capacity=1)
    send(client, slug="small", once=FIRST)
    assert send(client, slug="small", once=SECOND).location == "/en/e/small/sent"


def test_a_filled_trap_writes_nothing_and_promises_nothing(client, db, event):
    answer = send(client, **{TRAP: "http://spam.example"})
    assert (answer.status_code, answer.location) == (303, "/en/e/talks/sent")
    assert (count(db), count(db, OutboxMessage)) == (0, 0)


def test_every_repeated_registration_gets_the_same_page(client, db, event):
    before = client.get("/en/e/talks/sent").text
    send(client)
    assert client.get("/en/e/talks/sent").text == before
    assert "ask at the door" in before


# The waiting list -----------------------------------------------------------------------------------------------------


def test_a_full_event_offers_the_waiting_list_and_repeats_the_input(client, db):
    make_registration(db, make_event(db, slug="small", capacity=2))
    answer = send(client, slug="small", **{"companion.1.name": "Мадина"})
    assert (answer.status_code, count(db)) == (409, 1)
    form = answer.text.split("<form")[1].split("</form>")[0]
    assert 'name="wait" value="1"' in form
    assert "Join the waiting list" in form
    assert f'value="{GOOD["name"]}"' in form
    assert 'value="Мадина"' in form


def test_the_page_of_a_full_event_offers_the_waiting_list(client, db):
    make_registration(db, make_event(db, slug="small", capacity=1))
    assert 'name="wait" value="1"' in client.get("/en/e/small").text


def test_joining_the_waiting_list_shows_the_position(client, db):
    make_registration(db, make_event(db, slug="small", capacity=1))
    answer = send(client, slug="small", wait="1", once=FIRST)
    assert db.scalars(select(Registration.state).where(Registration.once == FIRST)).one() == "waiting"
    assert "Your position on the waiting list: 1." in client.get(answer.location).text


def test_a_request_to_wait_gets_a_seat_if_there_is_one(client, db, event):
    send(client, wait="1")
    assert db.scalars(select(Registration.state)).one() == "confirmed"


# Consent, typos, time, email ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_consent_is_stored_word_for_word(client, db, event, lang):
    page = client.get(f"/{lang}/e/talks").text
    send(client, lang, consent="2026-11")
    consent = db.scalars(select(ConsentWording)).one()
    assert (consent.version, consent.language) == ("2026-11", lang)
    assert f'<p class="hint consent">{consent.wording}</p>' in page


def test_a_typo_is_offered_a_correction_and_accepted_the_second_time(client, db, event):
    answer = send(client, email="ann@gmail.con")
    assert (answer.status_code, count(db)) == (422, 0)
    assert 'name="email_meant" value="ann@gmail.com"' in answer.text
    hidden = re.search(r'name="email_kept" id="email-kept" value="([^"]*)"', answer.text)
    assert hidden
    assert send(client, email="ann@gmail.con", email_kept=hidden[1]).status_code == 303
    assert db.scalars(select(Registration.email)).one() == "ann@gmail.con"


def test_the_first_button_of_a_form_with_an_offer_leaves_the_address_as_it_is(client, event):
    form = send(client, email="ann@gmail.con").text.split("<form")[1]
    first = re.search(r"<button[^>]*>", form)
    assert first
    assert "email_meant" not in first[0]


@pytest.fixture
def limited(client: FlaskClient, app, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A browser of a public installation: limits and the timing check are on."""
    resources = app.extensions["turnout"]
    monkeypatch.setitem(
        app.extensions, "turnout", replace(resources, limiter=Limiter(resources.settings.redis_url, SECRET))
    )
    return client


@pytest.mark.parametrize(("age", "status"), [(0, 422), (5, 303), (90_000, 422)])
def test_a_form_that_comes_back_too_soon_or_too_late_is_shown_again(limited, db, event, age, status):
    with time_machine.travel(clock.now(), tick=False) as moment:
        once = form_tokens.issue(SECRET)
        moment.shift(age)
        answer = send(limited, once=once)
    assert (answer.status_code, count(db)) == (status, int(status == 303))
    if status == 422:
        assert f'value="{GOOD["name"]}"' in answer.text
        again = re.search(r'name="once" value="([^"]+)"', answer.text)
        assert again
        assert again[1] != once


@pytest.mark.parametrize(("capacity", "choice"), [(2, {"wait": "1"}), (2, {"alone": "1"}), (1, {"wait": "1"})])
def test_a_group_without_seats_may_choose_at_once(limited, db, capacity, choice):
    make_registration(db, make_event(db, slug="small", capacity=capacity))
    group = {"slug": "small", "companion.1.name": "Мадина"} if capacity > 1 else {"slug": "small"}
    with time_machine.travel(clock.now(), tick=False) as moment:
        once = form_tokens.issue(SECRET)
        moment.shift(5)
        refusal = send(limited, **group, once=once)
        again = re.search(r'name="once" value="([^"]+)"', refusal.text)
        assert again
        answer = send(limited, **group, **choice, once=again[1])
    assert (refusal.status_code, answer.status_code) == (409, 303)


def test_a_refused_form_does_not_repeat_a_forged_once(limited, db):
    make_registration(db, make_event(db, slug="small", capacity=1))
    answer = send(limited, slug="small", once='"><script>alert(1)</script>')
    assert answer.status_code == 409
    assert "<script>alert" not in answer.text


def test_a_form_without_a_time_is_accepted(limited, db, event):
    assert send(limited, once=FIRST).status_code == 303


@pytest.mark.parametrize("kind", [{"private": True}, {"confirm_by_mail": True}])
@pytest.mark.parametrize("capacity", [1, 10])
def test_who_confirms_by_mail_is_always_answered_the_same(client, db, kind, capacity):
    make_registration(db, make_event(db, slug="quiet", capacity=capacity, **kind), email="known@example.org")
    pages = []
    for address in ("known@example.org", "new@example.org"):
        answer = send(client, slug="quiet", email=address)
        assert (answer.status_code, answer.location) == (303, "/en/e/quiet/sent")
        assert "places=" not in answer.headers.get("Set-Cookie", "")
        pages.append(client.get(answer.location).text)
    assert pages[0] == pages[1]
    assert "open the link in the email and confirm" in pages[0]


@pytest.mark.parametrize("asks", ["either", "phone", "both", "email"])
def test_confirming_by_email_requires_an_address(client, db, asks):
    make_event(db, slug="quiet", private=True, asks=asks)
    answer = send(client, slug="quiet", email="", phone="931234567")
    assert (answer.status_code, count(db)) == (422, 0)
    assert 'id="email-error"' in answer.text
