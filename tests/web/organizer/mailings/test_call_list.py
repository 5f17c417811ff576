"""Attendees without a working email address at important news: counted, and listed with a number and a message."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import clock, i18n
from shared.config import Settings
from shared.events import announcements
from shared.mailings import call_list
from shared.models import Account, Event, FailureReason, OutboxMessage, Registration
from shared.outbox import outbox
from shared.registrations import organizer_registrations, self_service
from shared.wording import cancelled_by_organizer, session_in_words, short_code, when
from tests.conftest import Statements
from tests.factories import make_account, make_event, make_registration, make_sign_in, move_event
from worker.deliveries import prepare
from worker.email_message import Skipped

PHONE = "+992918123456"
REFUSED = {"dead_at": clock.now(), "outcome": "", "failure": FailureReason.ADDRESS_REFUSED}


@pytest.fixture
def event(db: Session) -> Event:
    """An event in a week, with three seats."""
    return make_event(db, capacity=3)


@pytest.fixture
def silent(db: Session, event: Event) -> Registration:
    """A registration with a phone number and no email address."""
    return make_registration(db, event, name="Ҷаҳонгир", email=None, phone=PHONE, contact_key=PHONE)


def listed(organizer: FlaskClient, event: Event) -> str:
    return organizer.get(f"/organize/events/{event.id}/mailings/unreached").text


def names(db: Session, event: Event) -> list[str]:
    db.expire_all()
    return [person.about.name for person in call_list.listed(db, event=event, limit=99, offset=0)]


def waiting(db: Session, event: Event, **values: Any) -> Registration:
    state = {"state": "waiting", "code": None, "confirmed_at": None, "waited_at": clock.now()}
    return make_registration(db, event, **{**state, **values})


def settle(db: Session, registration: Registration, kind: str, **values: Any) -> None:
    """Record the outcome of a registration's email."""
    messages = OutboxMessage.subject == registration.id, OutboxMessage.kind == kind
    assert db.scalars(update(OutboxMessage).where(*messages).values(values).returning(OutboxMessage.id)).all()


def test_a_person_without_email_is_listed_when_the_event_is_cancelled(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration, settings: Settings
) -> None:
    make_registration(db, event, name="Мадина")
    make_registration(db, make_event(db), email=None, phone="+992918000000", contact_key="x")
    announcements.cancel(db, event=event, because={"tg": "Толор банд аст."}, by=make_account(db))
    for outcome in (None, "skipped: no address"):
        if outcome:
            owed = db.scalars(select(OutboxMessage).where(OutboxMessage.subject == silent.id)).one()
            assert prepare(db, owed, settings) == Skipped(outcome.removeprefix("skipped: "))
            outbox.finish(db, owed.id, outcome)
        page = listed(organizer, event)
        assert re.findall(r'href="tel:([^"]+)"', page) == [PHONE]
        assert "Мадина" not in page
        assert "There is no one to call." not in page
        assert "Event cancelled: no email address" in page
        text = page.split('class="letter-text" lang="tg"')[1].split("</pre>")[0]
        for words in ("Салом, Ҷаҳонгир.", "Шоми суханронӣ", "Толор банд аст.", f"/tg/e/{event.slug}"):
            assert words in text
    for address in ("", "mailings/"):
        page = organizer.get(f"/organize/events/{event.id}/{address}").text
        assert "Email does not reach 1 person who needs to be told something important." in page
        assert f"/organize/events/{event.id}/mailings/unreached" in page
    assert "/mailings/unreached" in organizer.get(f"/organize/events/{event.id}/edit/").text


def test_an_empty_list_is_not_announced(organizer: FlaskClient, event: Event, silent: Registration) -> None:
    assert "There is no one to call." in listed(organizer, event)
    for address in ("", "mailings/"):
        assert "Email does not reach" not in organizer.get(f"/organize/events/{event.id}/{address}").text


def test_the_overview_of_an_event_that_is_over_announces_no_list(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    announcements.announce_change(db, event=event, changed=["time"])
    assert "Email does not reach" in organizer.get(f"/organize/events/{event.id}/").text
    for name in ("starts_local", "ends_local", "starts_at", "ends_at"):
        setattr(event, name, getattr(event, name) - timedelta(days=14))
    db.flush()
    assert "Email does not reach" not in organizer.get(f"/organize/events/{event.id}/").text


def test_repeated_changes_are_listed_once_with_the_current_facts(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    for _ in range(2):
        announcements.announce_change(db, event=event, changed=["place"])
    page = listed(organizer, event)
    assert page.count('class="call"') == call_list.count(db, event=event) == 1
    assert "Event changed: no email address" in page
    with i18n.use_language("tg"):
        code = i18n.gettext("email.short_code", code=short_code(silent))
    assert f"Ҷаҳонгир: {code}" in page


def test_a_new_time_is_listed_with_the_previous_one(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    with i18n.use_language("tg"):
        expected = i18n.gettext("common.previously", fact=when(event))
    assert event.starts_local is not None
    for day in (1, 2):
        starts = event.starts_local + timedelta(days=day)
        move_event(db, event, starts=starts, ends=starts + timedelta(hours=1))
    page = listed(organizer, event)
    assert f"\n{expected}\n" in page
    assert page.count(expected.partition(":")[0]) == 1


def sms_of(page: str) -> tuple[str, str]:
    """Return the text of the only SMS of a page, and the link at its end."""
    [address] = re.findall(r'href="sms:[^?"]*\?body=([^"]*)"', page)
    text, _, link = unquote(address).rpartition("\n")
    return text, link


def test_an_sms_has_the_news_the_previous_time_and_the_code(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    with i18n.use_language("tg"):
        expected = [i18n.gettext("common.event_changed_sentence"), "Шоми суханронӣ"]
        before = i18n.gettext("common.previously", fact=when(event))
        code = i18n.gettext("email.short_code", code=short_code(silent))
    assert event.starts_local is not None
    starts = event.starts_local + timedelta(days=1)
    move_event(db, event, starts=starts, ends=starts + timedelta(hours=1))
    with i18n.use_language("tg"):
        expected += [when(event), before, code]
    text, link = sms_of(listed(organizer, event))
    assert text.split("\n") == expected
    assert "/tg/r/" in link


@pytest.mark.parametrize("private", [False, True])
def test_an_sms_of_a_cancelled_event_says_that_and_no_code(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration, private: bool
) -> None:
    event.private = private
    announcements.cancel(db, event=event, because={"tg": "Толор банд аст."}, by=make_account(db))
    with i18n.use_language("tg"):
        expected = i18n.gettext("common.event_cancelled_sentence") if private else "Бекор шуд: Шоми суханронӣ"
        time = when(event)
    text, _ = sms_of(listed(organizer, event))
    assert text.split("\n")[:2] == [expected, time]
    assert ("суханронӣ" in text, short_code(silent) in text) == (not private, False)


def test_an_sms_says_that_a_registration_is_cancelled(
    organizer: FlaskClient, db: Session, event: Event, account: Account, silent: Registration
) -> None:
    organizer_registrations.cancel(db, event=event, ids=[silent.id], by=account)
    with i18n.use_language("tg"):
        expected = [cancelled_by_organizer(silent), "Шоми суханронӣ", when(event)]
    assert sms_of(listed(organizer, event))[0].split("\n") == expected


def test_a_changed_session_is_listed_with_its_time_and_room(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    [session] = event.sessions
    announcements.announce_change(db, event=event, changed=["programme"], session=session)
    assert "Қисми 1: " not in listed(organizer, event)
    session.place = {"tg": "Толори 2"}
    with i18n.use_language("tg"):
        expected = f"{when(event)}\n{session_in_words(session, event)}\n"
    assert expected.endswith(", Толори 2\n")
    assert expected in listed(organizer, event)
    announcements.cancel(db, event=event, because={}, by=make_account(db))
    assert "Толори 2" not in listed(organizer, event)


def test_a_promoted_attendee_is_listed_and_a_registered_one_is_not(
    organizer: FlaskClient, db: Session, event: Event, account: Account, silent: Registration
) -> None:
    outbox.enqueue(db, "registration_confirmed", subject=silent.id)
    patient = waiting(db, event, name="Фирӯза", email=None, contact_key="x")
    organizer_registrations.promote(db, event=event, ids=[patient.id], by=account)
    assert patient.state == "confirmed"
    assert names(db, event) == ["Фирӯза"]
    page = listed(organizer, event)
    assert "Ticket: no email address" in page
    assert "no phone number" in page
    organizer_registrations.cancel(db, event=event, ids=[patient.id], by=account)
    page = listed(organizer, event)
    assert "Registration cancelled by organizer: no email address" in page
    assert "Ticket:" not in page


@pytest.mark.parametrize("waited", [True, False])
def test_the_text_about_a_cancelled_registration_mentions_a_ticket_only_where_there_was_one(
    organizer: FlaskClient, db: Session, event: Event, account: Account, silent: Registration, waited: bool
) -> None:
    registration = waiting(db, event, email=None, contact_key="x") if waited else silent
    organizer_registrations.cancel(db, event=event, ids=[registration.id], by=account)
    page = listed(organizer, event)
    with i18n.use_language("tg"):
        sentences = [i18n.gettext("email.organizer_cancelled_with_ticket"), i18n.gettext("email.organizer_cancelled")]
        assert cancelled_by_organizer(registration) == sentences[waited]
    assert [f"\n{sentence}\n" in page for sentence in sentences] == [not waited, waited]


def test_an_earlier_cancelled_attendee_is_told_that_the_event_is_cancelled(
    organizer: FlaskClient, db: Session, event: Event, account: Account, silent: Registration
) -> None:
    organizer_registrations.cancel(db, event=event, ids=[silent.id], by=account)
    assert "\nШоми суханронӣ\n" in listed(organizer, event)
    announcements.cancel(db, event=event, because={}, by=make_account(db))
    assert "\nБекор шуд: Шоми суханронӣ\n" in listed(organizer, event)


def test_an_attendee_who_cancels_is_not_listed(db: Session, event: Event, silent: Registration) -> None:
    announcements.announce_change(db, event=event, changed=["time"])
    assert names(db, event) == ["Ҷаҳонгир"]
    self_service.cancel(db, registration_id=silent.id, by="self")
    assert names(db, event) == []


def test_a_refused_address_is_listed_until_a_later_email_is_sent(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    registration = make_registration(db, event, name="Мадина")
    outbox.enqueue(db, "registration_confirmed", subject=registration.id)
    assert names(db, event) == []
    settle(
        db,
        registration,
        "registration_confirmed",
        dead_at=clock.now(),
        outcome="",
        failure=FailureReason.ADDRESS_REFUSED,
    )
    assert names(db, event) == ["Мадина"]
    assert "Ticket: The email server does not accept this address." in listed(organizer, event)
    outbox.enqueue(db, "ticket_again", subject=registration.id)
    assert names(db, event) == ["Мадина"]
    settle(db, registration, "ticket_again", finished_at=clock.now(), outcome="sent")
    assert names(db, event) == []


def test_an_offer_that_was_not_emailed_is_listed_until_its_deadline(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    deadline = clock.now() + timedelta(hours=3)
    registration = waiting(db, event, state="offered", deadline=deadline)
    outbox.enqueue(db, "seat_offered", subject=registration.id)
    settle(db, registration, "seat_offered", **REFUSED)
    assert names(db, event) == [registration.name]
    assert "Seat offered: " in listed(organizer, event)
    db.execute(update(Registration).where(Registration.id == registration.id).values(state="waiting", deadline=None))
    assert names(db, event) == []


def test_a_guest_is_called_at_the_hosts_number(
    organizer: FlaskClient, db: Session, event: Event, account: Account, silent: Registration
) -> None:
    guest = make_registration(db, event, host_id=silent.id, name="Сорбон", email=None, contact_key=None)
    organizer_registrations.cancel(db, event=event, ids=[guest.id], by=account)
    page = listed(organizer, event)
    assert names(db, event) == ["Сорбон"]
    assert re.findall(r'href="tel:([^"]+)"', page) == [PHONE]
    assert "Салом, Ҷаҳонгир." in page


@pytest.mark.parametrize("news", ["cancelled", "changed"])
def test_the_list_has_pages_and_needs_the_same_statements_for_any_number(
    organizer: FlaskClient, db: Session, event: Event, statements: Statements, news: str
) -> None:
    event.capacity = event.ticket_types[0].capacity = None
    for number in range(52):
        make_registration(db, event, email=None, phone=f"+99291812{number:04}", contact_key=f"{number}")
    if news == "cancelled":
        announcements.cancel(db, event=event, because={}, by=make_account(db))
    else:
        event.sessions[0].place = {"tg": "Толори 2"}
        announcements.announce_change(db, event=event, changed=["programme"])
    db.flush()
    db.expire_all()
    with statements() as executed:
        first = listed(organizer, event)
    assert first.count('class="call"') == 50
    assert organizer.get(f"/organize/events/{event.id}/mailings/unreached?page=2").text.count('class="call"') == 2
    assert len(executed) <= 11


def test_viewers_have_no_list_to_call(client: FlaskClient, db: Session, event: Event, silent: Registration) -> None:
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, organization=event.organization, role="viewer")))
    announcements.cancel(db, event=event, because={}, by=make_account(db))
    assert "Email does not reach" not in client.get(f"/organize/events/{event.id}/").text
    assert client.get(f"/organize/events/{event.id}/mailings/unreached").status_code == 403
