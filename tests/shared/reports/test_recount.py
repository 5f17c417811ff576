"""The totals of every report equal a recount of its ledger, written anew here the plain way, over random histories."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given

from shared.door.fold import Fact
from shared.reports.figures import compile_figures
from shared.scans import PAPER
from tests.support.recount import PEOPLE, Recount, event, has_place, ledger_of, registrations, scan_lists


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
