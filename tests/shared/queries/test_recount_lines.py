"""What stands beneath a report's totals, line for line, equals a recount too, over the same random histories."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import clock
from shared.fold import Fact
from shared.models import TicketType
from shared.queries.breakdowns import SMALLEST_GROUP
from shared.queries.figures import Figures, compile_figures
from shared.queries.ledger import PAPER, Phone
from tests.shared.queries.test_recount import (
    DEVICES,
    END,
    START,
    Recount,
    event,
    has_place,
    ledger_of,
    registrations,
    scans,
)

ZONE = ZoneInfo("Asia/Dushanbe")
HALF = clock.milliseconds(START + timedelta(minutes=30))
PAUSE = 300_000
"""Milliseconds; after a longer one there was no queue."""


def figures_of(people: list[Any], made: list[Fact], **more: Any) -> Figures:
    return compile_figures(event(), replace(ledger_of(people, made), **more))


def recounted(people: list[Any], made: list[Fact]) -> Recount:
    return Recount().follow(made, {one.ticket_id: one.merged_into for one in people if one.merged_into})


@given(registrations())
def test_who_cancelled_and_who_waited(people: list[Any]) -> None:
    figures = figures_of(people, [])
    withdrew = [one for one in people if not one.walk_in and one.confirmed_at and one.cancelled_at]
    before = [START - one.cancelled_at for one in withdrew if one.cancelled_at < START]
    assert figures["cancelled"] == {"all": len(before), "late": sum(one < timedelta(days=1) for one in before)}
    waited = [one for one in people if one.waited_at]
    assert figures["waitlisted"] == len(waited)
    assert figures["promoted"] == len([one for one in waited if one.confirmed_at])


@given(registrations(), scans())
def test_who_came_without_a_place_and_why(people: list[Any], made: list[Fact]) -> None:
    kinds = {"all": 0, "at_door": 0, "waiting": 0, "cancelled": 0, "unconfirmed": 0, "unlisted": 0}
    known = {one.ticket_id: one for one in people}
    came = recounted(people, made).persons()
    for person in came:
        one = known.get(person)
        if one and has_place(one):
            continue
        late = one and one.state == "confirmed" and not one.walk_in
        kinds["all"] += 1
        why = "unlisted" if one is None else "at_door" if one.walk_in else "unconfirmed" if late else one.state
        kinds[why] += 1
    assert figures_of(people, made)["walk_ins"] == (kinds if came else dict.fromkeys(kinds))


@given(registrations(), scans())
def test_shares_are_those_of_the_totals(people: list[Any], made: list[Fact]) -> None:
    figures = figures_of(people, made)
    places, away, came = figures["registered"], figures["no_shows"], recounted(people, made).came
    assert figures["no_show_rate"] == (pytest.approx(away / places, abs=1e-4) if places and came else None)
    assert figures["phones"]["offline_share"] == share_of([one.offline for one in made if one.reason != PAPER])


def share_of(facts: list[bool]) -> Any:
    return pytest.approx(sum(facts) / len(facts), abs=1e-4) if facts else None


@pytest.mark.parametrize(
    ("of_event", "of_kinds", "expected"),
    [
        (5, (3, 4), 5),
        (9, (3, 4), 7),
        (9, (3, None), 9),
        (None, (3, 4), 7),
        (None, (3, None), None),
        (None, (), None),
        (0, (3,), 0),
    ],
)
def test_seats_in_all(of_event: int | None, of_kinds: tuple[int | None, ...], expected: int | None) -> None:
    given_event = event()
    given_event.capacity = of_event
    given_event.ticket_types = [TicketType(title={}, capacity=seats) for seats in of_kinds]
    assert compile_figures(given_event, ledger_of([], []))["capacity"] == expected


@given(registrations(), scans())
def test_people_inside_leave_with_the_end_of_their_session(people: list[Any], made: list[Fact]) -> None:
    of_two = event()
    of_two.sessions[0].ends_at, of_two.grace_minutes = START + timedelta(minutes=40), 20
    empty = clock.milliseconds(START + timedelta(minutes=60))
    merged = {one.ticket_id: one.merged_into for one in people if one.merged_into}
    moves = Recount.counted(made, merged)
    is_emptied = any(one.at > empty for one in moves)
    for start, count in compile_figures(of_two, ledger_of(people, made))["arrivals"]["inside"]:
        until = clock.milliseconds(datetime.fromisoformat(start).replace(tzinfo=ZONE) + timedelta(minutes=5))
        so_far = Recount().follow([one for one in made if one.at < until or one.kind == "undo"], merged)
        gone = {1} if is_emptied and until > empty else set()
        assert count == len({person for person, session in so_far.inside if session not in gone}), start


def conflicts(made: list[Fact], merged: Mapping[str, str]) -> list[set[str]]:
    """Scans of one ticket by two phones while its person is inside; stay by stay, apart from the fold on purpose."""
    found: list[set[str]] = []
    stays: dict[Any, list[Fact]] = {}
    for one in Recount.counted(made, merged):
        stay = stays.setdefault(Recount.key(one, merged), [])
        if one.kind == "out":
            stay.clear()
            continue
        same = [other for other in stay if other.person == one.person]
        if same and all(other.device != one.device for other in same):
            found.append({same[0].id, one.id})
        stay.append(one)
    return found


@given(registrations(), scans())
def test_conflicts_are_counted_once_and_at_each_of_their_doors(people: list[Any], made: list[Fact]) -> None:
    merged = {one.ticket_id: one.merged_into for one in people if one.merged_into}
    figures = figures_of(people, made)
    disputed = conflicts(made, merged)
    assert figures["conflicts"] == len(disputed)
    assert sum(one["conflicts"] for one in figures["doors"]) == len(set().union(*disputed))


@given(registrations(), scans())
def test_each_line_of_a_door_is_what_its_volunteer_saw(people: list[Any], made: list[Fact]) -> None:
    shifts = {one: [(0, f"early {one}"), (HALF, f"late {one}")] for one in DEVICES}
    phones = {one: Phone(True, False, {}, shifts[one], END) for one in DEVICES}
    lines: dict[tuple[str, str], list[Fact]] = {}
    for one in made:
        who = f"{'early' if one.at < HALF else 'late'} {one.device}"
        lines.setdefault(("North" if one.door == 1 else "South", who), []).append(one)
    first = {one.id for one in recounted(people, made).came.values()}
    figures = figures_of(people, made, phones=phones)
    assert {(line["door"]["en"], line["volunteer"]) for line in figures["doors"]} == lines.keys()
    for line in figures["doors"]:
        seen = lines[line["door"]["en"], line["volunteer"]]
        assert line["scans"] == len(seen)
        assert line["admitted"] == len([one for one in seen if one.id in first])
        assert line["refused"] == reasons(seen)
        assert line["seconds_between"] == pause_of(seen)
    assert figures["refused"] == reasons(made)


def reasons(seen: Iterable[Fact]) -> Counter[str]:
    return Counter(one.reason or "other" for one in seen if one.kind == "refused")


def pause_of(seen: list[Fact]) -> float | None:
    """The middle pause at one phone, in seconds to a tenth."""
    stamps = sorted(one.at for one in seen if one.reason != PAPER)
    pauses = [(later - earlier) / 1000 for earlier, later in pairwise(stamps)]
    short = [pause for pause in pauses if pause * 1000 <= PAUSE]
    return round(median(short), 1) if short else None


@given(registrations(), scans())
def test_when_people_arrived(people: list[Any], made: list[Fact]) -> None:
    first: dict[str, int] = {}
    for (person, _), one in recounted(people, made).came.items():
        if one.reason != PAPER:
            first[person] = min(one.at, first.get(person, one.at))
    arrivals, stamps = figures_of(people, made)["arrivals"], sorted(first.values())
    told = [arrivals[name] and clock.milliseconds(datetime.fromisoformat(arrivals[name])) for name in ("first", "last")]
    assert told == ([stamps[0], stamps[-1]] if stamps else [None, None])
    assert (arrivals["median"] is None) == (not stamps)
    if stamps:
        assert clock.milliseconds(datetime.fromisoformat(arrivals["median"])) == int(median(stamps))
    bins = Counter(map(bin_of, stamps))
    assert {start: count for start, count in arrivals["bins"] if count} == bins
    highest = min((at for at, people in bins.items() if people == max(bins.values())), default=None)
    assert arrivals["peak"] == (highest and {"at": highest, "count": bins[highest]})


def bin_of(stamp: int) -> str:
    local = clock.from_milliseconds(stamp).astimezone(ZONE)
    return f"{local:%Y-%m-%dT%H}:{local.minute // 5 * 5:02}"


GUESTS = st.lists(
    st.tuples(*map(st.sampled_from, ((1, 2), ("tg", "ru"), (None, "x"), (None, True, False)))), max_size=20
)


@given(GUESTS)
def test_groups_are_those_who_came_and_small_ones_are_one(came: list[tuple[int, str, str | None, bool | None]]) -> None:
    away = (1, "tg", "x", True)
    people = [guest(number, *one) for number, one in enumerate([*came, away])]
    made = [arrival(one.ticket_id) for one in people[:-1]]
    found = figures_of(people, made)["breakdowns"]
    titles, said = {1: "Hall", 2: "Gallery"}, {True: "yes", False: "no", None: "not_stated"}
    kinds = {kind if kind == "other" else kind["en"]: count for kind, count in found["ticket_type"]}
    assert kinds == merged_groups(titles[kind] for kind, *_ in came)
    assert dict(found["language"]) == merged_groups(language for _, language, *_ in came)
    assert dict(found["source"]) == merged_groups(source or "not_stated" for *_, source, _ in came)
    (question,) = found["questions"]
    assert question["asked"] == len(came)
    assert dict(question["groups"]) == merged_groups(said[answer] for *_, answer in came)


def guest(number: int, kind: int, language: str, source: str | None, answer: bool | None) -> Any:
    """Somebody with a place."""
    given = {"ticket_type_id": kind, "language": language, "source": source}
    times = {"confirmed_at": START - timedelta(days=1), "cancelled_at": None, "waited_at": None}
    whose = {
        "ticket_id": f"{number:016x}",
        "merged_into": None,
        "walk_in": False,
        "state": "confirmed",
        "host_id": None,
    }
    return SimpleNamespace(**whose, **times, **given, answers={} if answer is None else {"yes": answer})


def arrival(person: str) -> Fact:
    return Fact(f"scan of {person}", person, 1, "in", clock.milliseconds(START), 1, door=1)


def merged_groups(values: Iterable[str]) -> dict[str, int]:
    """The smallest groups go into one until that and every other has five people, or nobody is left outside it."""
    counts = Counter(values)
    unstated = {name: counts.pop(name) for name in ["not_stated"] if counts[name]}
    rest = 0
    while counts and min([*counts.values(), rest or SMALLEST_GROUP]) < SMALLEST_GROUP:
        rest += counts.pop(max(counts, key=lambda name: (-counts[name], name)))
    return {**counts, **unstated, **({"other": rest} if rest else {})}


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(-10, 10)), max_size=5))
def test_phones_and_those_not_heard_from(standing: list[tuple[bool, bool, int]]) -> None:
    phones = {
        number: Phone(is_paired, is_revoked, {}, [], END + timedelta(minutes=minutes))
        for number, (is_paired, is_revoked, minutes) in enumerate(standing)
    }
    told = figures_of([], [], phones=phones)["phones"]
    silent = [one for one in standing if one[0] and not one[1] and one[2] < -3]
    assert (told["all"], told["silent"]) == (len([one for one in standing if one[0]]), len(silent))
    assert len(told["not_heard"]) == len(silent)
