"""The fold: what the scans of an event add up to. Server and phone (web/door/src/lib/fold.ts) run the same function.

Laws, tested on random ledgers: the result depends only on the set of scans, not on order, repetition or splitting; an
admission depends only on the scans of its own person and session; without undo no admission disappears and its first
scan only moves earlier.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from shared.scans import MOVES, ScanKind

Key = tuple[str, int]
"""A person's ticket id (or a walk-in's id) and a session."""


# A large event has 300,000 of them, all in memory at once: a tuple is made in a sixth of a frozen dataclass's time.
class Fact(NamedTuple):
    """A scan. `at` is milliseconds since 1970; the fold ignores the fields from `door` on, which only figures use."""

    id: str
    person: str | None
    session: int
    kind: str
    at: int
    device: int
    undoes: str | None = None
    standing: bool = True
    door: int = 0
    reason: str | None = None
    doubtful: bool = False
    offline: bool = False


@dataclass(slots=True)
class Entry:
    """An admission: the scan that first checked the person in, and whether they are inside now.

    `others` are scans of this stay by another phone or with another ticket than the one that began it, one of each.
    """

    first: Fact
    inside: Fact | None
    left: Fact | None = None
    entries: int = 1
    others: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Folded:
    """Admissions by key, conflicts (one ticket, two phones) as pairs of scans, harmless repeats, and moves: the scans
    with which a person entered or left. Each list is in chronological order.
    """

    merged: Mapping[str, str]
    admissions: dict[Key, Entry] = field(default_factory=dict)
    conflicts: list[tuple[Fact, Fact]] = field(default_factory=list)
    repeats: list[Fact] = field(default_factory=list)
    moves: list[Fact] = field(default_factory=list)

    def key(self, scan: Fact) -> Key:
        """Return the key of the admission that a scan belongs to: a merged walk-in counts as its ticket."""
        person = scan.person or ""
        return self.merged.get(person, person), scan.session


def fold(scans: Iterable[Fact], merged: Mapping[str, str] | None = None) -> Folded:
    """Add up scans. `merged` maps a walk-in to the ticket of the same person, one level deep."""
    folded = Folded(merged or {})
    ledger = {scan.id: scan for scan in scans if scan.standing and scan.person is not None}
    undone = {
        scan.undoes
        for scan in ledger.values()
        if scan.undoes in ledger and folded.key(scan) == folded.key(ledger[scan.undoes])
    }
    for scan in sorted(ledger.values(), key=attrgetter("at", "id")):
        if scan.kind in MOVES and scan.id not in undone:
            _add(folded, scan)
    return folded


def _add(folded: Folded, scan: Fact) -> None:
    key = folded.key(scan)
    entry = folded.admissions.get(key)
    if scan.kind == ScanKind.OUT:
        if entry is None or entry.inside is None:
            return
        entry.inside, entry.left = None, scan
    elif entry is None:
        folded.admissions[key] = Entry(scan, scan)
    elif entry.inside is None:
        entry.inside, entry.others, entry.entries = scan, (), entry.entries + 1
    else:
        _compare(folded, scan, entry, entry.inside)
        return
    folded.moves.append(scan)


def _compare(folded: Folded, scan: Fact, entry: Entry, inside: Fact) -> None:
    same_ticket = [other for other in (inside, *entry.others) if other.person == scan.person]
    if any(other.device == scan.device for other in same_ticket):
        folded.repeats.append(scan)
        return
    entry.others += (scan,)
    if same_ticket:
        folded.conflicts.append((same_ticket[0], scan))
    else:
        folded.repeats.append(scan)
