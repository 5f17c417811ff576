"""The email of each message kind: its facts as it arrives, and the changes that make it obsolete."""

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import clock, i18n, links, tokens, wording
from shared.config import Settings
from shared.events import announcements, editing, programme
from shared.events.editing import Timing
from shared.mailings import mailings
from shared.models import Account, Event, EventSession, OutboxMessage, Registration, TicketType, TicketTypeSession
from shared.registrations import new_registration, organizer_registrations, self_service, waiting_list
from tests.factories import make_account, make_days, make_registration, move_event
from tests.support.email_server import Postbox
from tests.support.email_stories import (
    BECAUSE,
    KEYS,
    RECAP,
    STARTS,
    STORIES,
    event_for,
    holding,
    lapsed,
    moved,
    waiting,
)
from tests.support.received_email import entries_of, files, links_of, page_of, text_of
from tests.worker.conftest import Post, enqueued_message
from worker.deliveries import prepare
from worker.email_message import Email, Skipped


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


def test_a_change_says_what_changed_and_the_calendar_follows(db, tell, post: Post):
    event = event_for(db, "event_changed")
    registration = make_registration(db, event, language="en")
    [before] = entries_of(post(registration))
    starts = event.starts_local.replace(hour=19, minute=30)
    move_event(db, event, starts=starts, ends=starts + timedelta(hours=1))
    message = post(registration, "event_changed", "1:time")
    assert message["Subject"] == "Changed: An evening of talks"
    assert "The time has changed." in text_of(message)
    assert "19:30–20:30" in text_of(message)
    assert "Your ticket stays valid." in text_of(message)
    [after] = entries_of(message)
    assert after["UID"] == before["UID"]
    assert (after["SEQUENCE"], after.start) == (before["SEQUENCE"] + 1, event.starts_at)


def test_a_change_confirms_the_waiting_list_and_offers_no_seat_to_cancel(db, post: Post):
    event = event_for(db, "event_changed")
    waiting(db, event)
    guest = waiting(db, event, language="en")
    message = post(guest, "event_changed", "1:time")
    for words in (text_of(message), page_of(message)):
        assert "You are still on the waiting list. Your position on the waiting list: 2" in words
        assert "open your registration and cancel it: the people after you move up" in words
        assert "someone else will be glad of the seat" not in words
    offered = text_of(post(holding("offered")(db, event, language="en"), "event_changed", "1:time"))
    assert "Your registration stays as it is." in offered
    assert "someone else will be glad of the seat" in offered


def test_of_changes_that_follow_each_other_the_last_speaks_for_all(db, mailing, post: Post):
    registration = moved(db, event_for(db, "event_changed"), language="en")
    announcements.announce_change(db, event=registration.event, changed=("place",))
    assert prepare(db, enqueued_message(db, registration, "event_changed", "1:time"), mailing) == Skipped(
        "changed again meanwhile"
    )
    message = post(registration, "event_changed", "2:place")
    assert "The venue has changed. The time has changed." in text_of(message)
    db.execute(update(OutboxMessage).where(OutboxMessage.key == "2:place").values(outcome="sent"))
    announcements.announce_change(db, event=registration.event, changed=("speakers",))
    again = text_of(post(registration, "event_changed", "3:speakers"))
    assert "The event has changed." in again
    assert "The time has changed." not in again


def test_a_new_time_is_shown_with_the_previous_one(db, post: Post):
    event = event_for(db, "event_changed")
    registration, was = make_registration(db, event, language="en"), None
    for hour in (19, 20):
        starts = event.starts_local.replace(hour=hour)
        with i18n.use_language("en"):
            was = was or wording.when(event)
        move_event(db, event, starts=starts, ends=starts + timedelta(hours=1))
    message = post(registration, "event_changed", "2:time")
    assert f"Before: {was}" in text_of(message).splitlines()
    assert f"<p>Before: {was}</p>" in re.sub(r' style="[^"]*"', "", page_of(message))
    assert "20:00–21:00" in text_of(message)
    assert "19:00" not in text_of(message)
    db.execute(update(OutboxMessage).where(OutboxMessage.key == "2:time").values(outcome="sent"))
    move_event(db, event, starts=starts.replace(hour=21), ends=starts.replace(hour=22))
    again = text_of(post(registration, "event_changed", "3:time"))
    assert re.findall(r"(?m)^Before: .*(\d\d:\d\d–\d\d:\d\d)", again) == ["20:00–21:00"]


def test_a_registration_between_two_changes_hears_of_the_second_only(db, post: Post):
    event = event_for(db, "event_changed")
    starts = event.starts_local.replace(hour=19)
    move_event(db, event, starts=starts, ends=starts + timedelta(hours=1))
    registration = make_registration(db, event, language="en")
    move_event(db, event, starts=starts.replace(hour=20), ends=starts.replace(hour=21))
    text = text_of(post(registration, "event_changed", "2:time"))
    assert re.findall(r"(?m)^Before: .*(\d\d:\d\d–\d\d:\d\d)", text) == ["19:00–20:00"]


def at_hour(db: Session, event: Event, by: Account, hour: int, *, tell: bool) -> None:
    starts = event.starts_local.replace(hour=hour)
    timing = Timing(event.known, event.zone, starts, starts + timedelta(hours=1))
    editing.set_time_and_place(db, event=event, by=by, timing=timing, values={}, tell=tell)


def test_an_unsent_time_is_not_shown_as_the_previous_one(db, post: Post):
    event, by = event_for(db, "event_changed"), make_account(db)
    at_hour(db, event, by, 17, tell=False)
    registration = make_registration(db, event, language="en")
    at_hour(db, event, by, 19, tell=False)
    at_hour(db, event, by, 20, tell=True)
    text = text_of(post(registration, "event_changed", f"{event.sequence}:time"))
    assert "20:00–21:00" in text
    assert "Before:" not in text
    db.execute(update(OutboxMessage).values(outcome="sent"))
    at_hour(db, event, by, 21, tell=True)
    again = text_of(post(registration, "event_changed", f"{event.sequence}:time"))
    assert re.findall(r"(?m)^Before: .*(\d\d:\d\d–\d\d:\d\d)", again) == ["20:00–21:00"]


def test_what_was_corrected_before_anybody_registered_has_a_before(db, post: Post):
    event, by = event_for(db, "event_changed"), make_account(db)
    at_hour(db, event, by, 19, tell=False)
    registration = make_registration(db, event, language="en")
    at_hour(db, event, by, 20, tell=True)
    text = text_of(post(registration, "event_changed", f"{event.sequence}:time"))
    assert re.findall(r"(?m)^Before: .*(\d\d:\d\d–\d\d:\d\d)", text) == ["19:00–20:00"]


def test_news_of_one_session_leaves_other_changes_pending(db, post: Post):
    event, by = in_two_parts(db), make_account(db)
    guest, row = make_registration(db, event, language="en"), event.sessions[1]
    times = {name: getattr(row, name) for name in ("starts_local", "ends_local")}
    for number, tell in enumerate((False, True, True), 1):
        values = {**times, "place": {"en": f"Hall {number}"}}
        programme.change(db, event=event, by=by, kind="sessions", row=row, values=values, tell=tell)
    for hour in (20, 21):
        at_hour(db, event, by, hour, tell=True)
    query = select(OutboxMessage.key, OutboxMessage.before.is_not(None)).where(OutboxMessage.subject == guest.id)
    assert {key: has_before for key, has_before in db.execute(query) if key} == {
        "2:programme": False,
        "3:programme": False,
        "4:time": False,
        "5:time": True,
    }


def test_what_is_again_as_it_was_has_no_before(db, post: Post):
    event = event_for(db, "event_changed")
    registration = make_registration(db, event, language="en")
    first = {"starts": event.starts_local, "ends": event.ends_local}
    move_event(db, event, starts=first["starts"].replace(hour=19), ends=first["starts"].replace(hour=20))
    move_event(db, event, **first)
    assert "Before:" not in text_of(post(registration, "event_changed", "2:time"))


def test_a_new_venue_and_a_new_room_are_shown_with_the_previous_ones(db, post: Post):
    event = in_two_parts(db)
    guest = make_registration(db, event, language="en")
    before = announcements.when_and_where(event)
    event.venue = {"en": "Opera"}
    announcements.announce_change(db, event=event, changed=("place",), before=before)
    assert "Before: National Library" in text_of(post(guest, "event_changed", "1:place")).splitlines()
    db.execute(update(OutboxMessage).where(OutboxMessage.key == "1:place").values(outcome="sent"))
    before = announcements.when_and_where(event)
    event.sessions[1].place = {"en": "Room 3"}
    announcements.announce_change(db, event=event, changed=("programme",), session=event.sessions[1], before=before)
    text = text_of(post(guest, "event_changed", "2:programme"))
    assert re.findall(r"(?m)^Before: (Workshop): .*, (Room 2)$", text) == [("Workshop", "Room 2")]
    assert text.count("Before:") == 1


def test_a_changed_programme_lists_the_sessions_of_the_tickets(db, post: Post):
    event = in_two_parts(db)
    guest = make_registration(db, event, language="en")
    second_guest = make_registration(db, event, language="en", ticket_type_id=event.ticket_types[1].id)
    announcements.announce_change(db, event=event, changed=("programme",), session=event.sessions[1])
    message = post(guest, "event_changed", "1:programme")
    assert "The programme has changed." in text_of(message)
    for text in (text_of(message), page_of(message)):
        assert "Workshop: " in text
        assert "Room 2" in text
    assert [entry["LOCATION"] for entry in entries_of(message)][1] == "Room 2, National Library"
    assert "Workshop: " not in text_of(post(second_guest, "event_changed", "1:programme"))


def test_the_only_session_is_shown_where_it_adds_to_the_event(db, post: Post):
    event = event_for(db, "event_changed")
    guest = make_registration(db, event, language="en")
    announcements.announce_change(db, event=event, changed=("programme",))
    assert "Room 2" not in text_of(post(guest, "event_changed", "1:programme"))
    event.sessions[0].place = {"en": "Room 2"}
    assert re.search(r"(?m)^\w+day \d+ .*, Room 2$", text_of(post(guest, "event_changed", "1:programme")))


def in_two_parts(db: Session) -> Event:
    event = event_for(db, "event_changed")
    spans = {name: getattr(event, name) for name in ("starts_local", "ends_local", "starts_at", "ends_at")}
    part = EventSession(event_id=event.id, title={"en": "Workshop"}, place={"en": "Room 2"}, position=1, **spans)
    kind = TicketType(event_id=event.id, title={"en": "Talks only"}, position=1)
    db.add_all([part, kind])
    db.flush()
    pairs = [(event.ticket_types[0], part), (kind, event.sessions[0])]
    db.add_all(
        TicketTypeSession(event_id=event.id, ticket_type_id=ticket_type.id, session_id=session.id)
        for ticket_type, session in pairs
    )
    db.flush()
    db.expire_all()
    return event


def test_a_change_for_others_or_no_one_leaves_the_one_before_it_to_be_sent(db, mailing):
    event = in_two_parts(db)
    guest = make_registration(db, event, ticket_type_id=event.ticket_types[1].id)
    announcements.announce_change(db, event=event, changed=("time",))
    announcements.announce_change(db, event=event, changed=("programme",), session=event.sessions[1])
    event.sequence += 1
    db.flush()
    messages = select(OutboxMessage).where(OutboxMessage.kind == "event_changed", OutboxMessage.subject == guest.id)
    [owed] = db.scalars(messages).all()
    mail = prepare(db, owed, mailing)
    assert isinstance(mail, Email)
    assert mail.subject.startswith("Тағйир")


def test_moving_to_fewer_days_removes_the_others_from_the_calendar(db, post: Post):
    event = make_days(db)
    every, single = (kind.id for kind in event.ticket_types)
    guest, by = make_registration(db, event, ticket_type_id=every), make_account(db)
    days = {entry["UID"]: entry for entry in entries_of(post(guest))}
    second = f"{guest.ticket_id}.{event.sessions[1].id}@turnout.example"
    sequence = 0
    for target, uids in ((single, {second}), (every, set(days)), (single, {second})):
        organizer_registrations.move(db, event=event, ids=[guest.id], ticket_type_id=target, by=by)
        db.flush()
        db.expire_all()
        entries = entries_of(post(guest, "ticket_again"), None)
        assert {entry["UID"] for entry in entries} == set(days)
        assert {entry["UID"] for entry in entries if entry["STATUS"] == "CONFIRMED"} == uids
        assert {entry["SEQUENCE"] for entry in entries} == {sequence := sequence + 1}


def test_a_change_on_the_waiting_list_has_no_calendar_file(db, post: Post):
    registration = waiting(db, event_for(db, "event_changed"), language="en")
    announcements.announce_change(db, event=registration.event, changed=("place",))
    message = post(registration, "event_changed", "1:place")
    assert "You are still on the waiting list." in text_of(message)
    assert entries_of(message) == []


def test_thanks_bring_the_recap(tell):
    message = tell("thanks")
    assert message["Subject"] == "Thank you for coming: An evening of talks"
    assert RECAP["en"] in text_of(message).replace("\r", "")
    assert "<p" in page_of(message)
    assert "The &lt;slides&gt; are on the page." in page_of(message)


# What is not true any more -------------------------------------------------------------------------------------------


def confirm(db: Session, registration: Registration) -> None:
    registration.deadline = clock.now() + timedelta(hours=1)
    self_service.confirm(db, registration=registration)


def run_out(_db: Session, registration: Registration) -> None:
    registration.deadline = clock.now() - timedelta(seconds=1)


def give_up(db: Session, registration: Registration) -> None:
    self_service.cancel(db, registration_id=registration.id, by="self")


def call_off(db: Session, registration: Registration) -> None:
    announcements.cancel(db, event=registration.event, because=BECAUSE, by=make_account(db))


def refuse_news(db: Session, registration: Registration) -> None:
    mailings.unsubscribe(db, registration=registration)


def start(db: Session, registration: Registration) -> None:
    zone_start = clock.now().replace(tzinfo=None) + timedelta(hours=4)
    move_event(db, registration.event, starts=zone_start, ends=zone_start + timedelta(hours=9))


def forgo_reminders(_db: Session, registration: Registration) -> None:
    registration.event.reminders = False


def take_recap_back(_db: Session, registration: Registration) -> None:
    registration.event.recap = {}


@pytest.mark.parametrize(
    ("kind", "meanwhile"),
    [
        ("please_confirm", confirm),
        ("please_confirm", run_out),
        ("please_confirm", call_off),
        ("joined_waiting_list", give_up),
        ("joined_waiting_list", start),
        ("joined_waiting_list", call_off),
        ("seat_offered", confirm),
        ("seat_offered", run_out),
        ("seat_offered", call_off),
        ("offer_lapsed", call_off),
        ("event_full", call_off),
        ("event_changed", give_up),
        ("event_changed", call_off),
        ("reminder", give_up),
        ("reminder", call_off),
        ("reminder", start),
        ("reminder", forgo_reminders),
        ("reminder", refuse_news),
        ("thanks", refuse_news),
        ("thanks", take_recap_back),
    ],
)
def test_untrue_news_is_not_emailed(db, mailing, kind, meanwhile):
    registration = STORIES[kind](db, event_for(db, kind))
    owed = enqueued_message(db, registration, kind, KEYS.get(kind, ""))
    meanwhile(db, registration)
    db.flush()
    assert isinstance(prepare(db, owed, mailing), Skipped)


def test_a_refused_organization_still_sends_tickets_and_changes(db, tell, post: Post):
    registration = moved(db, event_for(db, "event_changed"))
    refuse_news(db, registration)
    assert post(registration, "event_changed", "1:time")
    assert post(registration, "ticket_again")


def test_a_lapsed_registration_is_not_called_cancelled(db, mailing):
    registration = lapsed(db, event_for(db, "place_taken_back"))
    owed = enqueued_message(db, registration, "place_taken_back")
    assert prepare(db, owed, mailing) == Skipped("not cancelled by the organizer")


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
