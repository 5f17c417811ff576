"""The figures of a report, counted in another way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from shared import clock
from shared.door.fold import Fact, fold
from shared.models import Event, EventSession, Question, TicketType
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
