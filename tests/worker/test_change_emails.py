"""Emails about a changed event: what changed, what it was before, and which of several changes is sent."""

import re
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import i18n, wording
from shared.events import announcements, editing, programme
from shared.events.editing import Timing
from shared.models import Account, Event, EventSession, OutboxMessage, TicketType, TicketTypeSession
from shared.registrations import organizer_registrations
from tests.factories import make_account, make_days, make_registration, move_event
from tests.support.email_stories import (
    event_for,
    holding,
    moved,
    waiting,
)
from tests.support.received_email import entries_of, page_of, text_of
from tests.worker.conftest import Post, enqueued_message
from worker.deliveries import prepare
from worker.email_message import Email, Skipped


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
