"""Signing up, being told why not, and the page of one's own registration."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import clock, links, tokens
from shared.config import LANGUAGES
from shared.i18n import use_language
from shared.models import ConsentWording, Event, Promise, Question, Registration, TicketType
from shared.models.question import KINDS
from shared.papers import qr
from tests.conftest import Statements
from tests.factories import SECRET, make_event, make_registration
from web import stamps
from web.forms.registration import TRAP, RegistrationForm
from web.limits import Limiter

GOOD = {"name": "Ҷаҳонгир Раҳимов", "email": "jahongir@example.org"}
FIRST, SECOND = "A" * 22, "B" * 22


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, slug="talks", capacity=10)


def send(client: FlaskClient, lang: str = "en", slug: str = "talks", **fields: str | list[str]):
    return client.post(f"/{lang}/e/{slug}/registrations", data={**GOOD, **fields})


def count(db: Session, table: type = Registration) -> int:
    return db.scalar(select(func.count()).select_from(table)) or 0


def own_address(registration: Registration, lang: str = "en") -> str:
    token = tokens.make(SECRET, "registration", id=registration.id, version=registration.version)
    return links.registration(lang, token)


# Signing up -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_signing_up_leads_to_ones_own_page(client, db, event, lang):
    answer = send(client, lang, once=FIRST, consent="2026-11")
    kept = db.scalars(select(Registration)).one()
    assert (answer.status_code, answer.location) == (303, own_address(kept, lang))
    assert (kept.name, kept.email, kept.language, kept.consent) == (*GOOD.values(), lang, "2026-11")
    page = client.get(answer.location).text
    assert kept.name in page
    assert f"{kept.short_code[:4]}-{kept.short_code[4:]}" in page


def test_the_browser_that_signed_up_finds_its_ticket_on_the_events_page(client, db, event):
    answer = send(client, once=FIRST)
    assert "places=" in answer.headers["Set-Cookie"]
    assert answer.location in client.get("/en/e/talks").text


def test_a_second_sign_up_gives_the_browser_nothing(client, db, event):
    make_registration(db, event, email=GOOD["email"])
    assert "places=" not in send(client).headers.get("Set-Cookie", "")


def test_the_summary_of_faults_names_the_question(client, db, event):
    event.questions.append(Question(key="town", kind="short", label={"en": "Your town"}, required=True))
    db.flush()
    assert "Your town: Please answer this question.</a>" in send(client).text


def test_the_form_of_the_page_is_the_one_that_is_understood(client, db, event):
    page = client.get("/tg/e/talks").text
    form = page.split("<form")[1].split("</form>")[0]
    sent = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    asked = re.findall(r'<input[^>]* name="([^"]+)"', form)
    assert {"once", "consent"} <= sent.keys()
    assert {"name", "email", "phone", "companion.1.name", TRAP} <= set(asked)
    assert send(client, "tg", **sent | GOOD).status_code == 303
    assert db.scalars(select(Registration)).one().once == sent["once"].split(".")[0]


def test_companions_get_places_of_their_own(client, db, event):
    answer = send(client, **{"companion.1.name": "Мадина", "companion.2.name": ""})
    assert count(db) == 2
    page = client.get(answer.location).text
    assert all(name in page for name in (GOOD["name"], "Мадина"))


def test_a_sign_up_takes_six_statements_at_most(client, db, event, statements: Statements):
    db.expunge_all()
    with statements() as seen:
        assert send(client, once=FIRST).status_code == 303
    assert len(seen) <= 6


def test_a_second_sign_up_takes_six_statements_at_most(client, db, event, statements: Statements):
    send(client, once=FIRST)
    db.expunge_all()
    with statements() as seen:
        assert send(client, once=SECOND).status_code == 303
    assert len(seen) <= 6


def test_the_same_form_sent_again_gets_its_first_answer(client, db, event):
    first, again = send(client, once=FIRST), send(client, once=FIRST)
    assert first.location == again.location
    assert count(db) == 1


@pytest.mark.parametrize("once", [SECOND, ""])
def test_a_second_sign_up_changes_nothing_and_learns_nothing(client, db, event, once):
    send(client, once=FIRST)
    answer = send(client, name="Somebody else", once=once)
    assert (answer.status_code, answer.location) == (303, "/en/e/talks/sent")
    assert [one.name for one in db.scalars(select(Registration))] == [GOOD["name"]]
    assert set(db.scalars(select(Promise.kind))) == {"registration_confirmed", "ticket_again"}
    page = client.get(answer.location)
    assert GOOD["name"] not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_second_sign_up_for_a_full_event_is_told_the_same(client, db):
    make_event(db, slug="small", capacity=1)
    send(client, slug="small", once=FIRST)
    assert send(client, slug="small", once=SECOND).location == "/en/e/small/sent"


def test_a_filled_trap_writes_nothing_and_promises_nothing(client, db, event):
    answer = send(client, **{TRAP: "http://spam.example"})
    assert (answer.status_code, answer.location) == (303, "/en/e/talks/sent")
    assert (count(db), count(db, Promise)) == (0, 0)


def test_what_is_said_to_a_second_sign_up_is_the_same_for_everybody(client, db, event):
    before = client.get("/en/e/talks/sent").text
    send(client)
    assert client.get("/en/e/talks/sent").text == before
    assert "ask at the door" in before


# Being told why not ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_error_stands_at_its_field_and_nothing_is_written(client, db, event, lang):
    answer = send(client, lang, name="Zarina", email="nobody")
    assert (answer.status_code, count(db)) == (422, 0)
    with use_language(lang), pytest.raises(Exception, match="invalid") as caught:
        RegistrationForm.parse({"name": "Zarina", "email": "nobody"}, asks="either")
    sentence = caught.value.errors["email"]
    assert f'<p class="error" id="email-error">{sentence}</p>' in answer.text
    field = re.search(r'<input id="email"[^>]*>', answer.text)
    assert field
    assert 'value="nobody"' in field[0]
    assert 'aria-invalid="true"' in field[0]
    assert "email-error" in field[0]
    assert 'value="Zarina"' in answer.text
    assert f'<a href="#email">{sentence}</a>' in answer.text


def test_what_was_typed_comes_back_as_text(client, event):
    page = send(client, name='"><script>alert(1)</script>', email="x").text
    assert "<script>alert" not in page


@pytest.mark.parametrize("name", ["\0", "x" * 10_000, "\u202e", " "])
def test_a_name_that_is_none_is_422(client, db, event, name):
    assert send(client, name=name).status_code == 422
    assert count(db) == 0


def test_an_open_list_of_guests_stays_open_with_its_error(client, event):
    page = send(client, **{"companion.1.name": "x" * 121}).text
    assert re.search(r'<details class="companions" open>', page)
    assert 'id="companion.1.name-error"' in page


@pytest.mark.parametrize("kind", ["", "999999", "x"])
def test_a_kind_of_ticket_that_is_not_chosen_is_asked_for(client, db, kind):
    kinds = [TicketType(title={"en": "Participant"}), TicketType(title={"en": "Listener"})]
    make_event(db, slug="two", ticket_types=kinds)
    answer = send(client, slug="two", ticket_type=kind)
    assert (answer.status_code, count(db)) == (422, 0)
    assert 'id="ticket_type-error"' in answer.text


def test_a_chosen_kind_of_ticket_is_kept(client, db):
    kinds = [TicketType(title={"en": "Participant"}), TicketType(title={"en": "Listener"})]
    event = make_event(db, slug="two", ticket_types=kinds)
    assert send(client, slug="two", ticket_type=str(event.ticket_types[1].id)).status_code == 303
    assert db.scalars(select(Registration)).one().ticket_type_id == event.ticket_types[1].id


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "15 minutes after the start"), ("ru", "через 15 минут"), ("tg", "15 дақиқа")]
)
def test_a_full_event_is_409_with_what_can_be_done(client, db, lang, words):
    make_registration(db, make_event(db, slug="small", capacity=1, waiting_list=False))
    answer = send(client, lang, slug="small")
    assert answer.status_code == 409
    assert 'name="wait"' not in answer.text
    assert words in answer.text
    assert count(db) == 1


def test_a_party_larger_than_what_is_left_is_409_and_keeps_its_form(client, db):
    make_event(db, slug="small", capacity=1)
    answer = send(client, slug="small", **{"companion.1.name": "Мадина"})
    assert (answer.status_code, count(db)) == (409, 0)
    assert "not enough free seats" in answer.text
    assert f'value="{GOOD["name"]}"' in answer.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"opens_at": datetime(2090, 1, 1, 4, tzinfo=UTC)}, "Registration opens: Sunday 1 January 2090"),
        ({"closes_at": datetime(2020, 1, 1, tzinfo=UTC)}, "Registration is closed."),
        ({"state": "cancelled"}, "This event is cancelled."),
    ],
)
def test_an_event_that_is_not_open_is_409_and_says_why(client, db, change, words):
    make_event(db, slug="shut", **change)
    answer = send(client, slug="shut")
    assert (answer.status_code, count(db)) == (409, 0)
    assert words in answer.text


@pytest.mark.parametrize("address", ["/en/e/nothing/registrations", "/xx/e/talks/registrations"])
def test_an_event_that_does_not_exist_is_404(client, event, address):
    assert client.post(address, data=GOOD).status_code == 404


# Waiting in line ------------------------------------------------------------------------------------------------------


def test_a_full_event_offers_the_line_and_keeps_what_was_typed(client, db):
    make_registration(db, make_event(db, slug="small", capacity=1))
    answer = send(client, slug="small", **{"companion.1.name": "Мадина"})
    assert (answer.status_code, count(db)) == (409, 1)
    form = answer.text.split("<form")[1].split("</form>")[0]
    assert 'name="wait" value="1"' in form
    assert "Join the waiting list" in form
    assert f'value="{GOOD["name"]}"' in form
    assert 'value="Мадина"' in form


def test_a_page_that_knows_it_is_full_offers_the_line_from_the_start(client, db):
    make_registration(db, make_event(db, slug="small", capacity=1))
    assert 'name="wait" value="1"' in client.get("/en/e/small").text


def test_who_joins_the_line_sees_the_place_in_it(client, db):
    make_registration(db, make_event(db, slug="small", capacity=1))
    answer = send(client, slug="small", wait="1", once=FIRST)
    assert db.scalars(select(Registration.state).where(Registration.once == FIRST)).one() == "waiting"
    assert "Your place in line: 1." in client.get(answer.location).text


def test_who_asks_to_wait_gets_a_seat_where_there_is_one(client, db, event):
    send(client, wait="1")
    assert db.scalars(select(Registration.state)).one() == "confirmed"


# Questions ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def asking(db: Session) -> Event:
    event = make_event(db, slug="asking")
    options = [{"key": "red", "label": {"en": "Red"}}, {"key": "blue", "label": {"ru": "Синий"}}]
    event.questions.extend(
        Question(key=kind, kind=kind, label={"en": f"A {kind}"}, options=options if kind in {"one", "several"} else [])
        for kind in KINDS
    )
    event.questions[0].required = True
    event.questions.append(Question(key="gender", kind="short", label={}))
    db.flush()
    return event


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_question_is_asked(client, db, asking, lang):
    form = client.get(f"/{lang}/e/asking").text.split("<form")[1].split("</form>")[0]
    assert all(f'name="answer.{kind}"' in form for kind in KINDS)
    assert 'type="date"' in form
    assert 'inputmode="decimal"' in form
    assert '<span lang="ru">Синий</span>' in form or lang == "ru"
    assert {"en": "Gender", "ru": "Пол", "tg": "Ҷинс"}[lang] in form
    assert form.count(" required") == 2


def test_answers_are_kept_with_the_registration(client, db, asking, statements: Statements):
    db.expunge_all()
    sent = {"short": "a", "long": "b\nc", "one": "red", "yes_no": "no", "number": "3", "date": "2026-12-31"}
    fields = {f"answer.{key}": value for key, value in sent.items()} | {"answer.several": ["red", "blue"]}
    with statements() as seen:
        assert send(client, slug="asking", **fields, **{"answer.unknown": "x"}).status_code == 303
    assert len(seen) <= 6
    kept = {**sent, "several": ["red", "blue"], "yes_no": False, "number": 3}
    assert db.scalars(select(Registration.answers)).one() == kept


def test_a_wrong_answer_is_said_at_its_field_and_all_the_others_come_back(client, db, asking):
    fields = {"answer.one": "red", "answer.several": ["blue"], "answer.long": "<b>", "answer.date": "2026-02-30"}
    answer = send(client, slug="asking", **fields)
    assert (answer.status_code, count(db)) == (422, 0)
    assert 'id="answer.short-error"' in answer.text
    assert 'id="answer.date-error"' in answer.text
    assert re.search(r'value="red" checked', answer.text)
    assert re.search(r'value="blue" checked', answer.text)
    assert "&lt;b&gt;</textarea>" in answer.text


def test_any_answer_is_kept_whole_or_refused_whole(client, db, asking):
    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(st.dictionaries(st.sampled_from(KINDS), st.text(st.characters(exclude_categories=("Cs",)), max_size=30)))
    def drive(typed: dict[str, str]) -> None:
        before = count(db)
        fields = {f"answer.{key}": value for key, value in typed.items()}
        answer = send(client, slug="asking", email=f"guest{before}@example.org", **fields)
        assert answer.status_code in {303, 422}
        assert count(db) == before + (answer.status_code == 303)

    drive()


# Consent, slips, time, mail -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_agreed_to_is_kept_word_for_word(client, db, event, lang):
    page = client.get(f"/{lang}/e/talks").text
    send(client, lang, consent="2026-11")
    kept = db.scalars(select(ConsentWording)).one()
    assert (kept.version, kept.language) == ("2026-11", lang)
    assert f'<p class="hint consent">{kept.wording}</p>' in page


def test_a_slip_is_offered_with_a_button_and_the_same_again_is_accepted(client, db, event):
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
def limited(client: FlaskClient, app) -> FlaskClient:
    """A browser of a service that is open to the world: the time trap is set."""
    held = app.extensions["turnout"]
    app.extensions["turnout"] = replace(held, limiter=Limiter(held.settings.redis_url))
    return client


@pytest.mark.parametrize(("age", "status"), [(0, 422), (5, 303), (90_000, 422)])
def test_a_form_that_comes_back_too_soon_or_too_late_is_shown_again(limited, db, event, age, status):
    with time_machine.travel(clock.now() - timedelta(seconds=age)):
        once = stamps.draw(SECRET)
    answer = send(limited, once=once)
    assert (answer.status_code, count(db)) == (status, int(status == 303))
    if status == 422:
        assert f'value="{GOOD["name"]}"' in answer.text
        again = re.search(r'name="once" value="([^"]+)"', answer.text)
        assert again
        assert again[1] != once


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
    assert "open the link in the mail and confirm" in pages[0]


@pytest.mark.parametrize("asks", ["either", "phone", "both", "email"])
def test_who_confirms_by_mail_needs_an_address(client, db, asks):
    make_event(db, slug="quiet", private=True, asks=asks)
    answer = send(client, slug="quiet", email="", phone="931234567")
    assert (answer.status_code, count(db)) == (422, 0)
    assert 'id="email-error"' in answer.text


# One's own page -------------------------------------------------------------------------------------------------------


def test_a_page_waits_for_its_code_and_then_stops(client, db, event):
    registration = make_registration(db, event, code=None)
    waiting = client.get(own_address(registration))
    assert '<meta http-equiv="refresh" content="2">' in waiting.text
    assert "short code below is enough" in waiting.text
    registration.code, registration.qr = "A" * 120, qr.svg("HTTPS://EXAMPLE.ORG/T/X")
    db.flush()
    page = client.get(own_address(registration)).text
    assert "http-equiv" not in page
    assert registration.qr in page
    assert f'href="/T/{registration.code}.png"' in page
    assert f'href="/T/{registration.code}.pdf?size=A4"' in page


def test_a_page_of_ones_own_is_nobody_elses(client, db, event):
    answer = client.get(own_address(make_registration(db, event)))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert '<meta name="robots" content="noindex">' in answer.text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("state", ["unconfirmed", "confirmed", "waiting", "offered", "cancelled"])
def test_every_state_says_what_happens_next(client, db, event, state, lang):
    held = datetime(2090, 1, 1, tzinfo=UTC)
    change = {"deadline": held} if state in {"unconfirmed", "offered"} else {}
    change |= {"cancelled_at": held, "cancelled_by": "self"} if state == "cancelled" else {}
    registration = make_registration(db, event, state=state, **change)
    page = client.get(own_address(registration, lang)).text
    headings = {
        "unconfirmed": "One more step",
        "confirmed": "Your place is confirmed",
        "waiting": "You are on the waiting list",
        "offered": "A seat is free for you",
        "cancelled": "Your place is given back",
    }
    assert (headings[state] in page) is (lang == "en")
    assert (registration.short_code[:4] in page) is (state == "confirmed")


def test_who_gave_only_a_number_is_told_to_keep_the_ticket(client, db, event):
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


def test_a_cancelled_companion_has_no_ticket_here(client, db, event):
    host = make_registration(db, event)
    gone = datetime(2026, 1, 1, tzinfo=UTC)
    cancelled = {"state": "cancelled", "cancelled_at": gone, "cancelled_by": "self"}
    make_registration(db, event, name="Нест", host_id=host.id, contact_key=None, **cancelled)
    assert "Нест" not in client.get(own_address(host)).text
