"""The totals of every report equal a recount of its ledger, written anew here the plain way, over random histories."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared import clock
from shared.door.fold import Fact, fold
from shared.models import Event, EventSession, Question, TicketType
from shared.reports.figures import compile_figures
from shared.reports.ledger import Ledger, Phone
from shared.scans import PAPER

START = datetime(2026, 10, 7, 13, tzinfo=clock.now().tzinfo)
END = START + timedelta(hours=2)
PEOPLE = tuple(f"{number:016x}" for number in range(8))
UNLISTED = ("f" * 16, "e" * 16)
SESSIONS = (1, 2)
DEVICES = (1, 2, 3)
REASONS = (None, None, PAPER), (None, "cancelled", "not_a_ticket")
"""The reasons of a special check-in, and of a refusal."""
MINUTES = st.integers(-60, 150) | st.integers(0, 7)
"""When something is scanned, from the start on; often in a few minutes, as at a real door."""
HOURS = st.integers(-60, 4).map(lambda hours: START + timedelta(hours=hours))


def event() -> Event:
    """Return an event with two sessions, two ticket types and one question."""
    return Event(
        id=1,
        zone="Asia/Dushanbe",
        starts_at=START,
        ends_at=END,
        capacity=5,
        headcount=None,
        grace_minutes=120,
        private=False,
        sessions=[EventSession(id=session, title={}) for session in SESSIONS],
        ticket_types=[TicketType(id=1, title={"en": "Hall"}), TicketType(id=2, title={"en": "Gallery"})],
        questions=[Question(key="yes", kind="yes_no", label={"en": "Tea"}, options=[], ticket_type_id=None)],
    )


@st.composite
def registrations(draw: st.DrawFn) -> list[Any]:
    """Draw a registration for each ticket: with a seat, waiting, cancelled, or a walk-in."""
    return [draw(registration(person)) for person in PEOPLE]


@st.composite
def registration(draw: st.DrawFn, person: str) -> Any:
    walk_in = draw(st.booleans())
    confirmed = draw(HOURS) if walk_in else draw(st.none() | HOURS)
    cancelled = None if walk_in else draw(st.none() | HOURS)
    state = "cancelled" if cancelled else "confirmed" if confirmed else "waiting"
    return SimpleNamespace(
        ticket_id=person,
        host_id=draw(st.sampled_from((None, None, 1))),
        merged_into=draw(st.none() | st.sampled_from(PEOPLE[:4])) if walk_in and person in PEOPLE[4:] else None,
        walk_in=walk_in,
        state=state,
        confirmed_at=confirmed,
        cancelled_at=cancelled,
        waited_at=draw(st.none() | HOURS),
        ticket_type_id=draw(st.sampled_from((1, 2))),
        language=draw(st.sampled_from(("tg", "ru"))),
        source=draw(st.sampled_from((None, "x"))),
        answers=draw(st.sampled_from(({}, {"yes": True}, {"yes": False}))),
    )


@st.composite
def scan_lists(draw: st.DrawFn) -> list[Fact]:
    """Draw the scans of phones, in any order, with undos of any."""
    scans: list[Fact] = []
    for number in range(draw(st.integers(0, 25))):
        kind = draw(st.sampled_from(("in", "in", "in", "out", "refused", "undo" if scans else "in")))
        target = draw(st.sampled_from(scans)) if kind == "undo" else None
        at = clock.milliseconds(START + timedelta(minutes=draw(MINUTES)))
        scans.append(
            Fact(
                id=str(UUID(int=number)),
                person=target.person if target else draw(st.sampled_from((*PEOPLE, *UNLISTED))),
                session=target.session if target else draw(st.sampled_from(SESSIONS)),
                kind=kind,
                at=at,
                device=draw(st.sampled_from(DEVICES)),
                door=draw(st.sampled_from((1, 2))),
                undoes=target.id if target else None,
                reason=draw(st.sampled_from(REASONS[kind == "refused"])),
                doubtful=draw(st.booleans()),
                standing=kind != "refused" and draw(st.integers(0, 9)) > 0,
                offline=draw(st.booleans()),
            )
        )
    return draw(st.permutations(scans))


def ledger_of(people: list[Any], scans: list[Fact]) -> Ledger:
    merged = {person.ticket_id: person.merged_into for person in people if person.merged_into}
    ordered = sorted(scans, key=lambda scan: (scan.at, scan.id))
    return Ledger(
        registrations=people,
        scans=ordered,
        folded=fold(ordered, merged),
        doors={1: {"en": "North"}, 2: {"en": "South"}},
        phones={device: Phone(True, False, {}, [(0, f"volunteer {device}")], END) for device in DEVICES},
        emails={"accepted": 0, "failed": 0, "undeliverable": 0},
        channels={},
        returning=frozenset(PEOPLE[:3]),
    )


@dataclass
class Recount:
    """The people inside at each moment, counted one scan after the other; independent of the fold on purpose."""

    inside: set[tuple[str, int]] = field(default_factory=set)
    came: dict[tuple[str, int], Any] = field(default_factory=dict)

    def follow(self, scans: list[Fact], merged: Mapping[str, str]) -> "Recount":
        for scan in self.counted(scans, merged):
            key = self.key(scan, merged)
            if scan.kind == "in":
                self.came.setdefault(key, scan)
                self.inside.add(key)
            else:
                self.inside.discard(key)
        return self

    @classmethod
    def counted(cls, scans: list[Fact], merged: Mapping[str, str]) -> list[Fact]:
        """Return the scans that stand and were not undone, in or out, by time."""
        by_id = {scan.id: scan for scan in scans if scan.standing}
        gone = {
            scan.undoes
            for scan in by_id.values()
            if scan.undoes in by_id and cls.key(scan, merged) == cls.key(by_id[scan.undoes], merged)
        }
        standing = [scan for scan in by_id.values() if scan.id not in gone and scan.kind in {"in", "out"}]
        return sorted(standing, key=lambda scan: (scan.at, scan.id))

    @staticmethod
    def key(scan: Fact, merged: Mapping[str, str]) -> tuple[str, int]:
        person = str(scan.person)
        return merged.get(person, person), scan.session

    def persons(self, session: int | None = None) -> set[str]:
        return {person for person, part in self.came if session in {None, part}}


def has_place(person: Any) -> bool:
    """Return R: not a walk-in, confirmed before the end, not cancelled before the start."""
    confirmed = person.confirmed_at is not None and person.confirmed_at < END
    return not person.walk_in and confirmed and not (person.cancelled_at and person.cancelled_at < START)


@given(registrations(), scan_lists())
def test_every_total_equals_a_recount_of_the_ledger(people: list[Any], scans: list[Fact]) -> None:
    ledger = ledger_of(people, scans)
    figures = compile_figures(event(), ledger)
    merged = {person.ticket_id: person.merged_into for person in people if person.merged_into}
    recount = Recount().follow(scans, merged)
    expected = {person.ticket_id for person in people if has_place(person)}
    attended = recount.persons()
    assert figures["registered"] == len(expected)
    if not attended:
        assert_nothing_is_said_of_who_came(figures)
        return
    assert figures["attended"] == len(attended & expected) <= figures["registered"]
    assert figures["no_shows"] == len(expected - attended)
    assert figures["people"] == len(attended) == figures["attended"] + figures["walk_ins"]["all"]
    kinds = {name: count for name, count in figures["walk_ins"].items() if name != "all"}
    assert sum(kinds.values()) == figures["walk_ins"]["all"] == len(attended - expected)
    assert figures["no_show_rate"] is None or 0 <= figures["no_show_rate"] <= 1
    assert figures["capacity_use"] == round(len(attended) / 5, 4)
    assert figures["returning"] == len(attended & expected & set(PEOPLE[:3]))
    for part in figures["sessions"]:
        there = recount.persons(part["id"])
        assert (part["attended"], part["people"]) == (len(there & expected), len(there))


def assert_nothing_is_said_of_who_came(figures: Mapping[str, Any]) -> None:
    names = ("attended", "people", "no_shows", "no_show_rate", "capacity_use", "returning")
    assert {name: figures[name] for name in names} == dict.fromkeys(names)
    assert set(figures["walk_ins"].values()) == {None}
    assert {(session["attended"], session["people"]) for session in figures["sessions"]} == {(None, None)}


@given(registrations(), scan_lists())
def test_attendance_is_unknown_where_no_one_was_scanned_in(people: list[Any], scans: list[Fact]) -> None:
    refused = [scan for scan in scans if scan.kind == "refused"]
    figures = compile_figures(event(), ledger_of(people, refused))
    assert_nothing_is_said_of_who_came(figures)
    assert figures["registered"] == sum(map(has_place, people))
    assert sum(figures["refused"].values()) == len(refused)


@given(registrations(), scan_lists())
def test_doors_curve_and_groups_add_up_to_the_totals(people: list[Any], scans: list[Fact]) -> None:
    figures = compile_figures(event(), ledger_of(people, scans))
    merged = {person.ticket_id: person.merged_into for person in people if person.merged_into}
    recount = Recount().follow(scans, merged)
    doors = figures["doors"]
    assert sum(door["scans"] for door in doors) == len(scans) == figures["provenance"]["scans"]
    assert sum(door["admitted"] for door in doors) == len(recount.came)
    refused = sum(scan.kind == "refused" for scan in scans)
    assert sum(sum(door["refused"].values()) for door in doors) == sum(figures["refused"].values()) == refused
    assert sum(door["conflicts"] for door in doors) <= 2 * figures["conflicts"]
    timed = {person for (person, _), scan in recount.came.items() if scan.reason != PAPER}
    assert sum(count for _, count in figures["arrivals"]["bins"]) == len(timed)
    inside = figures["arrivals"]["inside"]
    assert (inside[-1][1] if inside else 0) == len({person for person, _ in recount.inside})
    assert figures["doubtful"] == sum(scan.doubtful for scan in scans)
    for groups in (figures["breakdowns"][name] for name in ("ticket_type", "language", "source")):
        assert sum(count for _, count in groups) == (figures["attended"] or 0)
    attended = {person for person, _ in recount.came}
    asked = [
        person for person in people if has_place(person) and person.ticket_id in attended and person.host_id is None
    ]
    [question] = figures["breakdowns"]["questions"]
    assert question["asked"] == sum(count for _, count in question["groups"]) == len(asked)
