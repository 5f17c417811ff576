"""What the scans of an event add up to. Server and phone (web/door/src/fold.ts) run the same function.

Laws, tested on random ledgers: the result depends on the set of scans alone, not on order, repetition or splitting; an
admission depends only on the scans of its own person and session; without undo no admission disappears and its first
scan only moves earlier.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Key = tuple[str, int]
"""A person's ticket id (or a walk-in's id) and a session."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A scan as the fold sees it. `at` is milliseconds since 1970."""

    id: str
    person: str | None
    session: int
    kind: str
    at: int
    device: int
    undoes: str | None = None
    standing: bool = True


@dataclass(slots=True)
class Entry:
    """An admission: the scan that let the person in first, and whether they are inside now.

    `moves` are the scans that changed that, in order.
    """

    first: Fact
    inside: Fact | None
    left: Fact | None = None
    entries: int = 1
    moves: list[Fact] = field(default_factory=list)
    known: dict[str, Fact] = field(default_factory=dict)
    seen: set[tuple[str, int]] = field(default_factory=set)

    def enter(self, scan: Fact) -> None:
        """Somebody came in: the scans of this stay are compared with this one."""
        person = str(scan.person)
        self.inside, self.known, self.seen = scan, {person: scan}, {(person, scan.device)}
        self.moves.append(scan)

    def leave(self, scan: Fact) -> None:
        """The person went out; somebody who is not inside cannot."""
        if self.inside:
            self.left, self.inside = scan, None
            self.moves.append(scan)


@dataclass(frozen=True, slots=True)
class Folded:
    """Admissions by key, conflicts (one ticket, two phones) as pairs of scans, and harmless repeats."""

    admissions: dict[Key, Entry]
    conflicts: list[tuple[Fact, Fact]]
    repeats: list[Fact]


def fold(scans: Iterable[Fact], merged: Mapping[str, str] | None = None) -> Folded:
    """Add up scans; `merged` names the ticket that a walk-in turned out to have, one level deep."""
    same = merged or {}
    ledger = {scan.id: scan for scan in scans if scan.standing and scan.person is not None}
    undone = {
        scan.undoes
        for scan in ledger.values()
        if scan.undoes in ledger and _key(scan, same) == _key(ledger[scan.undoes], same)
    }
    folded = Folded({}, [], [])
    for scan in sorted(ledger.values(), key=lambda scan: (scan.at, scan.id)):
        if scan.kind in {"in", "out"} and scan.id not in undone:
            _add(folded, scan, _key(scan, same))
    return folded


def _key(scan: Fact, merged: Mapping[str, str]) -> Key:
    person = str(scan.person)
    return merged.get(person, person), scan.session


def _add(folded: Folded, scan: Fact, key: Key) -> None:
    entry = folded.admissions.get(key)
    if scan.kind == "out":
        if entry:
            entry.leave(scan)
    elif entry is None:
        entry = folded.admissions[key] = Entry(scan, scan)
        entry.enter(scan)
    elif entry.inside is None:
        entry.entries += 1
        entry.enter(scan)
    else:
        _compare(folded, scan, entry)


def _compare(folded: Folded, scan: Fact, entry: Entry) -> None:
    person = str(scan.person)
    if person in entry.known and (person, scan.device) not in entry.seen:
        folded.conflicts.append((entry.known[person], scan))
    else:
        folded.repeats.append(scan)
    entry.known.setdefault(person, scan)
    entry.seen.add((person, scan.device))
