"""Calendar files, read back by the parser that others use."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from shared.papers import calendar

DUSHANBE = ZoneInfo("Asia/Dushanbe")
ENTRY = calendar.CalendarEntry(
    uid="registration-7@turnout",
    sequence=3,
    title="Шоми iTalk 7; бо меҳмонон, мусиқӣ\r\nва чой",
    starts=datetime(2026, 10, 7, 18, 0, tzinfo=DUSHANBE),
    ends=datetime(2026, 10, 7, 20, 30, tzinfo=DUSHANBE),
    stamp=datetime(2026, 9, 1, 12, 0, tzinfo=UTC),
    location="Хиёбони Рӯдакӣ 84, Душанбе",
    description="Даромад озод.\nЧиптаро гиред: \\o/\x00",
    url="https://turnout.example/tg/e/italk-7",
    organizer='Созмони "Илмхона"',
    organizer_email="hello@turnout.example",
)


def read(content: bytes) -> Event:
    [event] = Calendar.from_ical(content).walk("VEVENT")
    return event


def test_times_are_in_utc():
    content = calendar.ics([ENTRY])
    assert b"DTSTART:20261007T130000Z\r\nDTEND:20261007T153000Z\r\n" in content
    assert b"DTSTAMP:20260901T120000Z\r\n" in content
    assert b"VTIMEZONE" not in content


def test_texts_come_back_as_they_were():
    event = read(calendar.ics([ENTRY]))
    assert str(event["SUMMARY"]) == "Шоми iTalk 7; бо меҳмонон, мусиқӣ ва чой"
    assert str(event["LOCATION"]) == ENTRY.location
    assert str(event["DESCRIPTION"]) == "Даромад озод.\nЧиптаро гиред: \\o/"
    assert (str(event["UID"]), event["SEQUENCE"], str(event["URL"])) == (ENTRY.uid, 3, ENTRY.url)
    assert str(event["ORGANIZER"]) == "mailto:hello@turnout.example"
    assert event["ORGANIZER"].params["CN"] == "Созмони Илмхона"


def test_lines_end_in_crlf_and_are_folded_at_75_bytes():
    content = calendar.ics([replace(ENTRY, description="Ҷ" * 500)])
    assert content.replace(b"\r\n", b"").count(b"\n") == 0
    assert max(map(len, content.split(b"\r\n"))) <= 75


def test_days_without_a_time_are_whole_days_and_the_end_is_the_day_after():
    content = calendar.ics([replace(ENTRY, starts=date(2026, 10, 7), ends=date(2026, 10, 8))])
    assert b"DTSTART;VALUE=DATE:20261007\r\nDTEND;VALUE=DATE:20261009\r\n" in content


def test_a_cancellation_keeps_the_uid_and_says_so():
    content = calendar.ics([replace(ENTRY, status="CANCELLED", sequence=4)], method="CANCEL")
    assert b"METHOD:CANCEL\r\n" in content
    event = read(content)
    assert (str(event["STATUS"]), event["SEQUENCE"], str(event["UID"])) == ("CANCELLED", 4, ENTRY.uid)


def test_an_invitation_by_mail_asks_for_no_answer():
    attendee = read(calendar.ics([replace(ENTRY, attendee_email="a@example.org")], method="REQUEST"))["ATTENDEE"]
    assert str(attendee) == "mailto:a@example.org"
    assert (attendee.params["PARTSTAT"], attendee.params["RSVP"]) == ("ACCEPTED", "FALSE")


def test_a_feed_has_a_name_and_may_be_empty():
    content = calendar.ics([], name="Илмхона")
    assert Calendar.from_ical(content)["X-WR-CALNAME"] == "Илмхона"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in content
    assert b"METHOD" not in content


def test_what_is_not_known_is_left_out():
    bare = calendar.CalendarEntry("a@b", 0, "iTalk", ENTRY.starts, ENTRY.ends, ENTRY.stamp)
    event = read(calendar.ics([bare]))
    assert {"LOCATION", "DESCRIPTION", "URL", "ORGANIZER"}.isdisjoint(event)
    assert event["STATUS"] == "CONFIRMED"


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="aware"):
        calendar.ics([replace(ENTRY, starts=ENTRY.starts.replace(tzinfo=None))])


def test_what_is_cancelled_reminds_of_nothing():
    reminding = replace(ENTRY, alarm=timedelta(hours=3))
    [alarm] = read(calendar.ics([reminding])).walk("VALARM")
    assert (str(alarm["ACTION"]), alarm["TRIGGER"].dt) == ("DISPLAY", timedelta(hours=-3))
    assert str(alarm["DESCRIPTION"]) == "Шоми iTalk 7; бо меҳмонон, мусиқӣ ва чой"
    assert read(calendar.ics([replace(reminding, status="CANCELLED")])).walk("VALARM") == []
