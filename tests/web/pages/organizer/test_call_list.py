"""Whom no mail reaches with what they must know: counted, listed to be called, with what to say."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import clock, i18n, outbox
from shared.config import Settings
from shared.models import Account, Event, OutboxMessage, Registration
from shared.operations import events, organizer_registrations, registrations
from shared.queries import call_list
from shared.wording import cancelled_by_organizer, session_in_words, short_code, when
from tests.conftest import Statements
from tests.factories import make_account, make_event, make_registration, make_sign_in, move_event
from worker.deliveries import prepare
from worker.email_message import Skipped

PHONE = "+992918123456"


@pytest.fixture
def event(db: Session) -> Event:
    """An event in a week, of three seats."""
    return make_event(db, capacity=3)


@pytest.fixture
def silent(db: Session, event: Event) -> Registration:
    """Somebody with a place and a number, and no address."""
    return make_registration(db, event, name="Ҷаҳонгир", email=None, phone=PHONE, contact_key=PHONE)


def listed(organizer: FlaskClient, event: Event) -> str:
    return organizer.get(f"/organize/events/{event.id}/mailings/unreached").text


def names(db: Session, event: Event) -> list[str]:
    db.expire_all()
    return [one.about.name for one in call_list.listed(db, event=event, limit=99, offset=0)]


def waiting(db: Session, event: Event, **given: Any) -> Registration:
    state = {"state": "waiting", "code": None, "confirmed_at": None, "waited_at": clock.now()}
    return make_registration(db, event, **{**state, **given})


def settle(db: Session, registration: Registration, kind: str, **values: Any) -> None:
    """What became of somebody's mail."""
    owed = OutboxMessage.subject == registration.id, OutboxMessage.kind == kind
    assert db.scalars(update(OutboxMessage).where(*owed).values(values).returning(OutboxMessage.id)).all()


def test_of_a_cancelled_event_who_gave_no_address_is_to_be_called(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration, settings: Settings
) -> None:
    make_registration(db, event, name="Мадина")
    make_registration(db, make_event(db), email=None, phone="+992918000000", contact_key="x")
    events.cancel(db, event=event, because={"tg": "Толор банд аст."})
    for outcome in (None, "skipped: no address"):
        if outcome:
            owed = db.scalars(select(OutboxMessage).where(OutboxMessage.subject == silent.id)).one()
            assert prepare(db, owed, settings) == Skipped(outcome.removeprefix("skipped: "))
            outbox.finish(db, owed.id, outcome)
        page = listed(organizer, event)
        assert re.findall(r'href="tel:([^"]+)"', page) == [PHONE]
        assert "Мадина" not in page
        assert "There is no one to call." not in page
        assert "Event cancelled: gave no address" in page
        text = page.split('class="letter-text" lang="tg"')[1].split("</pre>")[0]
        for words in ("Салом, Ҷаҳонгир.", "Шоми суханронӣ", "Толор банд аст.", f"/tg/e/{event.slug}"):
            assert words in text
    for address in ("", "mailings/"):
        page = organizer.get(f"/organize/events/{event.id}/{address}").text
        assert "Email does not reach 1 person who needs to be told something important." in page
        assert f"/organize/events/{event.id}/mailings/unreached" in page
    assert "/mailings/unreached" in organizer.get(f"/organize/events/{event.id}/edit/").text


def test_while_nobody_is_to_be_called_nothing_is_said(
    organizer: FlaskClient, event: Event, silent: Registration
) -> None:
    assert "There is no one to call." in listed(organizer, event)
    for address in ("", "mailings/"):
        assert "No mail reaches" not in organizer.get(f"/organize/events/{event.id}/{address}").text


def test_of_what_is_over_the_overview_is_silent(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    events.announce_change(db, event=event, changed=["time"])
    assert "No mail reaches" in organizer.get(f"/organize/events/{event.id}/").text
    for name in ("starts_local", "ends_local", "starts_at", "ends_at"):
        setattr(event, name, getattr(event, name) - timedelta(days=14))
    db.flush()
    assert "No mail reaches" not in organizer.get(f"/organize/events/{event.id}/").text


def test_a_change_is_told_with_how_it_is_now_once_however_often_it_changed(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    for _ in range(2):
        events.announce_change(db, event=event, changed=["place"])
    page = listed(organizer, event)
    assert page.count('class="call"') == call_list.count(db, event=event) == 1
    assert "Event changed: gave no address" in page
    with i18n.use_language("tg"):
        code = i18n.gettext("email.short_code", code=short_code(silent))
    assert f"Ҷаҳонгир: {code}" in page


def test_a_new_time_is_told_with_the_one_before(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    with i18n.use_language("tg"):
        told = i18n.gettext("common.previously", fact=when(event))
    assert event.starts_local is not None
    for day in (1, 2):
        starts = event.starts_local + timedelta(days=day)
        move_event(db, event, starts=starts, ends=starts + timedelta(hours=1))
    page = listed(organizer, event)
    assert f"\n{told}\n" in page
    assert page.count(told.partition(":")[0]) == 1


def sms_of(page: str) -> tuple[str, str]:
    """What the only SMS of a page says, and the link at its end."""
    [address] = re.findall(r'href="sms:[^?"]*\?body=([^"]*)"', page)
    text, _, link = unquote(address).rpartition("\n")
    return text, link


def test_an_sms_says_in_short_what_is_new_how_it_was_and_the_code(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    with i18n.use_language("tg"):
        told = [i18n.gettext("common.event_changed_sentence"), "Шоми суханронӣ"]
        before = i18n.gettext("common.previously", fact=when(event))
        code = i18n.gettext("email.short_code", code=short_code(silent))
    assert event.starts_local is not None
    starts = event.starts_local + timedelta(days=1)
    move_event(db, event, starts=starts, ends=starts + timedelta(hours=1))
    with i18n.use_language("tg"):
        told += [when(event), before, code]
    text, link = sms_of(listed(organizer, event))
    assert text.split("\n") == told
    assert "/tg/r/" in link


@pytest.mark.parametrize("private", [False, True])
def test_an_sms_of_a_cancelled_event_says_that_and_no_code(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration, private: bool
) -> None:
    event.private = private
    events.cancel(db, event=event, because={"tg": "Толор банд аст."})
    with i18n.use_language("tg"):
        told = i18n.gettext("common.event_cancelled_sentence") if private else "Бекор шуд: Шоми суханронӣ"
        told_when = when(event)
    text, _ = sms_of(listed(organizer, event))
    assert text.split("\n")[:2] == [told, told_when]
    assert ("суханронӣ" in text, short_code(silent) in text) == (not private, False)


def test_an_sms_says_that_a_place_is_taken(
    organizer: FlaskClient, db: Session, event: Event, account: Account, silent: Registration
) -> None:
    organizer_registrations.cancel(db, event=event, ids=[silent.id], by=account)
    with i18n.use_language("tg"):
        told = [cancelled_by_organizer(silent), "Шоми суханронӣ", when(event)]
    assert sms_of(listed(organizer, event))[0].split("\n") == told


def test_a_part_that_changed_is_told_with_its_time_and_room(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    [part] = event.sessions
    events.announce_change(db, event=event, changed=["programme"], session=part)
    assert "Қисми 1: " not in listed(organizer, event)
    part.place = {"tg": "Толори 2"}
    with i18n.use_language("tg"):
        told = f"{when(event)}\n{session_in_words(part, event)}\n"
    assert told.endswith(", Толори 2\n")
    assert told in listed(organizer, event)
    events.cancel(db, event=event, because={})
    assert "Толори 2" not in listed(organizer, event)


def test_who_is_given_a_seat_after_waiting_is_told_and_who_signed_up_knows(
    organizer: FlaskClient, db: Session, event: Event, account: Account, silent: Registration
) -> None:
    outbox.enqueue(db, "registration_confirmed", subject=silent.id)
    patient = waiting(db, event, name="Фирӯза", email=None, contact_key="x")
    organizer_registrations.promote(db, event=event, ids=[patient.id], by=account)
    assert patient.state == "confirmed"
    assert names(db, event) == ["Фирӯза"]
    page = listed(organizer, event)
    assert "Ticket: gave no address" in page
    assert "no phone number" in page
    organizer_registrations.cancel(db, event=event, ids=[patient.id], by=account)
    page = listed(organizer, event)
    assert "Place cancelled: gave no address" in page
    assert "Ticket:" not in page


@pytest.mark.parametrize("waited", [True, False])
def test_who_only_waited_is_told_what_the_mail_would_say_and_of_no_place(
    organizer: FlaskClient, db: Session, event: Event, account: Account, silent: Registration, waited: bool
) -> None:
    one = waiting(db, event, email=None, contact_key="x") if waited else silent
    organizer_registrations.cancel(db, event=event, ids=[one.id], by=account)
    page = listed(organizer, event)
    with i18n.use_language("tg"):
        sentences = [i18n.gettext(f"The organizer has cancelled your {what}.") for what in ("place", "registration")]
        assert cancelled_by_organizer(one) == sentences[waited]
    assert [sentence in page for sentence in sentences] == [not waited, waited]


def test_of_a_cancelled_event_who_lost_the_place_before_hears_that_too(
    organizer: FlaskClient, db: Session, event: Event, account: Account, silent: Registration
) -> None:
    organizer_registrations.cancel(db, event=event, ids=[silent.id], by=account)
    assert "\nШоми суханронӣ\n" in listed(organizer, event)
    events.cancel(db, event=event, because={})
    assert "\nБекор шуд: Шоми суханронӣ\n" in listed(organizer, event)


def test_who_gives_the_place_back_need_not_be_called(db: Session, event: Event, silent: Registration) -> None:
    events.announce_change(db, event=event, changed=["time"])
    assert names(db, event) == ["Ҷаҳонгир"]
    registrations.cancel(db, registration_id=silent.id, by="self")
    assert names(db, event) == []


def test_who_is_refused_by_the_mail_server_is_called_until_a_later_mail_arrives(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    one = make_registration(db, event, name="Мадина")
    outbox.enqueue(db, "registration_confirmed", subject=one.id)
    assert names(db, event) == []
    settle(db, one, "registration_confirmed", dead_at=clock.now(), outcome="SMTPRecipientsRefused: x")
    assert names(db, event) == ["Мадина"]
    assert "Ticket: The mail server does not accept this address." in listed(organizer, event)
    outbox.enqueue(db, "ticket_again", subject=one.id)
    assert names(db, event) == ["Мадина"]
    settle(db, one, "ticket_again", finished_at=clock.now(), outcome="sent")
    assert names(db, event) == []


def test_an_offer_that_was_not_mailed_is_told_while_it_lasts(organizer: FlaskClient, db: Session, event: Event) -> None:
    deadline = clock.now() + timedelta(hours=3)
    one = waiting(db, event, state="offered", deadline=deadline)
    outbox.enqueue(db, "seat_offered", subject=one.id)
    settle(db, one, "seat_offered", dead_at=clock.now(), outcome="SMTPRecipientsRefused: x")
    assert names(db, event) == [one.name]
    assert "Seat offered: " in listed(organizer, event)
    db.execute(update(Registration).where(Registration.id == one.id).values(state="waiting", deadline=None))
    assert names(db, event) == []


def test_a_companion_is_called_at_the_hosts_number(
    organizer: FlaskClient, db: Session, event: Event, account: Account, silent: Registration
) -> None:
    guest = make_registration(db, event, host_id=silent.id, name="Сорбон", email=None, contact_key=None)
    organizer_registrations.cancel(db, event=event, ids=[guest.id], by=account)
    page = listed(organizer, event)
    assert names(db, event) == ["Сорбон"]
    assert re.findall(r'href="tel:([^"]+)"', page) == [PHONE]
    assert "Салом, Ҷаҳонгир." in page


@pytest.mark.parametrize("news", ["cancelled", "changed"])
def test_the_list_is_turned_and_costs_the_same_for_any_number(
    organizer: FlaskClient, db: Session, event: Event, statements: Statements, news: str
) -> None:
    event.capacity = event.ticket_types[0].capacity = None
    for number in range(52):
        make_registration(db, event, email=None, phone=f"+99291812{number:04}", contact_key=f"{number}")
    if news == "cancelled":
        events.cancel(db, event=event, because={})
    else:
        event.sessions[0].place = {"tg": "Толори 2"}
        events.announce_change(db, event=event, changed=["programme"])
    db.flush()
    db.expire_all()
    with statements() as seen:
        first = listed(organizer, event)
    assert first.count('class="call"') == 50
    assert organizer.get(f"/organize/events/{event.id}/mailings/unreached?page=2").text.count('class="call"') == 2
    assert len(seen) <= 11


def test_viewers_call_nobody(client: FlaskClient, db: Session, event: Event, silent: Registration) -> None:
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, organization=event.organization, role="viewer")))
    events.cancel(db, event=event, because={})
    assert "No mail reaches" not in client.get(f"/organize/events/{event.id}/").text
    assert client.get(f"/organize/events/{event.id}/mailings/unreached").status_code == 403
