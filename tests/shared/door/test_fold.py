"""The laws of the fold, on random ledgers; and the vectors that it shares with phones."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from shared.door.fold import Fact, Folded, fold

VECTORS = Path(__file__).parents[1] / "fold_vectors.json"
IDS = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(40)]
PEOPLE = ["0000000000000001", "0000000000000002", "walk-in"]
MERGED = {"walk-in": PEOPLE[0]}
UNSEEN = {"door", "reason", "doubtful", "offline"}


@st.composite
def ledgers(draw: st.DrawFn, *, undo: bool = True) -> list[Fact]:
    kinds = ["in", "in", "in", "out", "refused", *(["undo"] if undo else [])]
    return [_draw_scan(draw, IDS[number], draw(st.sampled_from(kinds))) for number in range(draw(st.integers(0, 14)))]


def _draw_scan(draw: st.DrawFn, id_: str, kind: str) -> Fact:
    return Fact(
        id=id_,
        person=draw(st.sampled_from(PEOPLE)),
        session=draw(st.integers(1, 2)),
        kind=kind,
        at=draw(st.integers(1, 8)),
        device=draw(st.integers(1, 3)),
        undoes=draw(st.sampled_from(IDS[:14])) if kind == "undo" else None,
        standing=kind != "refused" and draw(st.booleans() | st.just(True)),
    )


def written(folded: Folded) -> dict[str, object]:
    """Return a fold as a vector has it."""
    admissions = [
        {
            "person": person,
            "session": session,
            "first": entry.first.id,
            "inside": entry.inside.id if entry.inside else None,
            "left": entry.left.id if entry.left else None,
            "entries": entry.entries,
        }
        for (person, session), entry in sorted(folded.admissions.items())
    ]
    conflicts = [[earlier.id, scan.id] for earlier, scan in folded.conflicts]
    return {"admissions": admissions, "conflicts": conflicts, "repeats": [scan.id for scan in folded.repeats]}


def summary(folded: Folded) -> dict[str, object]:
    """Return a fold in a form that compares and that JSON can hold."""
    return {
        "admissions": sorted(
            [
                person,
                session,
                entry.first.id,
                entry.inside and entry.inside.id,
                entry.left and entry.left.id,
                entry.entries,
            ]
            for (person, session), entry in folded.admissions.items()
        ),
        "conflicts": sorted([earlier.id, scan.id] for earlier, scan in folded.conflicts),
        "repeats": sorted(scan.id for scan in folded.repeats),
    }


@given(ledgers(), st.data())
def test_only_the_set_of_scans_counts(scans: list[Fact], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(scans))) if scans else []
    shuffled = data.draw(st.permutations(scans + again))
    assert summary(fold(shuffled, MERGED)) == summary(fold(scans, MERGED))


@given(ledgers())
def test_an_admission_depends_on_the_scans_of_its_key_only(scans: list[Fact]) -> None:
    whole = fold(scans, MERGED)
    for key in {(MERGED.get(str(scan.person), str(scan.person)), scan.session) for scan in scans}:
        of_key = [scan for scan in scans if (MERGED.get(str(scan.person), scan.person), scan.session) == key]
        alone = fold(of_key, MERGED)
        assert alone.admissions.get(key) == whole.admissions.get(key)


@given(ledgers(undo=False), st.data())
def test_without_undo_admissions_stay_and_first_only_moves_earlier(scans: list[Fact], data: st.DataObject) -> None:
    fewer = fold(scans[: data.draw(st.integers(0, len(scans)))], MERGED).admissions
    more = fold(scans, MERGED).admissions
    for key, entry in fewer.items():
        assert (more[key].first.at, more[key].first.id) <= (entry.first.at, entry.first.id)


@given(ledgers())
def test_a_scan_that_does_not_count_changes_nothing(scans: list[Fact]) -> None:
    standing = [scan for scan in scans if scan.standing]
    assert summary(fold(scans, MERGED)) == summary(fold(standing, MERGED))


SCAN = Fact(IDS[0], PEOPLE[0], 1, "in", 100, device=1)


def test_an_undone_scan_checks_no_one_in() -> None:
    undo = Fact(IDS[1], PEOPLE[0], 1, "undo", 50, device=1, undoes=IDS[0])
    assert fold([undo, SCAN]).admissions == {}


def test_an_undo_of_another_person_has_no_effect() -> None:
    undo = Fact(IDS[1], PEOPLE[1], 1, "undo", 150, device=1, undoes=IDS[0])
    assert (PEOPLE[0], 1) in fold([SCAN, undo]).admissions


def test_an_undo_of_an_undo_has_no_effect() -> None:
    undo = Fact(IDS[1], PEOPLE[0], 1, "undo", 150, device=1, undoes=IDS[0])
    assert fold([SCAN, undo, undo._replace(id=IDS[2], undoes=IDS[1])]).admissions == {}


def test_one_ticket_on_two_phones_is_a_conflict() -> None:
    second = SCAN._replace(id=IDS[1], device=2, at=200)
    assert [(a.id, b.id) for a, b in fold([SCAN, second]).conflicts] == [(IDS[0], IDS[1])]


def test_the_same_phone_again_is_a_repeat() -> None:
    assert [scan.id for scan in fold([SCAN, SCAN._replace(id=IDS[1], at=200)]).repeats] == [IDS[1]]


def test_a_walk_in_merged_into_a_ticket_counts_once() -> None:
    walk_in = SCAN._replace(id=IDS[1], person="walk-in", device=2, at=200)
    folded = fold([SCAN, walk_in], MERGED)
    assert len(folded.admissions) == 1
    assert folded.conflicts == []


def test_leaving_and_coming_back_is_two_entries() -> None:
    out = SCAN._replace(id=IDS[1], kind="out", at=200)
    back = SCAN._replace(id=IDS[2], device=2, at=300)
    entry = fold([SCAN, out, back]).admissions[PEOPLE[0], 1]
    assert (entry.entries, entry.first.id, entry.inside and entry.inside.id) == (2, IDS[0], IDS[2])


Case = Callable[[list[Fact]], bool]


def _undos(scans: list[Fact]) -> Iterator[tuple[Fact, Fact, Folded, Folded]]:
    """Yield each undo with a target, that target, and the folds with and without it."""
    by_id = {scan.id: scan for scan in scans}
    for undo in scans:
        target = by_id.get(undo.undoes or "")
        if undo.kind == "undo" and target:
            without = fold([scan for scan in scans if scan is not undo], MERGED)
            yield undo, target, fold(scans, MERGED), without


def _entries(folded: Folded) -> list[int]:
    return [entry.entries for entry in folded.admissions.values()]


def _undone_out(scans: list[Fact]) -> bool:
    return any(
        target.kind == "out"
        and summary(now) != summary(before)
        and any(entry.inside for entry in now.admissions.values())
        for _, target, now, before in _undos(scans)
    )


def _undone_first(scans: list[Fact]) -> bool:
    return any(
        key in now.admissions and now.admissions[key].first.id != entry.first.id
        for _, _, now, before in _undos(scans)
        for key, entry in before.admissions.items()
    )


def _undone_return(scans: list[Fact]) -> bool:
    return any(_entries(now) == [1] and _entries(before) == [2] for _, _, now, before in _undos(scans))


def _undone_conflict(scans: list[Fact]) -> bool:
    return any(before.conflicts and not now.conflicts and now.admissions for _, _, now, before in _undos(scans))


def _undone_as_ticket(scans: list[Fact]) -> bool:
    return any(
        undo.person != target.person and summary(now) != summary(before) for undo, target, now, before in _undos(scans)
    )


def _back_at_another_door(scans: list[Fact]) -> bool:
    folded = fold(scans, MERGED)
    return not folded.conflicts and any(
        entry.inside and entry.entries == 2 and entry.inside.device != entry.first.device
        for entry in folded.admissions.values()
    )


def _conflict_after_return(scans: list[Fact]) -> bool:
    folded = fold(scans, MERGED)
    firsts = {entry.first.id for entry in folded.admissions.values()}
    return any(earlier.id not in firsts for earlier, _ in folded.conflicts) and max(_entries(folded)) > 1


def _walk_in_leaves_for_ticket(scans: list[Fact]) -> bool:
    return any(
        entry.left and entry.left.person == "walk-in" and entry.first.person == PEOPLE[0]
        for entry in fold(scans, MERGED).admissions.values()
    )


def _conflict_of_merged(scans: list[Fact]) -> bool:
    folded = fold(scans, MERGED)
    return any(
        scan.person == "walk-in" and folded.admissions[PEOPLE[0], scan.session].first.person == PEOPLE[0]
        for _, scan in folded.conflicts
    )


def _thrice(scans: list[Fact]) -> bool:
    return 3 in _entries(fold(scans, MERGED))


CASES: dict[str, Case] = {
    "an undone out leaves the person inside": _undone_out,
    "an undone first entry makes a later one the first": _undone_first,
    "an undone return is one entry less": _undone_return,
    "an undo at one door ends the conflict": _undone_conflict,
    "an undo for the ticket takes back the walk-in's scan": _undone_as_ticket,
    "coming back at another door is no conflict": _back_at_another_door,
    "a conflict after coming back names the return": _conflict_after_return,
    "a walk-in's out lets out its ticket": _walk_in_leaves_for_ticket,
    "a merged walk-in shown at two doors is a conflict": _conflict_of_merged,
    "in and out and in and out and in is three entries": _thrice,
}
"""The case that a vector must show; `python tests/shared/door/test_fold.py` finds a ledger for each in some minutes."""

VECTORS_NOW = json.loads(VECTORS.read_text())


@pytest.mark.parametrize("name", CASES)
def test_every_case_has_its_vector(name: str) -> None:
    [vector] = [vector for vector in VECTORS_NOW if vector["name"] == name]
    assert CASES[name](_scans(vector))


def _scans(vector: dict[str, object]) -> list[Fact]:
    return [Fact(**{"undoes": None, "standing": True, **scan}) for scan in vector["scans"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("vector", VECTORS_NOW, ids=lambda vector: str(vector["name"]))
def test_the_vectors_shared_with_phones(vector: dict[str, object]) -> None:
    folded = fold(_scans(vector), vector["merged"])  # type: ignore[arg-type]
    assert written(folded) == {name: vector[name] for name in ("admissions", "conflicts", "repeats")}


def _written(scan: Fact) -> dict[str, object]:
    """Return a scan as a vector has it: the fields that the fold uses."""
    return {name: value for name, value in scan._asdict().items() if name not in UNSEEN}


def find_vector(name: str) -> dict[str, object]:
    """Find a small ledger that shows a case."""
    thorough = settings(max_examples=100_000, database=None)
    scans = find(ledgers(), CASES[name], settings=thorough, random=Random(name))
    return {"name": name, "scans": [_written(scan) for scan in scans], "merged": MERGED, **written(fold(scans, MERGED))}


def write_vectors() -> None:
    """Write the new vectors after the others, which stay as they are."""
    other_vectors = [vector for vector in VECTORS_NOW if vector["name"] not in CASES]
    VECTORS.write_text(json.dumps([*other_vectors, *map(find_vector, CASES)], indent=1) + "\n")


if __name__ == "__main__":
    write_vectors()
