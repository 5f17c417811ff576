"""A program in one network against an event's seats and its waiting list, and an evening that resembles one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, OutboxMessage, Registration, TicketType
from shared.registrations import new_registration, self_service, waiting_list
from shared.registrations.seat_holds import HOLD_FOR_ORGANIZER_LASTS, HOLD_LASTS
from tests.factories import SECRET, make_event, make_registration
from tests.support.registration_form import FIRST, own_address, send
from web import form_tokens
from web.limits import Limiter
from web.visitor import registration_limits


@pytest.fixture
def network(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A browser of a public installation without any counts yet: its keys are its own."""
    resources = app.extensions["turnout"]
    limiter = Limiter(resources.settings.redis_url, uuid4().bytes)
    monkeypatch.setitem(app.extensions, "turnout", replace(resources, limiter=limiter))
    return client


@pytest.fixture
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as moment:
        yield moment


def party(number: int, size: int = 5) -> dict[str, Any]:
    return {
        "email": f"made-up-{number}@example.org",
        **{f"companion.{guest}.name": f"Guest {guest}" for guest in range(1, size)},
    }


def stamped(moment: time_machine.Traveller) -> str:
    """Return the hidden field of a page that was opened as long ago as filling it in takes."""
    once = form_tokens.issue(SECRET)
    moment.shift(2)
    return once


def states(db: Session) -> Counter[str]:
    return Counter(db.scalars(select(Registration.state)))


def kinds(db: Session) -> Counter[str]:
    return Counter(db.scalars(select(OutboxMessage.kind)))


@pytest.fixture
def event_of_two_types(db: Session) -> tuple[int, int]:
    """A large ticket type and a small one; their ids."""
    event = make_event(db, slug="talks", capacity=100)
    large, small = event.ticket_types[0], TicketType(event_id=event.id, title={"en": "Front row"}, capacity=8)
    large.capacity = 100
    db.add(small)
    db.flush()
    db.expire_all()
    return large.id, small.id


# Seats ----------------------------------------------------------------------------------------------------------------


def test_a_program_confirms_a_small_share_and_holds_at_most_half_for_half_an_hour(network, db, moment):
    event = make_event(db, slug="talks", capacity=30)
    answers = [send(network, **party(number)).status_code for number in range(6)]
    assert answers == [303] * 4 + [409] * 2
    assert states(db) == {"confirmed": 5, "unconfirmed": 15}
    held_seats = db.scalars(select(Registration).where(Registration.held)).all()
    assert {registration.deadline for registration in held_seats} == {clock.now() + HOLD_LASTS}
    assert kinds(db) == {"registration_confirmed": 1, "please_confirm": 3}
    moment.shift(HOLD_LASTS)
    waiting_list.lapse(db, event_id=event.id, now=clock.now())
    db.refresh(event)
    assert (event.taken, states(db)) == (5, {"confirmed": 5, "cancelled": 15})


def test_a_program_that_loads_each_page_confirms_half_at_most(network, db, moment):
    make_event(db, slug="talks", capacity=30)
    statuses = [send(network, once=stamped(moment), **party(number)).status_code for number in range(6)]
    assert statuses == [303] * 6
    assert states(db) == {"confirmed": 15, "unconfirmed": 15}


def test_a_page_that_is_sent_too_often_counts_as_a_programs(network, db, moment):
    make_event(db, slug="talks", capacity=100)
    once = stamped(moment)
    answers = [send(network, once=once, email=f"made-up-{number}@example.org").status_code for number in range(21)]
    assert answers == [303] * 20 + [429]
    assert states(db) == {"confirmed": 10, "unconfirmed": 10}


def test_programs_of_many_networks_share_a_fifth_of_an_event(network, db):
    make_event(db, slug="talks", capacity=100)
    for number in range(12):
        address = {"REMOTE_ADDR": f"192.0.2.{number}"}
        network.post("/en/e/talks/registrations", data={"name": "Ann", **party(number, 2)}, environ_base=address)
    assert states(db) == {"confirmed": 20, "unconfirmed": 4}


def test_at_most_half_of_a_small_ticket_type_is_held(network, db, event_of_two_types):
    large, small = event_of_two_types
    for number in range(4):
        send(network, ticket_type=str(large), **party(number))
    statuses = [send(network, ticket_type=str(small), **party(9 + number, 3)).status_code for number in range(3)]
    assert statuses == [303, 409, 409]
    ticket_types = select(Registration.ticket_type_id).where(Registration.held)
    assert Counter(db.scalars(ticket_types)) == {large: 10, small: 3}


def test_the_answer_to_a_held_registration_does_not_open_it(network, db, moment):
    make_event(db, slug="talks", capacity=10)
    send(network, **party(0))
    answer = send(network, **party(1, 1))
    stored = db.scalars(select(Registration).where(Registration.held)).one()
    until = int(stored.deadline.timestamp())
    assert (answer.status_code, answer.location) == (303, f"/en/e/talks/sent?until={until}")
    assert "places=" not in answer.headers.get("Set-Cookie", "")
    page = network.get(answer.location).text
    assert "Your seat is held until" in page
    assert stored.name not in page
    assert f"/tg/e/talks/sent?until={until}" in page


def test_the_same_form_sent_again_does_not_open_it_either(network, db):
    make_event(db, slug="talks", capacity=10)
    send(network, **party(0))
    first, again = (send(network, once=FIRST, **party(1, 1)) for _ in range(2))
    assert first.location == again.location
    assert "until=" in again.location


@pytest.mark.parametrize("until", ["1", "9" * 400, "x", "-5"])
def test_a_deadline_in_an_address_is_ignored_unless_it_is_near(network, db, until):
    make_event(db, slug="talks")
    assert "is held until" not in network.get(f"/en/e/talks/sent?until={until}").text


def test_a_held_seat_is_confirmed_with_the_link_in_the_email(network, db):
    make_event(db, slug="talks", capacity=10)
    send(network, **party(0))
    send(network, **party(1, 2))
    host = db.scalars(select(Registration).where(Registration.held, Registration.host_id.is_(None))).one()
    assert "A seat is held for you until" in network.get(own_address(host)).text
    assert network.post(f"{own_address(host)}/confirm").location.endswith("?said=confirmed")
    db.expire_all()
    assert (states(db), db.scalar(select(func.count()).where(Registration.held))) == ({"confirmed": 7}, 0)


def test_a_phone_number_is_confirmed_by_the_organizer_alone(network, db, moment):
    event = make_event(db, slug="talks", capacity=10, starts_at=clock.now() + timedelta(days=9))
    send(network, **party(0))
    answer = send(network, email="", phone="93 123 45 67")
    stored = db.scalars(select(Registration).where(Registration.held)).one()
    assert answer.location == own_address(stored)
    assert stored.deadline == clock.now() + HOLD_FOR_ORGANIZER_LASTS
    page = network.get(answer.location).text
    assert "the organizer confirms each one that has no email address" in page
    assert "/confirm" not in page
    assert network.post(f"{own_address(stored)}/confirm").location.endswith("?said=organizer")
    db.expire_all()
    assert (stored.state, event.taken) == ("unconfirmed", 6)


def test_an_event_that_confirms_by_email_answers_the_same_and_holds_seats_for_less_time(network, db, moment):
    make_event(db, slug="quiet", capacity=30, private=True, starts_at=clock.now() + timedelta(days=9))
    answers = [send(network, slug="quiet", **party(number)) for number in range(6)]
    assert [answer.location for answer in answers[:4]] == ["/en/e/quiet/sent"] * 4
    assert [answer.status_code for answer in answers[4:]] == [409, 409]
    durations = Counter(deadline - clock.now() for deadline in db.scalars(select(Registration.deadline)))
    assert durations == {timedelta(hours=24): 5, HOLD_LASTS: 15}


def test_a_crowded_event_does_not_reveal_who_is_registered(network, db):
    make_event(db, slug="quiet", capacity=30, private=True)
    for number in range(6):
        send(network, slug="quiet", **party(number))
    known, unknown = (
        send(network, slug="quiet", email=email) for email in ("made-up-0@example.org", "new@example.org")
    )
    assert (known.status_code, unknown.status_code) == (409, 409)


# The waiting list -----------------------------------------------------------------------------------------------------


@pytest.fixture
def full(db: Session) -> Event:
    event = make_event(db, slug="talks", capacity=2)
    for _ in range(2):
        make_registration(db, event)
    return event


def test_beyond_its_share_a_network_does_not_fill_the_waiting_list(network, db, full):
    for number in range(100):
        send(network, wait="1", email=f"made-up-{number}@example.org")
    db.refresh(full)
    assert full.waiting == 5
    assert kinds(db)["joined_waiting_list"] == 5
    assert kinds(db)["please_confirm"] == 55


def test_a_late_confirmation_joins_the_end_of_the_waiting_list(network, db, full, moment):
    for number in range(5):
        send(network, wait="1", email=f"made-up-{number}@example.org")
    answer = send(network, wait="1", email="late@example.org", **{"companion.1.name": "Guest"})
    assert answer.location == "/en/e/talks/sent?waits=1"
    assert "You are not on the waiting list yet" in network.get(answer.location).text
    late = db.scalars(select(Registration).where(Registration.email == "late@example.org")).one()
    moment.shift(60)
    self_service.register(db, slug="talks", new_registration=waiting("honest@example.org"))
    moment.shift(60)
    page = network.get(own_address(late)).text
    assert "You are not on the waiting list yet" in page
    assert network.post(f"{own_address(late)}/confirm").location.endswith("?said=joined")
    db.expire_all()
    assert (late.state, full.waiting) == ("waiting", 8)
    assert "Your position on the waiting list: 7." in network.get(own_address(late)).text
    assert network.post(f"{own_address(late)}/confirm").location.endswith("?said=late")


def waiting(email: str) -> Any:
    return new_registration.NewRegistration(name="Honest", language="tg", email=email, once=None, wait=True)


def test_a_late_confirmation_gets_seats_that_are_free_by_then(network, db, full):
    for number in range(6):
        send(network, wait="1", email=f"made-up-{number}@example.org")
    late = db.scalars(select(Registration).where(Registration.held)).one()
    full.capacity = full.ticket_types[0].capacity = 10
    db.flush()
    assert network.post(f"{own_address(late)}/confirm").location.endswith("?said=confirmed")


@pytest.mark.parametrize("because", ["too late", "registered", "cancelled"])
def test_no_one_joins_the_waiting_list_late_twice_or_for_a_cancelled_event(network, db, full, moment, because):
    for number in range(6):
        send(network, wait="1", email=f"made-up-{number}@example.org")
    late = db.scalars(select(Registration).where(Registration.held)).one()
    if because == "too late":
        moment.shift(timedelta(hours=24))
    elif because == "registered":
        self_service.register(db, slug="talks", new_registration=waiting(late.email))
    else:
        full.state = "cancelled"
        db.flush()
    network.post(f"{own_address(late)}/confirm")
    db.expire_all()
    assert late.state == "cancelled"


def test_a_phone_number_that_cannot_confirm_is_refused_with_advice(network, db, full):
    for number in range(5):
        send(network, wait="1", email=f"made-up-{number}@example.org")
    answer = send(network, wait="1", email="", phone="93 123 45 67")
    assert answer.status_code == 409
    assert "Enter an email address so that you can confirm" in answer.text
    assert 'name="wait" value="1"' in answer.text


# An ordinary evening --------------------------------------------------------------------------------------------------


def test_three_hundred_people_register_through_one_address_in_ten_minutes(network, db, moment):
    make_event(db, slug="talks", capacity=300, starts_at=clock.now() + timedelta(days=1))
    answers: Counter[int] = Counter()
    for number in range(300):
        by_phone = {"email": "", "phone": f"93 {1000000 + number}"}
        typed = by_phone if number % 2 else {"email": f"guest{number}@example.org"}
        answers[send(network, once=stamped(moment), **typed).status_code] += 1
    assert answers == {303: 300}
    assert states(db) == {"confirmed": 300}


def test_a_teacher_registers_twenty_five_children_and_confirms_nothing(network, db, moment):
    make_event(db, slug="talks", capacity=60)
    for number in range(5):
        assert send(network, once=stamped(moment), **party(number)).status_code == 303
    assert states(db) == {"confirmed": 25}


def test_fifty_contacts_that_are_spelt_wrong_are_fifty_forms_to_correct(network, db, moment):
    make_event(db, slug="talks", capacity=300)
    answers = [send(network, once=stamped(moment), email=f"guest{number}@").status_code for number in range(50)]
    assert answers == [422] * 50


def test_with_limits_off_nothing_is_held(client, db):
    make_event(db, slug="talks", capacity=30)
    for number in range(6):
        send(client, **party(number))
    assert states(db) == {"confirmed": 30}


# Contacts and programs ------------------------------------------------------------------------------------------------

SPELLINGS = ("ann@example.org", "ANN@Example.ORG", "ann@ｅxample.org", "ａｎｎ＠example.org", " ann@example。org")


def test_a_contact_in_every_spelling_has_twenty_forms_an_hour(network, db):
    make_event(db, slug="talks", capacity=300)
    answers = [send(network, email=SPELLINGS[number % len(SPELLINGS)]) for number in range(21)]
    assert answers[20].status_code == 429
    assert "Try again in an hour." in answers[20].text
    assert 429 not in [answer.status_code for answer in answers[:20]]
    assert send(network, email="other@example.org").status_code == 303


def test_programs_have_a_rate_for_each_network_and_pages_of_ours_do_not(network, db, moment):
    make_event(db, slug="talks", capacity=1000)
    answers = [send(network, email=f"guest{number}@example.org").status_code for number in range(61)]
    assert (answers[59], answers[60]) == (303, 429)
    assert send(network, once=stamped(moment), email="person@example.org").status_code == 303


def test_programs_of_all_networks_have_a_ceiling(network, db, monkeypatch, moment):
    make_event(db, slug="talks", capacity=1000)
    ceiling = replace(registration_limits.ALL_PROGRAMS, count=2)
    limits = [limit for limit in registration_limits.LIMITS if limit is not registration_limits.ALL_PROGRAMS]
    route = network.application.view_functions["registration.register"]
    monkeypatch.setitem(
        network.application.view_functions, "registration.register", replace(route, limits=[*limits, ceiling])
    )
    statuses = [
        network.post(
            "/en/e/talks/registrations",
            data={"name": "Ann", "email": f"guest{number}@example.org"},
            environ_base={"REMOTE_ADDR": f"192.0.2.{number}"},
        ).status_code
        for number in range(3)
    ]
    assert statuses == [303, 303, 429]
    assert send(network, once=stamped(moment), email="person@example.org").status_code == 303


def test_nothing_in_redis_names_a_contact_or_a_network(network, db, settings):
    make_event(db, slug="talks", capacity=300)
    send(network, email="ann.secret@example.org")
    send(network, email="", phone="93 123 45 67")
    keys = b" ".join(Redis.from_url(settings.redis_url).scan_iter("limit:*"))
    assert b"limit:sign-up-contact:" in keys
    assert not any(known in keys for known in (b"ann.secret", b"example.org", b"127.0.0.1", b"992931234567", b"talks"))


def test_each_held_registration_is_counted_for_the_day(network, db, settings):
    make_event(db, slug="talks", capacity=10)
    tally = f"tally:{clock.now():%Y-%m-%d}"
    before = int(Redis.from_url(settings.redis_url).hget(tally, "registration_held") or 0)
    for number in range(2):
        send(network, **party(number))
    assert int(Redis.from_url(settings.redis_url).hget(tally, "registration_held")) > before
