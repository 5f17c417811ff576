"""The laws of the fold, on random ledgers; and the vectors that the phone's twin is held to."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.fold import Fact, Folded, fold

VECTORS = Path(__file__).parent / "fold_vectors.json"
IDS = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(40)]
PEOPLE = ["0000000000000001", "0000000000000002", "walk-in"]
MERGED = {"walk-in": PEOPLE[0]}


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


def summary(folded: Folded) -> dict[str, object]:
    """What a fold says, in a form that compares and that JSON can hold."""
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
        "conflicts": sorted([known.id, scan.id] for known, scan in folded.conflicts),
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
        mine = [scan for scan in scans if (MERGED.get(str(scan.person), scan.person), scan.session) == key]
        alone = fold(mine, MERGED)
        assert alone.admissions.get(key) == whole.admissions.get(key)


@given(ledgers(undo=False), st.data())
def test_without_undo_admissions_stay_and_first_only_moves_earlier(scans: list[Fact], data: st.DataObject) -> None:
    fewer = fold(scans[: data.draw(st.integers(0, len(scans)))], MERGED).admissions
    more = fold(scans, MERGED).admissions
    for key, entry in fewer.items():
        assert (more[key].first.at, more[key].first.id) <= (entry.first.at, entry.first.id)


@given(ledgers())
def test_what_does_not_stand_changes_nothing(scans: list[Fact]) -> None:
    standing = [scan for scan in scans if scan.standing]
    assert summary(fold(scans, MERGED)) == summary(fold(standing, MERGED))


SCAN = Fact(IDS[0], PEOPLE[0], 1, "in", 100, device=1)


def test_an_undone_scan_lets_nobody_in() -> None:
    undo = Fact(IDS[1], PEOPLE[0], 1, "undo", 50, device=1, undoes=IDS[0])
    assert fold([undo, SCAN]).admissions == {}


def test_an_undo_of_another_person_has_no_effect() -> None:
    undo = Fact(IDS[1], PEOPLE[1], 1, "undo", 150, device=1, undoes=IDS[0])
    assert (PEOPLE[0], 1) in fold([SCAN, undo]).admissions


def test_an_undo_of_an_undo_has_no_effect() -> None:
    undo = Fact(IDS[1], PEOPLE[0], 1, "undo", 150, device=1, undoes=IDS[0])
    assert fold([SCAN, undo, replace(undo, id=IDS[2], undoes=IDS[1])]).admissions == {}


def test_one_ticket_on_two_phones_is_a_conflict() -> None:
    other = replace(SCAN, id=IDS[1], device=2, at=200)
    assert [(a.id, b.id) for a, b in fold([SCAN, other]).conflicts] == [(IDS[0], IDS[1])]


def test_the_same_phone_again_is_a_repeat() -> None:
    assert [scan.id for scan in fold([SCAN, replace(SCAN, id=IDS[1], at=200)]).repeats] == [IDS[1]]


def test_a_walk_in_merged_into_a_ticket_counts_once() -> None:
    walk_in = replace(SCAN, id=IDS[1], person="walk-in", device=2, at=200)
    folded = fold([SCAN, walk_in], MERGED)
    assert len(folded.admissions) == 1
    assert folded.conflicts == []


def test_leaving_and_coming_back_is_two_entries() -> None:
    out = replace(SCAN, id=IDS[1], kind="out", at=200)
    back = replace(SCAN, id=IDS[2], device=2, at=300)
    entry = fold([SCAN, out, back]).admissions[PEOPLE[0], 1]
    assert (entry.entries, entry.first.id, entry.inside and entry.inside.id) == (2, IDS[0], IDS[2])


@pytest.mark.parametrize("vector", json.loads(VECTORS.read_text()), ids=lambda vector: str(vector["name"]))
def test_the_vectors_that_phones_are_held_to(vector: dict[str, object]) -> None:
    scans = [Fact(**{"undoes": None, "standing": True, **scan}) for scan in vector["scans"]]  # type: ignore[attr-defined]
    folded = fold(scans, vector["merged"])  # type: ignore[arg-type]
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
    assert admissions == vector["admissions"]
    assert [[known.id, scan.id] for known, scan in folded.conflicts] == vector["conflicts"]
    assert [scan.id for scan in folded.repeats] == vector["repeats"]
