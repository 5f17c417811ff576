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
from shared.fold import Fact, fold
from shared.models import Event, EventSession, Question, TicketType
from shared.queries.figures import compile_figures
from shared.queries.ledger import PAPER, Ledger, Phone

START = datetime(2026, 10, 7, 13, tzinfo=clock.now().tzinfo)
END = START + timedelta(hours=2)
PEOPLE = tuple(f"{number:016x}" for number in range(8))
UNLISTED = ("f" * 16, "e" * 16)
SESSIONS = (1, 2)
DEVICES = (1, 2, 3)
REASONS = (None, None, PAPER), (None, "cancelled", "not_a_ticket")
"""Why a scan of somebody who came is noted otherwise, and why somebody was refused."""
MINUTES = st.integers(-60, 150) | st.integers(0, 7)
"""When something is scanned, from the start on; often in a few minutes, as at a real door."""
HOURS = st.integers(-60, 4).map(lambda hours: START + timedelta(hours=hours))


def event() -> Event:
    """Two sessions, two kinds of seat, one question."""
    return Event(
        id=1,
        zone="Asia/Dushanbe",
        starts_at=START,
        ends_at=END,
        capacity=5,
        headcount=None,
        grace_minutes=120,
        private=False,
        sessions=[EventSession(id=one, title={}) for one in SESSIONS],
        ticket_types=[TicketType(id=1, title={"en": "Hall"}), TicketType(id=2, title={"en": "Gallery"})],
        questions=[Question(key="yes", kind="yes_no", label={"en": "Tea"}, options=[], ticket_type_id=None)],
    )


@st.composite
def registrations(draw: st.DrawFn) -> list[Any]:
    """Somebody for each ticket: with a place, waiting, cancelled, or written down at the door."""
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
def scans(draw: st.DrawFn) -> list[Fact]:
    """What phones saw, in any order, with undos of anything."""
    made: list[Fact] = []
    for number in range(draw(st.integers(0, 25))):
        kind = draw(st.sampled_from(("in", "in", "in", "out", "refused", "undo" if made else "in")))
        target = draw(st.sampled_from(made)) if kind == "undo" else None
        at = clock.milliseconds(START + timedelta(minutes=draw(MINUTES)))
        made.append(
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
    return draw(st.permutations(made))


def ledger_of(people: list[Any], made: list[Fact]) -> Ledger:
    merged = {one.ticket_id: one.merged_into for one in people if one.merged_into}
    ordered = sorted(made, key=lambda one: (one.at, one.id))
    return Ledger(
        registrations=people,
        scans=ordered,
        folded=fold(ordered, merged),
        doors={1: {"en": "North"}, 2: {"en": "South"}},
        phones={one: Phone(True, False, {}, [(0, f"volunteer {one}")], END) for one in DEVICES},
        emails={"accepted": 0, "failed": 0, "undeliverable": 0},
        channels={},
        returning=frozenset(PEOPLE[:3]),
    )


@dataclass
class Recount:
    """Who is in at which moment, told one scan after the other; kept apart from the fold on purpose."""

    inside: set[tuple[str, int]] = field(default_factory=set)
    came: dict[tuple[str, int], Any] = field(default_factory=dict)

    def follow(self, made: list[Fact], merged: Mapping[str, str]) -> "Recount":
        for one in self.counted(made, merged):
            key = self.key(one, merged)
            if one.kind == "in":
                self.came.setdefault(key, one)
                self.inside.add(key)
            else:
                self.inside.discard(key)
        return self

    @classmethod
    def counted(cls, made: list[Fact], merged: Mapping[str, str]) -> list[Fact]:
        """The scans that stand and were not taken back, with which somebody went in or out, by time."""
        by_id = {one.id: one for one in made if one.standing}
        gone = {
            one.undoes
            for one in by_id.values()
            if one.undoes in by_id and cls.key(one, merged) == cls.key(by_id[one.undoes], merged)
        }
        left = [one for one in by_id.values() if one.id not in gone and one.kind in {"in", "out"}]
        return sorted(left, key=lambda one: (one.at, one.id))

    @staticmethod
    def key(one: Fact, merged: Mapping[str, str]) -> tuple[str, int]:
        person = str(one.person)
        return merged.get(person, person), one.session

    def persons(self, session: int | None = None) -> set[str]:
        return {person for person, part in self.came if session in {None, part}}


def has_place(one: Any) -> bool:
    """R: not a walk-in, confirmed before the end, not cancelled before the start."""
    confirmed = one.confirmed_at is not None and one.confirmed_at < END
    return not one.walk_in and confirmed and not (one.cancelled_at and one.cancelled_at < START)


@given(registrations(), scans())
def test_every_total_equals_a_recount_of_the_ledger(people: list[Any], made: list[Fact]) -> None:
    ledger = ledger_of(people, made)
    figures = compile_figures(event(), ledger)
    merged = {one.ticket_id: one.merged_into for one in people if one.merged_into}
    recount = Recount().follow(made, merged)
    expected = {one.ticket_id for one in people if has_place(one)}
    came = recount.persons()
    assert figures["registered"] == len(expected)
    if not came:
        assert_nothing_is_said_of_who_came(figures)
        return
    assert figures["attended"] == len(came & expected) <= figures["registered"]
    assert figures["no_shows"] == len(expected - came)
    assert figures["people"] == len(came) == figures["attended"] + figures["walk_ins"]["all"]
    kinds = {name: count for name, count in figures["walk_ins"].items() if name != "all"}
    assert sum(kinds.values()) == figures["walk_ins"]["all"] == len(came - expected)
    assert figures["no_show_rate"] is None or 0 <= figures["no_show_rate"] <= 1
    assert figures["capacity_use"] == round(len(came) / 5, 4)
    assert figures["returning"] == len(came & expected & set(PEOPLE[:3]))
    for part in figures["sessions"]:
        there = recount.persons(part["id"])
        assert (part["attended"], part["people"]) == (len(there & expected), len(there))


def assert_nothing_is_said_of_who_came(figures: Mapping[str, Any]) -> None:
    told = ("attended", "people", "no_shows", "no_show_rate", "capacity_use", "returning")
    assert {name: figures[name] for name in told} == dict.fromkeys(told)
    assert set(figures["walk_ins"].values()) == {None}
    assert {(one["attended"], one["people"]) for one in figures["sessions"]} == {(None, None)}


@given(registrations(), scans())
def test_attendance_is_unknown_where_no_one_was_scanned_in(people: list[Any], made: list[Fact]) -> None:
    refused = [one for one in made if one.kind == "refused"]
    figures = compile_figures(event(), ledger_of(people, refused))
    assert_nothing_is_said_of_who_came(figures)
    assert figures["registered"] == sum(map(has_place, people))
    assert sum(figures["refused"].values()) == len(refused)


@given(registrations(), scans())
def test_doors_curve_and_groups_add_up_to_the_totals(people: list[Any], made: list[Fact]) -> None:
    figures = compile_figures(event(), ledger_of(people, made))
    merged = {one.ticket_id: one.merged_into for one in people if one.merged_into}
    recount = Recount().follow(made, merged)
    doors = figures["doors"]
    assert sum(one["scans"] for one in doors) == len(made) == figures["provenance"]["scans"]
    assert sum(one["admitted"] for one in doors) == len(recount.came)
    refused = sum(one.kind == "refused" for one in made)
    assert sum(sum(one["refused"].values()) for one in doors) == sum(figures["refused"].values()) == refused
    assert sum(one["conflicts"] for one in doors) <= 2 * figures["conflicts"]
    timed = {person for (person, _), one in recount.came.items() if one.reason != PAPER}
    assert sum(count for _, count in figures["arrivals"]["bins"]) == len(timed)
    inside = figures["arrivals"]["inside"]
    assert (inside[-1][1] if inside else 0) == len({person for person, _ in recount.inside})
    assert figures["doubtful"] == sum(one.doubtful for one in made)
    for groups in (figures["breakdowns"][name] for name in ("ticket_type", "language", "source")):
        assert sum(count for _, count in groups) == (figures["attended"] or 0)
    came = {person for person, _ in recount.came}
    asked = [one for one in people if has_place(one) and one.ticket_id in came and one.host_id is None]
    [question] = figures["breakdowns"]["questions"]
    assert question["asked"] == sum(count for _, count in question["groups"]) == len(asked)
