"""Sessions side by side: overlaps in time, and in the same room."""

from datetime import UTC, datetime

import pytest

from shared.errors import Invalid
from shared.events import timetable
from shared.models import Event, EventSession

LANGUAGES = ["tg", "ru"]


def part(begin: int, end: int, **place: str) -> EventSession:
    hours = {"starts_at": datetime(2026, 12, 1, begin, tzinfo=UTC), "ends_at": datetime(2026, 12, 1, end, tzinfo=UTC)}
    return EventSession(**hours, title={}, place=place)


def event(*sessions: EventSession) -> Event:
    return Event(languages=LANGUAGES, sessions=list(sessions))


@pytest.mark.parametrize(
    ("room", "other_room", "is_same"),
    [
        ({}, {}, True),
        ({"tg": "A"}, {}, False),
        ({"tg": "A"}, {"tg": "A", "ru": "А-зал"}, True),
        ({"tg": "A", "ru": "Зал"}, {"tg": "B", "ru": "Зал"}, False),
        ({"tg": "A", "ru": "Зал"}, {"ru": "Зал"}, True),
        ({"tg": "A"}, {"ru": "A"}, True),
        ({"tg": "A"}, {"ru": "B"}, False),
        ({"en": "Hall 1"}, {"tg": "", "en": "hall 1"}, True),
    ],
)
def test_rooms_are_compared_in_the_first_language_that_both_have(
    room: dict[str, str], other_room: dict[str, str], is_same: bool
) -> None:
    for first, second in ((room, other_room), (other_room, room)):
        assert bool(timetable.room_conflicts(event(part(9, 11, **first), part(10, 12, **second)))) == is_same


def test_successive_or_untimed_sessions_do_not_overlap() -> None:
    untimed = EventSession(title={}, place={})
    assert timetable.overlapping(event(part(9, 10), part(10, 11), untimed)) == []


def test_sessions_in_two_rooms_overlap_without_a_room_conflict() -> None:
    whole = event(part(9, 11, tg="A"), part(10, 12, tg="B"))
    assert len(timetable.overlapping(whole)) == 1
    assert timetable.room_conflicts(whole) == []
    timetable.require_no_overlap(whole, field="ends")


def test_room_conflicts_can_be_resolved_one_at_a_time() -> None:
    first, second, third = (part(9, 12) for _ in range(3))
    whole = event(first, second, third)
    first.place = {"tg": "B"}
    timetable.require_no_overlap(whole, session=first, field="place")
    with pytest.raises(Invalid) as refusal:
        timetable.require_no_overlap(whole, session=third, field="place")
    assert (refusal.value.field, refusal.value.reason) == ("place", "same_room")


def test_earlier_room_conflicts_are_no_fault_of_a_change() -> None:
    whole = event(part(9, 11), part(10, 12), part(12, 13))
    met = timetable.room_conflicts(whole)
    assert met == [tuple(whole.sessions[:2])]
    timetable.require_no_overlap(whole, but=met, field="ends")
    whole.sessions[1].ends_at = datetime(2026, 12, 1, 13, tzinfo=UTC)
    with pytest.raises(Invalid):
        timetable.require_no_overlap(whole, but=met, field="ends")


def test_a_new_session_conflicts_with_existing_ones() -> None:
    whole = event(part(9, 11))
    with pytest.raises(Invalid):
        timetable.require_no_overlap(whole, session=part(10, 12), field="place.tg")
    assert len(whole.sessions) == 1
