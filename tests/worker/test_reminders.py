"""The text of a reminder, its recipients, and the moment when it is of no use any more."""

import re
from datetime import timedelta

import pytest
import time_machine

from tests.factories import make_days, make_registration
from tests.support.email_stories import STARTS, event_for
from tests.support.received_email import files, links_of, page_of, text_of
from tests.worker.conftest import enqueued_message
from worker.deliveries import prepare
from worker.email_message import Email, Skipped


def test_a_reminder_brings_the_ticket_once_more_and_the_way_out(db, tell):
    event = event_for(db, "reminder", bring={"en": "A laptop & a pen"})
    message = tell("reminder", event)
    assert message["Subject"].startswith("Reminder: An evening of talks, ")
    assert message["Subject"].endswith("18:00–20:00")
    for words in (text_of(message), page_of(message)):
        assert "National Library" in words
        assert "I cannot come" in words
    assert "What to bring: A laptop & a pen" in text_of(message)
    [code] = [name for name in files(message) if name.startswith("ticket-")]
    assert code.endswith(".png")
    assert "/en/r/" in links_of(message)[0]


@pytest.mark.parametrize(
    ("key", "before", "words"),
    [
        ("2d", timedelta(days=2), "The event is in two days."),
        ("2d", timedelta(days=1), "The event is tomorrow."),
        ("3h", timedelta(hours=3), "The event is today."),
    ],
)
def test_a_reminder_counts_the_days_when_it_goes_out(db, mailing, key, before, words):
    registration = make_registration(db, event_for(db, "reminder"), language="en")
    with time_machine.travel(STARTS - before, tick=False):
        mail = prepare(db, enqueued_message(db, registration, "reminder", key), mailing)
    assert isinstance(mail, Email)
    assert words in mail.text


def test_a_reminder_counts_the_days_to_the_session_of_the_ticket(db, mailing):
    event = make_days(db)
    sentences = []
    with time_machine.travel(event.starts_at - timedelta(days=1), tick=False):
        for kind in event.ticket_types:
            registration = make_registration(db, event, ticket_type_id=kind.id, language="en")
            mail = prepare(db, enqueued_message(db, registration, "reminder", "2d"), mailing)
            assert isinstance(mail, Email)
            sentences += re.findall("The event is .*", mail.text)
    assert sentences == ["The event is tomorrow.", "The event is in two days."]


def test_each_member_of_a_group_is_reminded_of_their_own_sessions(db, mailing):
    event = make_days(db)
    every, single = (kind.id for kind in event.ticket_types)
    host = make_registration(db, event, ticket_type_id=every, language="en")
    companion = make_registration(
        db, event, ticket_type_id=single, host_id=host.id, email=None, contact_key=None, short_code="7KQ2M4XZ"
    )
    for day, member in zip(event.sessions, (host, companion), strict=False):
        with time_machine.travel(day.starts_at - timedelta(days=1), tick=False):
            mail = prepare(db, enqueued_message(db, host, "reminder", f"2d {int(day.starts_at.timestamp())}"), mailing)
        assert isinstance(mail, Email)
        assert "The event is tomorrow." in mail.text
        assert [file.name for file in mail.inline[1:]] == [f"ticket-{member.short_code}.png"]


def test_the_early_reminder_is_void_once_the_late_one_is_due(db, mailing):
    registration = make_registration(db, event_for(db, "reminder"))
    with time_machine.travel(STARTS - timedelta(hours=3), tick=False):
        assert prepare(db, enqueued_message(db, registration, "reminder", "2d"), mailing) == Skipped("too late")
        assert isinstance(prepare(db, enqueued_message(db, registration, "reminder", "3h"), mailing), Email)
