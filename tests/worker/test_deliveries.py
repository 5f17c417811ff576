"""The email of each message kind: its facts as it arrives."""

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared import clock, links, tokens
from shared.config import Settings
from shared.events import announcements
from shared.models import Event, OutboxMessage, Registration
from shared.registrations import new_registration, self_service, waiting_list
from tests.factories import make_account, make_registration
from tests.support.email_server import Postbox
from tests.support.email_stories import (
    BECAUSE,
    KEYS,
    RECAP,
    STARTS,
    event_for,
    holding,
    lapsed,
    waiting,
)
from tests.support.received_email import entries_of, files, links_of, page_of, text_of
from tests.worker.conftest import Post, enqueued_message
from worker.deliveries import prepare
from worker.email_message import Skipped


def test_a_confirmation_is_asked_for_with_its_deadline_and_a_link_that_only_shows(tell, mailing: Settings):
    message = tell("please_confirm")
    assert message["Subject"] == "Confirm that you are coming: An evening of talks"
    assert f"4 December {STARTS.year}, 17:50, Dushanbe time" in text_of(message)
    [address] = links_of(message)
    assert address.startswith("https://turnout.example/en/r/")
    assert tokens.verify(mailing.secrets, "registration", address.rpartition("/")[2]) is not None


def asked_to_join(db: Session, event: Event, **who: Any) -> Registration:
    """Add a registration that must be confirmed before it waits, since its network had its share."""
    return lapsed(db, event, held=True, waited_at=clock.now(), **who)


def test_a_waiting_registration_beyond_a_share_must_be_confirmed_within_a_day(db, post: Post):
    registration = asked_to_join(db, event_for(db, "please_confirm"), language="en")
    message = post(registration, "please_confirm")
    assert "Confirm that you want to wait for a seat." in text_of(message)
    assert "Until you join, you are not on the waiting list." in text_of(message)
    assert links_of(message)[0].startswith("https://turnout.example/en/r/")


def test_a_lapsed_confirmation_is_not_requested(db, mailing):
    registration = asked_to_join(db, event_for(db, "please_confirm"))
    registration.waited_at -= timedelta(days=1)
    db.flush()
    owed = enqueued_message(db, registration, "please_confirm")
    assert prepare(db, owed, mailing) == Skipped("confirmed or lapsed meanwhile")


def test_the_waiting_list_email_gives_the_position(tell, db, post: Post):
    event = event_for(db, "joined_waiting_list")
    waiting(db, event)
    message = tell("joined_waiting_list", event)
    assert message["Subject"] == "You are on the waiting list: An evening of talks"
    assert "Your position on the waiting list: 2" in text_of(message)
    assert ".ics" not in "".join(files(message))


def test_an_offer_gives_its_deadline(db, tell, post: Post):
    event = event_for(db, "seat_offered")
    host = holding("offered")(db, event, language="ru")
    holding("offered")(db, event, host_id=host.id, email=None, contact_key=None)
    message = post(host, "seat_offered")
    assert "Для вас свободны 2\N{NO-BREAK SPACE}места." in text_of(message)
    assert f"4 декабря {STARTS.year} года, 17:50" in text_of(message)
    assert "/ru/r/" in links_of(message)[0]


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("offer_lapsed", "The seat is no longer held: An evening of talks"),
        ("event_full", "No seats left: An evening of talks"),
    ],
)
def test_an_email_without_a_seat_links_to_the_event(db, tell, kind, subject):
    event = event_for(db, kind)
    message = tell(kind, event)
    assert message["Subject"] == subject
    assert links_of(message) == [f"https://turnout.example{links.event('en', event.slug)}"]


@pytest.mark.parametrize(
    ("kind", "subject", "words"),
    [
        (
            "place_given_up",
            "Registration cancelled: An evening of talks",
            "Your registration is cancelled, as you asked.",
        ),
        (
            "place_taken_back",
            "Registration cancelled: An evening of talks",
            "The organizer has cancelled your registration. Your ticket is no longer valid.",
        ),
        ("event_cancelled", "Cancelled: An evening of talks", "The speaker is ill."),
    ],
)
def test_what_is_cancelled_leaves_the_calendar(db, tell, post: Post, kind, subject, words):
    event = event_for(db, kind)
    registration = make_registration(db, event, language="en")
    [before] = entries_of(post(registration))
    message = cancel_and_post(db, post, kind, registration)
    assert message["Subject"] == subject
    assert words in text_of(message)
    assert words in page_of(message)
    [entry] = entries_of(message, "CANCEL")
    assert entry["UID"] == before["UID"]
    assert entry["SEQUENCE"] > before["SEQUENCE"]
    assert entry["STATUS"] == "CANCELLED"
    assert entry["ATTENDEE"] == f"mailto:{registration.email}"


def cancel_and_post(db: Session, post: Post, kind: str, registration: Registration) -> EmailMessage:
    if kind == "event_cancelled":
        announcements.cancel(db, event=registration.event, because=BECAUSE, by=make_account(db))
    else:
        by = "self" if kind == "place_given_up" else "organizer"
        self_service.cancel(db, registration_id=registration.id, by=by)
    return post(registration, kind)


def test_who_only_waited_has_nothing_in_the_calendar_to_take_out(db, post: Post):
    registration = waiting(db, event_for(db, "place_given_up"), language="en")
    self_service.cancel(db, registration_id=registration.id, by="self")
    message = post(registration, "place_given_up")
    assert "Your registration is cancelled, as you asked." in text_of(message)
    assert entries_of(message, "CANCEL") == []


@pytest.mark.parametrize("sign_up", [waiting, holding("unconfirmed"), holding("offered")])
def test_a_cancelled_registration_without_a_seat_loses_no_ticket(db, post: Post, sign_up):
    registration = sign_up(db, event_for(db, "place_taken_back"), language="en")
    self_service.cancel(db, registration_id=registration.id, by="organizer")
    message = post(registration, "place_taken_back")
    assert message["Subject"] == "Registration cancelled: An evening of talks"
    for words in (text_of(message), page_of(message)):
        assert "The organizer has cancelled your registration." in words
        assert not {"seat", "ticket"} & set(re.findall(r"\w+", words.split("Hello")[1]))


@pytest.mark.parametrize(
    ("kind", "by", "words"),
    [
        ("place_taken_back", "organizer", "The organizer has cancelled the registration of Фарзона."),
        ("place_given_up", "self", "The registration of Фарзона is cancelled, as you asked."),
    ],
)
def test_a_waiting_guests_cancellation_mentions_no_seat(db, post: Post, kind, by, words):
    event = event_for(db, kind)
    host = waiting(db, event, language="en", name="Манижа")
    companion = waiting(db, event, host_id=host.id, email=None, contact_key=None, name="Фарзона")
    self_service.cancel(db, registration_id=companion.id, by=by)
    message = post(companion, kind)
    assert words in text_of(message)
    assert words in page_of(message)
    assert "seat" not in message["Subject"] + text_of(message)
    assert "Still registered: Манижа." in text_of(message)


def party(db: Session, kind: str = "ticket", **overrides: Any) -> tuple[Registration, Registration]:
    event = event_for(db, kind, **overrides)
    host = make_registration(db, event, language="en", name="Манижа")
    return host, make_registration(db, event, host_id=host.id, email=None, contact_key=None, name="Фарзона")


def test_a_guests_cancellation_is_emailed_to_the_host(db, post: Post, postbox: Postbox):
    host, companion = party(db)
    self_service.cancel(db, registration_id=companion.id, by="self")
    message = post(companion, "place_given_up")
    assert postbox.recipients == [host.email]
    assert "The registration of Фарзона is cancelled, as you asked. The seat is free." in text_of(message)
    assert "Still registered: Манижа." in text_of(message)
    assert entries_of(message, "CANCEL") == []


@pytest.mark.parametrize("kind", ["registration_confirmed", "ticket_again", "reminder"])
def test_the_tickets_of_guests_still_go_to_a_host_who_cancelled(db, post: Post, postbox: Postbox, kind):
    host, companion = party(db)
    self_service.cancel(db, registration_id=host.id, by="self")
    message = post(host, kind, KEYS.get(kind, ""))
    assert postbox.recipients == [host.email]
    assert "Фарзона" in text_of(message)
    assert f"ticket-{companion.short_code}.png" in files(message)
    assert f"ticket-{host.short_code}.png" not in files(message)
    assert entries_of(message) == []


def test_a_cancellation_names_the_remaining_guests(db, post: Post):
    host, _ = party(db)
    self_service.cancel(db, registration_id=host.id, by="self")
    assert "Still registered: Фарзона." in text_of(post(host, "place_given_up"))


def test_thanks_bring_the_recap(tell):
    message = tell("thanks")
    assert message["Subject"] == "Thank you for coming: An evening of talks"
    assert RECAP["en"] in text_of(message).replace("\r", "")
    assert "<p" in page_of(message)
    assert "The &lt;slides&gt; are on the page." in page_of(message)


# What operations really promise --------------------------------------------------------------------------------------


def test_each_message_of_a_whole_story_has_a_delivery(db, mailing):
    event = event_for(db, "story", capacity=1, confirm_by_mail=True)
    first, second = (sign_up(db, event, name) for name in ("first", "second"))
    self_service.confirm(db, registration=first)
    announcements.announce_change(db, event=event, changed=("place",))
    self_service.cancel(db, registration_id=first.id, by="self")
    assert outcomes(db, mailing) == {
        ("please_confirm", first.id): "confirmed or lapsed meanwhile",
        ("registration_confirmed", first.id): "not confirmed any more",
        ("joined_waiting_list", second.id): "not waiting any more",
        ("event_changed", first.id): "of no use any more",
        ("event_changed", second.id): "Changed: An evening of talks",
        ("place_given_up", first.id): "Registration cancelled: An evening of talks",
        ("seat_offered", second.id): "A seat is free for you: An evening of talks",
    }
    waiting_list.lapse(db, event_id=event.id, now=STARTS)
    announcements.cancel(db, event=event, because=BECAUSE, by=make_account(db))
    assert outcomes(db, mailing)["offer_lapsed", second.id] == "of no use any more"


def sign_up(db: Session, event: Event, name: str) -> Registration:
    asked = new_registration.NewRegistration(
        name=name, language="en", email=f"{name}-{event.id}@example.org", wait=True
    )
    return self_service.register(db, slug=event.slug, new_registration=asked).registration


def outcomes(db: Session, settings: Settings) -> dict[tuple[str, int], str]:
    """Return the outcome of each message: the subject of its email, or the reason why there is none."""
    prepared = {(message.kind, message.subject): prepare(db, message, settings) for message in db.query(OutboxMessage)}
    return {of: email.why if isinstance(email, Skipped) else email.subject for of, email in prepared.items()}
