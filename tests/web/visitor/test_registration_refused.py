"""Refused registrations: errors at fields, and messages with advice."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.config import LANGUAGES
from shared.i18n import use_language
from shared.models import Event, Registration, TicketType
from tests.factories import make_event, make_registration
from tests.support.registration_form import GOOD, count, send
from web.forms.registration import RegistrationForm


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, slug="talks", capacity=10)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_error_is_at_its_field_and_nothing_is_written(client, db, event, lang):
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


def test_an_address_that_a_browser_would_refuse_gets_our_sentence(client, event):
    answer = send(client, email=" почта@mail.ru ")
    field = re.search(r'<input id="email"[^>]*>', answer.text)
    assert field
    assert [word in field[0] for word in ('type="text"', 'inputmode="email"', 'autocomplete="email"')] == [True] * 3
    assert "Use Latin letters before the @" in answer.text


def test_blanks_around_an_address_are_left_out(client, db, event):
    assert send(client, email=" ann@example.org\u00a0").status_code == 303
    assert db.scalars(select(Registration.email)).one() == "ann@example.org"


def test_submitted_values_are_repeated_as_text(client, event):
    page = send(client, name='"><script>alert(1)</script>', email="x").text
    assert "<script>alert" not in page


@pytest.mark.parametrize("name", ["\0", "x" * 10_000, "\u202e", " "])
def test_an_invalid_name_is_422(client, db, event, name):
    assert send(client, name=name).status_code == 422
    assert count(db) == 0


def test_an_open_list_of_guests_stays_open_with_its_error(client, event):
    page = send(client, **{"companion.1.name": "x" * 121}).text
    assert re.search(r'<details class="companions" open>', page)
    assert 'id="companion.1.name-error"' in page


@pytest.mark.parametrize("ticket_type", ["", "999999", "x"])
def test_a_missing_ticket_type_is_reported(client, db, ticket_type):
    ticket_types = [TicketType(title={"en": "Participant"}), TicketType(title={"en": "Listener"})]
    make_event(db, slug="two", ticket_types=ticket_types)
    answer = send(client, slug="two", ticket_type=ticket_type)
    assert (answer.status_code, count(db)) == (422, 0)
    assert 'id="ticket_type-error"' in answer.text


def test_a_chosen_ticket_type_is_stored(client, db):
    ticket_types = [TicketType(title={"en": "Participant"}), TicketType(title={"en": "Listener"})]
    event = make_event(db, slug="two", ticket_types=ticket_types)
    assert send(client, slug="two", ticket_type=str(event.ticket_types[1].id)).status_code == 303
    assert db.scalars(select(Registration)).one().ticket_type_id == event.ticket_types[1].id


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "15 minutes after the start"),
        ("ru", "через 15\N{NO-BREAK SPACE}минут"),
        ("tg", "15\N{NO-BREAK SPACE}дақиқа"),
    ],
)
def test_a_full_event_is_409_with_advice(client, db, lang, words):
    make_registration(db, make_event(db, slug="small", capacity=1, waiting_list=False))
    answer = send(client, lang, slug="small")
    assert answer.status_code == 409
    assert 'name="wait"' not in answer.text
    assert words in answer.text
    assert count(db) == 1


GROUP = {"slug": "small", "companion.1.name": "Мадина"}


def test_a_group_of_two_is_told_that_one_seat_is_left_and_keeps_its_form(client, db):
    make_registration(db, make_event(db, slug="small", capacity=2))
    answer = send(client, **GROUP)
    assert (answer.status_code, count(db)) == (409, 1)
    assert "1 seat is left, and your group needs 2." in answer.text
    assert f'value="{GOOD["name"]}"' in answer.text
    assert 'value="Мадина"' in answer.text
    assert 'type="hidden" name="wait"' not in answer.text
    assert '<button class="button" name="alone" value="1">Register only yourself</button>' in answer.text
    assert '<button class="button is-quiet" name="wait" value="1">' in answer.text


def test_one_of_a_group_takes_the_last_seat_alone(client, db):
    make_registration(db, make_event(db, slug="small", capacity=2))
    assert send(client, **GROUP, alone="1").status_code == 303
    names = db.scalars(select(Registration.name).where(Registration.state == "confirmed")).all()
    assert GOOD["name"] in names
    assert "Мадина" not in names


def test_a_group_that_does_not_fit_waits_as_a_whole(client, db):
    make_registration(db, make_event(db, slug="small", capacity=2))
    assert send(client, **GROUP, wait="1").status_code == 303
    assert set(db.scalars(select(Registration.name).where(Registration.state == "waiting"))) == {GOOD["name"], "Мадина"}


def test_a_group_of_three_for_two_seats_is_asked_to_remove_a_guest(client, db):
    make_registration(db, make_event(db, slug="small", capacity=3, waiting_list=False))
    answer = send(client, **GROUP, **{"companion.2.name": "Шариф"})
    assert "2 seats are left, and your group needs 3." in answer.text
    assert "Clear the names of some guests" in answer.text
    assert 'name="alone"' not in answer.text
    assert 'name="wait"' not in answer.text


def test_a_group_is_told_of_the_seats_of_its_ticket_type_only(client, db):
    ticket_types = [TicketType(title={"en": "Participant"}, capacity=2), TicketType(title={"en": "Listener"})]
    event = make_event(db, slug="small", ticket_types=ticket_types)
    make_registration(db, event)
    answer = send(client, **GROUP, ticket_type=str(event.ticket_types[0].id))
    assert "1 seat is left" in answer.text


def test_a_group_without_any_seat_left_is_told_so(client, db):
    event = make_event(db, slug="small", capacity=2)
    make_registration(db, event)
    make_registration(db, event)
    answer = send(client, **GROUP)
    assert "no longer enough free seats" in answer.text
    assert 'name="alone"' not in answer.text


@pytest.mark.parametrize(
    ("capacity", "wrong", "words"),
    [
        (1, "companion.1.name", "There is only one seat in all"),
        (2, "companion.3.name", "you can bring at most 1 guest."),
        (3, "companion.4.name", "you can bring at most 2 guests."),
    ],
)
def test_a_group_that_can_never_fit_has_an_error_at_the_first_guest_without_a_seat(client, db, capacity, wrong, words):
    event = make_event(db, slug="small", capacity=capacity)
    for _ in range(capacity):
        make_registration(db, event)
    guests = {f"companion.{number}.name": f"Мадина {number}" for number in (1, 3, 4)}
    answer = send(client, slug="small", wait="1", **guests)
    assert (answer.status_code, count(db)) == (422, capacity)
    error = re.search(rf'<p class="error" id="{wrong}-error">([^<]*)</p>', answer.text)
    assert error
    assert words in error[1]
    assert answer.text.count('class="error"') == 1
    assert re.search(rf'<input id="{wrong}"[^>]*aria-invalid="true"', answer.text)


@pytest.mark.parametrize(("capacity", "fields"), [(1, 0), (2, 1), (4, 3), (None, 3)])
def test_the_form_asks_for_as_many_guests_as_could_ever_come(client, db, capacity, fields):
    make_event(db, slug="small", capacity=capacity)
    page = client.get("/en/e/small").text
    assert page.count('id="companion.') == fields
    assert ("Bring guests" in page) == bool(fields)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"opens_at": datetime(2090, 1, 1, 4, tzinfo=UTC)}, "Registration opens: Sunday 1 January 2090"),
        ({"closes_at": datetime(2020, 1, 1, tzinfo=UTC)}, "Registration is closed."),
        ({"doors_closed_at": datetime(2026, 1, 1, tzinfo=UTC)}, "Registration is closed."),
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
