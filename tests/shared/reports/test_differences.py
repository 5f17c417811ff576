"""The differences between two versions of a report: every changed figure, and nothing else."""

from copy import deepcopy
from typing import Any

import pytest

from shared.reports import differences as report_differences
from tests.factories import FIGURES

DAY = {"id": 7, "title": {"en": "Day one"}, "attended": 31, "people": 36}
QUESTION = {"key": "tea", "label": {"en": "Tea?"}, "asked": 31, "groups": [["yes", 20], ["no", 11]]}
BEFORE: dict[str, Any] = {
    **FIGURES,
    "note": "",
    "sessions": [DAY],
    "paces": [{"door": {"en": "North door"}, "seconds_between": 4.5}],
    "breakdowns": {
        "ticket_type": [[{"en": "Hall"}, 31]],
        "language": [["tg", 20], ["ru", 11]],
        "source": [["not_stated", 31]],
        "questions": [QUESTION],
    },
}
NORTH = {"en": "North door"}
DOORS = ("doors", "paces")


def after(path: str, value: Any) -> dict[str, Any]:
    """Return the figures with one of them changed."""
    now: Any = deepcopy(BEFORE)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    where = now
    for step in steps:
        where = where[step]
    where[last] = value
    return dict(now)


@pytest.mark.parametrize(
    ("path", "value", "name", "change"),
    [
        ("people", 37, "people", [36, 37]),
        ("headcount", 22, "headcount", [None, 22]),
        ("note", "Two doors", "note", ["", "Two doors"]),
        ("walk_ins/waiting", 2, "walk_ins.waiting", [1, 2]),
        ("walk_ins/unconfirmed", 1, "walk_ins.unconfirmed", [None, 1]),
        ("refused/cancelled", 1, "refused.cancelled", [0, 1]),
        ("arrivals/first", "later", "arrivals.first", ["2026-10-07T12:40:00+00:00", "later"]),
        ("arrivals/peak/at", "later", "arrivals.peak.at", ["2026-10-07T17:55", "later"]),
        ("arrivals/peak/count", 15, "arrivals.peak.count", [14, 15]),
        ("provenance/rule", 3, "provenance.rule", [1, 3]),
        ("sessions/0/attended", 32, "sessions.7.attended", [31, 32, {"en": "Day one"}]),
        ("sessions/0/people", 37, "sessions.7.people", [36, 37, {"en": "Day one"}]),
        ("doors/1/admitted", 17, "doors.North door.admitted", [36, 37, NORTH]),
        ("doors/1/refused", {"other_event": 1}, "doors.North door.refused.other_event", [2, 3, NORTH]),
        ("doors/1/refused", {"cancelled": 1}, "doors.North door.refused.cancelled", [0, 1, NORTH]),
        ("paces/0/seconds_between", 5, "doors.North door.seconds_between", [4.5, 5, NORTH]),
        ("breakdowns/language/0/1", 21, "breakdowns.language.tg", [20, 21, "tg"]),
        ("breakdowns/ticket_type/0/1", 32, "breakdowns.ticket_type.Hall", [31, 32, {"en": "Hall"}]),
        ("breakdowns/questions/0/groups/0/1", 21, "breakdowns.questions.tea.yes", [20, 21, {"en": "Tea?"}, "yes"]),
    ],
)
def test_a_changed_figure_is_reported_by_name(path: str, value: Any, name: str, change: list[Any]) -> None:
    assert report_differences.between(BEFORE, after(path, value)) == {name: change}


def test_nothing_differs_from_itself() -> None:
    assert report_differences.between(BEFORE, deepcopy(BEFORE)) == {}


def test_a_new_door_counts_as_zero_in_the_version_before() -> None:
    south = {**BEFORE["doors"][1], "door": {"en": "South door"}, "admitted": 1, "scans": 1}
    differences = report_differences.between(BEFORE, {**BEFORE, "doors": [*BEFORE["doors"], south]})
    assert differences["doors.South door.admitted"] == [0, 1, {"en": "South door"}]


def with_ids(figures: dict[str, Any], first: int = 1) -> dict[str, Any]:
    """Return figures as later rules write them: each door with an id of its own."""
    ids = dict(
        zip(
            dict.fromkeys(report_differences.word(door["door"]) for door in figures["doors"]),
            range(first, 9),
            strict=False,
        )
    )
    numbered = {
        name: [{"id": ids[report_differences.word(door["door"])], **door} for door in figures[name]] for name in DOORS
    }
    return {**figures, **numbered}


def test_a_door_that_was_renamed_is_the_same_door() -> None:
    before = with_ids(BEFORE)
    main = {"en": "Main door"}
    now = {**before, **{name: [{**door, "door": main} for door in before[name]] for name in DOORS}}
    assert report_differences.between(before, now) == {}
    now["doors"][1]["admitted"] += 1
    assert report_differences.between(before, now) == {"doors.1.admitted": [36, 37, main]}


def test_two_doors_of_one_name_are_two_doors() -> None:
    before, second = with_ids(BEFORE), with_ids(BEFORE, first=2)
    now = {**before, **{name: [*before[name], *second[name]] for name in DOORS}}
    differences = report_differences.between(before, now)
    assert differences.pop("doors.2.admitted") == [0, 36, NORTH]
    assert {name.partition(".")[2].partition(".")[0] for name in differences} == {"2"}


def test_doors_are_matched_by_name_beside_a_version_without_ids() -> None:
    now = with_ids(BEFORE)
    assert report_differences.between(BEFORE, now) == report_differences.between(now, BEFORE) == {}
    now["doors"][0]["scans"] += 1
    assert report_differences.between(BEFORE, now) == {"doors.North door.scans": [40, 41, NORTH]}


def test_a_missing_pace_is_unknown_and_not_zero() -> None:
    bare = {name: value for name, value in BEFORE.items() if name != "paces"}
    pace = "doors.North door.seconds_between"
    assert report_differences.between(bare, BEFORE) == {pace: [None, 4.5, NORTH]}
    assert report_differences.between(BEFORE, bare) == {pace: [4.5, None, NORTH]}
    unpaced = [*BEFORE["paces"], {"door": {"en": "South door"}, "seconds_between": None}]
    assert report_differences.between(BEFORE, {**BEFORE, "paces": unpaced}) == {}


def test_a_part_that_is_gone_keeps_its_title() -> None:
    differences = report_differences.between(BEFORE, {**BEFORE, "sessions": []})
    assert differences["sessions.7.people"] == [36, None, {"en": "Day one"}]


def test_a_door_s_volunteers_are_not_named() -> None:
    handed_over = [{**door, "volunteer": "Далер"} for door in BEFORE["doors"]]
    assert report_differences.between(BEFORE, {**BEFORE, "doors": handed_over}) == {}


def test_versions_of_an_older_rule_lack_figures() -> None:
    bare = {name: value for name, value in BEFORE.items() if name not in {"paces", "breakdowns", "phones", "note"}}
    differences = report_differences.between(bare, BEFORE)
    assert differences["phones.all"] == [None, 2]
    assert differences["breakdowns.language.tg"] == [None, 20, "tg"]
