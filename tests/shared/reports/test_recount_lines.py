"""The lines beneath a report's totals equal a recount too, over the same random histories."""

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
from shared.door.fold import Fact
from shared.models import TicketType
from shared.reports.breakdowns import SMALLEST_GROUP
from shared.reports.figures import Figures, compile_figures
from shared.reports.ledger import Phone
from shared.scans import PAPER
from tests.shared.reports.test_recount import (
    DEVICES,
    END,
    START,
    Recount,
    event,
    has_place,
    ledger_of,
    registrations,
    scan_lists,
)

ZONE = ZoneInfo("Asia/Dushanbe")
HALF = clock.milliseconds(START + timedelta(minutes=30))
PAUSE = 300_000
"""Milliseconds; after a longer one there was no queue."""


def figures_of(people: list[Any], scans: list[Fact], **more: Any) -> Figures:
    return compile_figures(event(), replace(ledger_of(people, scans), **more))


def recounted(people: list[Any], scans: list[Fact]) -> Recount:
    return Recount().follow(scans, {person.ticket_id: person.merged_into for person in people if person.merged_into})


@given(registrations())
def test_who_cancelled_and_who_waited(people: list[Any]) -> None:
    figures = figures_of(people, [])
    withdrew = [person for person in people if not person.walk_in and person.confirmed_at and person.cancelled_at]
    before = [START - person.cancelled_at for person in withdrew if person.cancelled_at < START]
    assert figures["cancelled"] == {"all": len(before), "late": sum(notice < timedelta(days=1) for notice in before)}
    waited = [person for person in people if person.waited_at]
    assert figures["waitlisted"] == len(waited)
    assert figures["promoted"] == len([person for person in waited if person.confirmed_at])


@given(registrations(), scan_lists())
def test_who_came_without_a_place_and_why(people: list[Any], scans: list[Fact]) -> None:
    kinds = {"all": 0, "at_door": 0, "waiting": 0, "cancelled": 0, "unconfirmed": 0, "unlisted": 0}
    known = {person.ticket_id: person for person in people}
    attended = recounted(people, scans).persons()
    for person in attended:
        registration = known.get(person)
        if registration and has_place(registration):
            continue
        late = registration and registration.state == "confirmed" and not registration.walk_in
        kinds["all"] += 1
        why = (
            "unlisted"
            if registration is None
            else "at_door"
            if registration.walk_in
            else "unconfirmed"
            if late
            else registration.state
        )
        kinds[why] += 1
    assert figures_of(people, scans)["walk_ins"] == (kinds if attended else dict.fromkeys(kinds))


@given(registrations(), scan_lists())
def test_shares_are_those_of_the_totals(people: list[Any], scans: list[Fact]) -> None:
    figures = figures_of(people, scans)
    places, away, arrivals = figures["registered"], figures["no_shows"], recounted(people, scans).came
    assert figures["no_show_rate"] == (pytest.approx(away / places, abs=1e-4) if places and arrivals else None)
    assert figures["phones"]["offline_share"] == share_of([scan.offline for scan in scans if scan.reason != PAPER])


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


@given(registrations(), scan_lists())
def test_people_inside_leave_with_the_end_of_their_session(people: list[Any], scans: list[Fact]) -> None:
    of_two = event()
    of_two.sessions[0].ends_at, of_two.grace_minutes = START + timedelta(minutes=40), 20
    empty = clock.milliseconds(START + timedelta(minutes=60))
    merged = {person.ticket_id: person.merged_into for person in people if person.merged_into}
    moves = Recount.counted(scans, merged)
    is_emptied = any(scan.at > empty for scan in moves)
    for start, count in compile_figures(of_two, ledger_of(people, scans))["arrivals"]["inside"]:
        until = clock.milliseconds(datetime.fromisoformat(start).replace(tzinfo=ZONE) + timedelta(minutes=5))
        so_far = Recount().follow([scan for scan in scans if scan.at < until or scan.kind == "undo"], merged)
        gone = {1} if is_emptied and until > empty else set()
        assert count == len({person for person, session in so_far.inside if session not in gone}), start


def conflicts(scans: list[Fact], merged: Mapping[str, str]) -> list[set[str]]:
    """Return the scans of one ticket by two phones while its person is inside; independent of the fold on purpose."""
    pairs: list[set[str]] = []
    stays: dict[Any, list[Fact]] = {}
    for scan in Recount.counted(scans, merged):
        stay = stays.setdefault(Recount.key(scan, merged), [])
        if scan.kind == "out":
            stay.clear()
            continue
        same = [earlier for earlier in stay if earlier.person == scan.person]
        if same and all(earlier.device != scan.device for earlier in same):
            pairs.append({same[0].id, scan.id})
        stay.append(scan)
    return pairs


@given(registrations(), scan_lists())
def test_conflicts_are_counted_once_and_at_each_of_their_doors(people: list[Any], scans: list[Fact]) -> None:
    merged = {person.ticket_id: person.merged_into for person in people if person.merged_into}
    figures = figures_of(people, scans)
    disputed = conflicts(scans, merged)
    assert figures["conflicts"] == len(disputed)
    assert sum(door["conflicts"] for door in figures["doors"]) == len(set().union(*disputed))


@given(registrations(), scan_lists())
def test_each_line_of_a_door_is_what_its_volunteer_saw(people: list[Any], scans: list[Fact]) -> None:
    shifts = {device: [(0, f"early {device}"), (HALF, f"late {device}")] for device in DEVICES}
    phones = {device: Phone(True, False, {}, shifts[device], END) for device in DEVICES}
    lines: dict[tuple[str, str], list[Fact]] = {}
    for scan in scans:
        who = f"{'early' if scan.at < HALF else 'late'} {scan.device}"
        lines.setdefault(("North" if scan.door == 1 else "South", who), []).append(scan)
    first = {scan.id for scan in recounted(people, scans).came.values()}
    figures = figures_of(people, scans, phones=phones)
    assert {(line["door"]["en"], line["volunteer"]) for line in figures["doors"]} == lines.keys()
    for line in figures["doors"]:
        of_line = lines[line["door"]["en"], line["volunteer"]]
        assert line["scans"] == len(of_line)
        assert line["admitted"] == len([scan for scan in of_line if scan.id in first])
        assert line["refused"] == reasons(of_line)
        assert line["seconds_between"] == pause_of(of_line)
    assert figures["refused"] == reasons(scans)


def reasons(scans: Iterable[Fact]) -> Counter[str]:
    return Counter(scan.reason or "other" for scan in scans if scan.kind == "refused")


def pause_of(scans: list[Fact]) -> float | None:
    """Return the middle pause at one phone, in seconds to a tenth."""
    stamps = sorted(scan.at for scan in scans if scan.reason != PAPER)
    pauses = [(later - earlier) / 1000 for earlier, later in pairwise(stamps)]
    short = [pause for pause in pauses if pause * 1000 <= PAUSE]
    return round(median(short), 1) if short else None


@given(registrations(), scan_lists())
def test_when_people_arrived(people: list[Any], scans: list[Fact]) -> None:
    first: dict[str, int] = {}
    for (person, _), scan in recounted(people, scans).came.items():
        if scan.reason != PAPER:
            first[person] = min(scan.at, first.get(person, scan.at))
    arrivals, stamps = figures_of(people, scans)["arrivals"], sorted(first.values())
    bounds = [
        arrivals[name] and clock.milliseconds(datetime.fromisoformat(arrivals[name])) for name in ("first", "last")
    ]
    assert bounds == ([stamps[0], stamps[-1]] if stamps else [None, None])
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
def test_groups_are_those_who_came_and_small_ones_are_one(
    attendees: list[tuple[int, str, str | None, bool | None]],
) -> None:
    away = (1, "tg", "x", True)
    people = [guest(number, *answers) for number, answers in enumerate([*attendees, away])]
    scans = [arrival(person.ticket_id) for person in people[:-1]]
    breakdowns = figures_of(people, scans)["breakdowns"]
    titles, words = {1: "Hall", 2: "Gallery"}, {True: "yes", False: "no", None: "not_stated"}
    kinds = {kind if kind == "other" else kind["en"]: count for kind, count in breakdowns["ticket_type"]}
    assert kinds == merged_groups(titles[kind] for kind, *_ in attendees)
    assert dict(breakdowns["language"]) == merged_groups(language for _, language, *_ in attendees)
    assert dict(breakdowns["source"]) == merged_groups(source or "not_stated" for *_, source, _ in attendees)
    (question,) = breakdowns["questions"]
    assert question["asked"] == len(attendees)
    assert dict(question["groups"]) == merged_groups(words[answer] for *_, answer in attendees)


def guest(number: int, kind: int, language: str, source: str | None, answer: bool | None) -> Any:
    """Return a registration with a seat."""
    columns = {"ticket_type_id": kind, "language": language, "source": source}
    times = {"confirmed_at": START - timedelta(days=1), "cancelled_at": None, "waited_at": None}
    whose = {
        "ticket_id": f"{number:016x}",
        "merged_into": None,
        "walk_in": False,
        "state": "confirmed",
        "host_id": None,
    }
    return SimpleNamespace(**whose, **times, **columns, answers={} if answer is None else {"yes": answer})


def arrival(person: str) -> Fact:
    return Fact(f"scan of {person}", person, 1, "in", clock.milliseconds(START), 1, door=1)


def merged_groups(values: Iterable[str]) -> dict[str, int]:
    """Merge the smallest groups until that and every other has five people, or no one is left outside it."""
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
    figures = figures_of([], [], phones=phones)["phones"]
    silent = [phone for phone in standing if phone[0] and not phone[1] and phone[2] < -3]
    assert (figures["all"], figures["silent"]) == (len([phone for phone in standing if phone[0]]), len(silent))
    assert len(figures["not_heard"]) == len(silent)
