"""An event in words: as exact as its time is known, and the same on pages, in emails and on tickets."""

from datetime import datetime
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import wording
from shared.i18n import use_language
from shared.models import Event, EventSession, Organization, Registration, TicketType
from shared.papers.calendar import CalendarEntry


def event(**overrides: Any) -> Event:
    defaults: dict[str, Any] = {
        "id": 7,
        "slug": "italk",
        "languages": ["tg", "en"],
        "title": {"tg": "Суханронӣ", "en": "A talk"},
        "city": {"en": "Dushanbe", "tg": "Душанбе"},
        "venue": {"en": "Ismaili Centre"},
        "address": {},
        "zone": "Asia/Dushanbe",
        "known": "minute",
        "state": "published",
        "private": False,
        "sequence": 3,
        "starts_local": datetime(2018, 10, 7, 18),
        "ends_local": datetime(2018, 10, 7, 20, 30),
        "organization": Organization(name={"en": "Peshraft"}),
    }
    new_event = Event(**{**defaults, **overrides})
    new_event.starts_at = new_event.ends_at = None
    return new_event


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "Sunday 7 October 2018, 18:00–20:30, Dushanbe time"),
        ({"ends_local": datetime(2018, 10, 8, 1)}, "Sunday 7 October 2018, 18:00–01:00, Dushanbe time"),
        ({"ends_local": datetime(2018, 10, 8, 16)}, "7 to 8 October 2018, 18:00, Dushanbe time"),
        (
            {"known": "day", "starts_local": datetime(2018, 10, 7), "ends_local": datetime(2018, 10, 7, 23, 59)},
            "Sunday 7 October 2018",
        ),
        ({"known": "day", "ends_local": datetime(2018, 10, 9, 23, 59)}, "7 to 9 October 2018"),
        ({"known": "about", "starts_local": datetime(2017, 7, 1)}, "July 2017, day unknown"),
        ({"known": "unknown", "starts_local": None, "ends_local": None}, "Date not recorded"),
    ],
)
def test_the_time_is_as_exact_as_it_is_known(change: dict[str, Any], words: str) -> None:
    assert wording.when(event(**change)) == words


def test_the_location_is_as_exact_as_it_is_known() -> None:
    assert wording.where(event()) == "Ismaili Centre, Dushanbe"
    assert wording.where(event(venue={}, city={})) == ""


def test_a_text_falls_back_to_the_events_first_language() -> None:
    with use_language("ru"):
        assert wording.said({"en": "A talk", "tg": "Суханронӣ"}, event()) == "Суханронӣ"
        assert wording.said({"en": "A talk"}, event()) == "A talk"


def test_a_short_code_is_read_in_two_groups() -> None:
    assert wording.short_code(Registration(short_code="VCVY01JD")) == "VCVY-01JD"


def entries(of: Event, sessions: list[EventSession]) -> list[CalendarEntry]:
    kind = TicketType(title={}, sessions=sessions)
    registration = Registration(ticket_id="0123456789abcdef", ticket_type=kind, moves=0)
    return list(wording.calendar_entries(registration, of, "https://turnout.example", "https://turnout.example/x"))


def timed(of: Event, number: int, **place: str) -> EventSession:
    hours = {"starts_at": datetime(2018, 10, number, 5), "ends_at": datetime(2018, 10, number, 11)}
    session = EventSession(id=number, title={"en": f"Day {number}"}, place=place, **hours)
    of.sessions.append(session)
    return session


def test_a_calendar_has_each_session_that_the_ticket_admits_to() -> None:
    talk = event(state="cancelled")
    listed = entries(talk, [timed(talk, 7), timed(talk, 8)])
    assert [entry.uid for entry in listed] == [f"0123456789abcdef{day}@turnout.example" for day in (".7", ".8")]
    assert [entry.title for entry in listed] == ["A talk: Day 7", "A talk: Day 8"]
    assert {(entry.sequence, entry.status) for entry in listed} == {(3, "CANCELLED")}


UIDS = {7: "0123456789abcdef.7", 8: "0123456789abcdef", 9: "0123456789abcdef.9"}
"""UIDs of three sessions; the event was made with the second."""


@pytest.mark.parametrize("remaining", [days for number in (1, 2, 3) for days in combinations(UIDS, number)])
def test_a_session_keeps_its_uid_when_others_are_added_or_removed(remaining: tuple[int, ...]) -> None:
    talk = event()
    talk.starts_at, talk.ends_at = datetime(2018, 10, 7, 5), datetime(2018, 10, 7, 11)
    for day in remaining:
        timed(talk, day).plain_uid = day == 8
    for number in range(1, len(remaining) + 1):
        for sessions in combinations(talk.sessions, number):
            uids = [entry.uid.partition("@")[0] for entry in entries(talk, [*sessions])]
            assert uids == [UIDS[session.id] for session in sessions]


def test_a_ticket_to_one_session_is_in_a_calendar_as_that_session() -> None:
    talk = event()
    timed(talk, 7)
    [entry] = entries(talk, [timed(talk, 8)])
    assert (entry.title, entry.starts) == ("A talk: Day 8", datetime(2018, 10, 8, 5))
    assert entry.uid == "0123456789abcdef.8@turnout.example"


def test_a_session_is_in_a_calendar_with_its_room() -> None:
    talk = event()
    listed = entries(talk, [timed(talk, 7), timed(talk, 8, tg="Толори 2", en="Hall 2")])
    assert [entry.location for entry in listed] == ["Ismaili Centre, Dushanbe", "Hall 2, Ismaili Centre, Dushanbe"]


def test_the_room_of_the_only_session_is_the_events_location() -> None:
    talk = event()
    talk.starts_at, talk.ends_at = datetime(2018, 10, 7, 5), datetime(2018, 10, 7, 11)
    [entry] = entries(talk, [timed(talk, 7, en="Hall 2")])
    assert (entry.title, entry.location) == ("A talk", "Hall 2, Ismaili Centre, Dushanbe")


def test_a_session_in_words_is_title_time_and_venue() -> None:
    talk = event()
    timed(talk, 7, en="Hall 2")
    session = talk.sessions[0]
    session.starts_local, session.ends_local = datetime(2018, 10, 7, 10), datetime(2018, 10, 7, 12)
    assert wording.session_in_words(session, talk) == "Day 7: Sunday 7 October 2018, 10:00–12:00, Hall 2"
    talk.known = "day"
    assert wording.session_in_words(session, talk) == "Day 7: Hall 2", "the hour is kept, and not known"
    session.title, session.starts_local, session.place = {}, None, {}
    assert wording.session_in_words(session, talk) == ""
    timed(talk, 8)
    assert wording.session_in_words(session, talk) == "Session 1"


def test_sessions_without_a_title_are_numbered_in_calendars() -> None:
    talk = event()
    for session in (timed(talk, 7), timed(talk, 8)):
        session.title = {}
    assert [entry.title for entry in entries(talk, talk.sessions)] == ["A talk: Session 1", "A talk: Session 2"]


@pytest.mark.parametrize(("known", "words"), [("day", "7 to 12 October 2018"), ("about", "October 2018, day unknown")])
def test_a_ticket_to_some_sessions_shows_no_unknown_hour(known: str, words: str) -> None:
    talk = event(ends_local=datetime(2018, 10, 12, 16))
    for day in (7, 8):
        timed(talk, day).starts_local = datetime(2018, 10, day, 10)
    talk.known = known
    registration = Registration(ticket_type=TicketType(title={}, sessions=talk.sessions[1:]))
    assert wording.when_admitted([registration], talk) == words


def test_a_session_of_several_days_shows_no_end_on_its_first_day() -> None:
    starts, ends = datetime(2018, 10, 7, 10), datetime(2018, 10, 9, 16)
    assert wording.session_when(EventSession(starts_local=starts, ends_local=ends)) == "7 to 9 October 2018, 10:00"
    late = EventSession(starts_local=datetime(2018, 10, 7, 20), ends_local=datetime(2018, 10, 8, 1))
    assert wording.session_when(late) == "Sunday 7 October 2018, 20:00–01:00"


def test_a_ticket_to_some_sessions_shows_their_times() -> None:
    talk = event(ends_local=datetime(2018, 10, 12, 16))
    for day in range(7, 13):
        session = timed(talk, day)
        session.starts_local, session.ends_local = datetime(2018, 10, day, 10), datetime(2018, 10, day, 16)
    ticket_types = [
        TicketType(title={}, sessions=talk.sessions[first:last]) for first, last in ((0, 6), (1, 2), (2, 4), (1, 5))
    ]
    whole, one_session, two_sessions, four_sessions = (Registration(ticket_type=kind) for kind in ticket_types)
    second = "Monday 8 October 2018, 10:00–16:00, Dushanbe time"
    assert (
        wording.when_admitted([whole], talk) == wording.when_admitted([one_session, whole], talk) == wording.when(talk)
    )
    assert wording.when_admitted([one_session], talk) == second
    assert wording.when_admitted([two_sessions], talk, with_zone=False) == (
        "Tuesday 9 October 2018, 10:00–16:00; Wednesday 10 October 2018, 10:00–16:00"
    )
    assert wording.when_admitted([four_sessions], talk) == "8 to 11 October 2018, 10:00, Dushanbe time"
    assert wording.when_admitted([one_session, two_sessions], talk).count(";") == 2
    talk.sessions[1].starts_local = None
    assert wording.when_admitted([one_session], talk) == wording.when(talk)


def test_an_event_without_a_day_is_in_no_calendar() -> None:
    assert entries(event(known="about"), []) == []


def test_a_private_event_is_named_after_its_organization_in_a_calendar() -> None:
    talk = event(private=True)
    talk.starts_at, talk.ends_at = datetime(2018, 10, 7, 13), datetime(2018, 10, 7, 15)
    assert [entry.title for entry in entries(talk, [])] == ["Peshraft"]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("zarina@example.org", "zarina@example.org"),
        (" Zarina@EXAMPLE.org ", "zarina@example.org"),
        ("Zarina (zarina@example.org), +992 93 123 45 67", "zarina@example.org"),
        ("write to zarina@example.org.", "zarina@example.org"),
        ("zarina@почта.рф", "zarina@xn--80a1acny.xn--p1ai"),
        ("a@example.org, b@example.org", ""),
        ("+992 93 123 45 67", ""),
        ("https://example.org/ask", ""),
        ("https://www.tiktok.com/@italk.tj", ""),
        ("https://example.org/?mail=z@example.org", ""),
        ("https://z@example.org/ask", ""),
        ("TikTok: tiktok.com/@italk.tj", ""),
        ("example.org/ask?to=z@example.org", ""),
        ("HTTPS://example.org/,z@example.org", ""),
        ("https://www.tiktok.com/@italk.tj or zarina@example.org", "zarina@example.org"),
        ("Email:zarina@example.org", "zarina@example.org"),
        ("зарина@example.org", ""),
        ("a..b@example.org", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_reply_goes_to_the_one_address_that_the_contact_names(written: str | None, address: str) -> None:
    assert wording.reply_address(Event(contact=written)) == address


@given(st.text())
def test_no_contact_breaks_the_header_of_a_reply(written: str) -> None:
    address = wording.reply_address(Event(contact=written))
    assert address.isascii()
    assert not set(address) & set("\r\n<>,; ")
